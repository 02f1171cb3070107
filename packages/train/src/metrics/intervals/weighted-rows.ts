import { type CardDays, cardDays, requireTransactions } from '../daily/card-precision.js';
import { type Ranking, rankScores } from '../ranking/rank-scores.js';
import type { ThresholdCounts } from '../ranking/threshold-counts.js';
import { requireAmounts, requireLabelledProbabilities, requireScoredLabels } from '../scored-labels.js';
import { TrainError } from '../../train-error.js';
import type { Clusters } from './cluster-bootstrap.js';

/** Labelled rows that were scored, with what else is known of them; row i of each array is one transaction. */
export interface JudgedRows {
  /** Higher is more suspicious. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** Epoch milliseconds UTC. */
  readonly times?: ArrayLike<number>;
  /** Card or customer, 0 or more; -1 is unknown. */
  readonly entityCodes?: ArrayLike<number>;
  /** In any one currency, 0 or more. */
  readonly amounts?: ArrayLike<number>;
}

/**
 * Rows of which each counts as often as its cluster was drawn. What doesn't depend on the weights is made once: the ranking and the cards
 * of each day.
 */
export class WeightedRows {
  readonly rows: JudgedRows;
  readonly clusters: Clusters;
  /** How often each cluster counts; written by the bootstrap between calls of a metric. */
  readonly clusterWeights: Float64Array;
  readonly #what: string;
  readonly #ranked = new Map<string, RankedWeights>();
  #cardDays: CardDays | undefined;
  #areProbabilities = false;

  /** @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE */
  constructor(
    what: string,
    rows: JudgedRows,
    clusters: Clusters,
    clusterWeights: Float64Array = new Float64Array(clusters.count).fill(1),
  ) {
    requireScoredLabels(what, rows.scores, rows.labels);
    if (rows.amounts) requireAmounts(what, rows.amounts, rows.scores.length);
    this.#what = what;
    this.rows = rows;
    this.clusters = clusters;
    this.clusterWeights = clusterWeights;
  }

  /** How often a row counts. */
  weight(row: number): number {
    return this.clusterWeights[this.clusters.codes[row]!]!;
  }

  /** Counts at every distinct score, by the weights of now; with `amounts`, of amounts. Overwritten by the next call of its kind. */
  counts(of: 'rows' | 'amounts' = 'rows'): ThresholdCounts {
    let ranked = this.#ranked.get(of);
    if (!ranked) {
      const other = this.#ranked.values().next().value;
      const ranking = other?.ranking ?? rankScores(this.#what, this.rows.scores);
      const values = of === 'amounts' ? this.amounts() : undefined;
      this.#ranked.set(of, (ranked = new RankedWeights(ranking, this.rows.labels, this.clusters.codes, values)));
    }
    return ranked.counts(this.clusterWeights);
  }

  /** @throws {TrainError} INVALID_OPTION without amounts */
  amounts(): ArrayLike<number> {
    if (this.rows.amounts) return this.rows.amounts;
    throw new TrainError('INVALID_OPTION', `${this.#what}: this metric needs amounts, and none are given; pass amounts`);
  }

  /** The scores, as probabilities. @throws {TrainError} INVALID_SCORE when one is outside 0 to 1 */
  probabilities(): ArrayLike<number> {
    const { scores, labels } = this.rows;
    if (!this.#areProbabilities) requireLabelledProbabilities(this.#what, scores, labels);
    this.#areProbabilities = true;
    return scores;
  }

  /** The cards of each day. @throws {TrainError} INVALID_OPTION without times or entities; INVALID_VALUE for missing ones */
  cardDays(): CardDays {
    if (this.#cardDays) return this.#cardDays;
    const { scores, labels, times, entityCodes } = this.rows;
    if (!times || !entityCodes) {
      throw new TrainError('INVALID_OPTION', `${this.#what}: this metric needs times and entityCodes; pass both`);
    }
    const transactions = { scores, labels, times, entityCodes };
    requireTransactions(transactions);
    return (this.#cardDays = cardDays(transactions));
  }
}

/** Labels and clusters in the order of the scores, so that counting reads memory in one direction. */
class RankedWeights {
  readonly ranking: Ranking;
  readonly #clusterAt: Int32Array;
  readonly #fraudAt: Uint8Array;
  readonly #valueAt: Float64Array | undefined;
  readonly #counts: ThresholdCounts;

  constructor(ranking: Ranking, labels: ArrayLike<number>, codes: Int32Array, values: ArrayLike<number> | undefined) {
    const { order, thresholds } = ranking;
    this.ranking = ranking;
    this.#clusterAt = Int32Array.from(order, (row) => codes[row]!);
    this.#fraudAt = Uint8Array.from(order, (row) => labels[row]!);
    this.#valueAt = values && Float64Array.from(order, (row) => values[row]!);
    this.#counts = {
      thresholds,
      truePositives: new Float64Array(thresholds.length),
      falsePositives: new Float64Array(thresholds.length),
    };
  }

  counts(clusterWeights: Float64Array): ThresholdCounts {
    const { ends } = this.ranking;
    const { truePositives, falsePositives } = this.#counts;
    const clusterAt = this.#clusterAt;
    const fraudAt = this.#fraudAt;
    const valueAt = this.#valueAt;
    let frauds = 0;
    let genuine = 0;
    let place = 0;
    for (let group = 0; group < ends.length; group++) {
      for (const end = ends[group]!; place < end; place++) {
        const weight = clusterWeights[clusterAt[place]!]! * (valueAt === undefined ? 1 : valueAt[place]!);
        if (fraudAt[place] === 1) frauds += weight;
        else genuine += weight;
      }
      truePositives[group] = frauds;
      falsePositives[group] = genuine;
    }
    return this.#counts;
  }
}
