import { type FeatureSet, featureSetFromJson, scalerFromJson } from '@fraudops/features';
import { readBundle } from '@fraudops/model';
import type { Gate, GateResult, ModelRegistry } from '@fraudops/registry';
import { type Metrics, evaluateScores } from '@fraudops/train';
import { type Candidate, scoreRows } from './candidate.js';
import type { TrainingSet } from './training-set.js';

/** A metric that a promotion is decided by. */
export type DecidingMetric = 'rocAuc' | 'averagePrecision' | 'cardPrecisionAt100';

/** Options of {@link betterOnSameRows}. */
export interface SameRowsGateOptions {
  readonly registry: ModelRegistry;
  /** Name of the model in the registry. */
  readonly modelName: string;
  readonly candidate: Pick<Candidate, 'metrics'>;
  readonly featureSet: FeatureSet;
  /** The rows the candidate was judged on; neither model has been trained on them. */
  readonly test: TrainingSet;
  /** Default `averagePrecision`. */
  readonly metric?: DecidingMetric;
  /** How much better the candidate must be. Default 0, so that it must be better at all. */
  readonly margin?: number;
  /** Told how the incumbent did, each time it is judged. */
  readonly onIncumbentJudged?: (metrics: Pick<Metrics, DecidingMetric>) => void;
}

/**
 * A gate of promotion: the candidate must be better than the version that now holds the stage, both judged on the same rows. The
 * incumbent is loaded from the registry, verified, and scores those rows anew, so no number of another day or data set is compared.
 *
 * It fails when the incumbent takes other features, since then there are no same rows; such a change wants a person's decision.
 */
export function betterOnSameRows(options: SameRowsGateOptions): Gate {
  const { registry, modelName, candidate, featureSet, test, metric = 'averagePrecision', margin = 0 } = options;
  return {
    name: 'better-on-same-rows',
    async check({ incumbent }): Promise<GateResult> {
      const gate = 'better-on-same-rows';
      const own = candidate.metrics[metric];
      if (!incumbent)
        return { gate, passed: true, reason: 'nothing held the stage', values: { metric, candidate: own, incumbent: null } };
      const bundle = readBundle(await registry.load(modelName, incumbent.version));
      // Equal names are not enough: with another window behind a name, the incumbent would be judged on features it never learned.
      if (bundle.features === undefined || featureSetFromJson(bundle.features).version !== featureSet.version) {
        return {
          gate,
          passed: false,
          reason: `version ${incumbent.version} takes other features, so the two can't score the same rows`,
        };
      }
      const scaler = bundle.scaler === undefined ? undefined : scalerFromJson(bundle.scaler);
      const scores = scoreRows({ model: bundle.model, scaler }, test.matrix);
      const { rocAuc, averagePrecision, cardPrecisionAt100 } = evaluateScores({ ...test, scores });
      const incumbentMetrics = { rocAuc, averagePrecision, cardPrecisionAt100 };
      const other = incumbentMetrics[metric];
      const passed = own !== null && other !== null && own > other + margin;
      const rows = test.labels.length;
      const reason =
        `${METRIC_NAMES[metric]} ${shown(own)} against ${shown(other)} of version ${incumbent.version} on the same ` +
        `${rows.toLocaleString('en-US')} rows${margin > 0 ? `, ${margin} more was asked for` : ''}`;
      options.onIncumbentJudged?.(incumbentMetrics);
      return { gate, passed, reason, values: { metric, candidate: own, incumbent: other, rows, margin } };
    },
  };
}

/**
 * A gate of promotion: average precision must be at least `factor` times the share of frauds among the judged rows, which is what random
 * scores reach.
 */
export function betterThanChance(candidate: Pick<Candidate, 'metrics'>, factor = 5): Gate {
  return {
    name: 'better-than-chance',
    check(): GateResult {
      const { averagePrecision, prevalence } = candidate.metrics;
      const passed = averagePrecision !== null && averagePrecision >= factor * prevalence;
      const reason = `average precision ${shown(averagePrecision)}, random scores reach ${prevalence.toFixed(4)}; ${factor} times as much is asked for`;
      return { gate: 'better-than-chance', passed, reason, values: { averagePrecision, prevalence, factor } };
    },
  };
}

/** What people call the metrics. */
export const METRIC_NAMES: Readonly<Record<DecidingMetric, string>> = {
  rocAuc: 'ROC AUC',
  averagePrecision: 'average precision',
  cardPrecisionAt100: 'card precision@100',
};

function shown(value: number | null): string {
  return value === null ? 'undefined' : value.toFixed(3);
}
