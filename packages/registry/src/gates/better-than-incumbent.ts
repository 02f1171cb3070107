/**
 * The gate that asks whether the candidate is better than the version it would displace, by more than chance.
 *
 * Both are evaluated on the same rows, which is checked and not believed: the same fingerprint, the same labels, times and cards, row by row.
 * A paired comparison then draws whole days or cards again and again (a cluster bootstrap) and gives an interval of the difference. The gate
 * looks at its lower end alone, one-sided: with confidence 0.95, of 100 candidates that are no better than `minimumDifference`, 5 pass.
 *
 * The comparison is handed in; `compareModels` of `@fraudops/train` is one, so the two packages don't need each other.
 */
import { type OptionKinds, isPlainObject, showValue } from '@fraudops/core';
import { type Gate, type GateContext, type GateResult } from '../gate.js';
import type { ModelVersion } from '../model-version.js';
import { type EvaluatedRows, type EvaluateVersion, countLabels, evaluated, unfit } from './evaluated-rows.js';
import { counted, figure, percent, recorded } from './figures.js';
import {
  ANY_NUMBER,
  CONFIDENCE,
  type NamedGateOptions,
  USUAL_CONFIDENCE,
  invalid,
  requireChoice,
  requireGateName,
  requireGateOptions,
  requireLabel,
  requireNumber,
  requireSeed,
} from './gate-options.js';

/** The same rows, scored by both versions. */
export interface PairedScores {
  readonly candidate: ArrayLike<number>;
  readonly incumbent: ArrayLike<number>;
  /** 0 or 1; 255 is unknown. */
  readonly labels: ArrayLike<number>;
  readonly times?: ArrayLike<number>;
  readonly entityCodes?: ArrayLike<number>;
  readonly amounts?: ArrayLike<number>;
}

/** What a comparison is asked. */
export interface PairedQuestion<Metric extends string> {
  readonly deciding: Metric;
  /** The other metrics to compare. */
  readonly metrics: readonly Metric[];
  readonly by?: 'day' | 'entity';
  readonly resamples: number;
  /** Share of the resamples within the interval: half of the rest lies below it, half above. */
  readonly level: number;
  readonly seed: number | string;
}

/** One metric of both versions, null where it is undefined; above 0 the candidate is better, whichever way the metric goes. */
export interface PairedDifference {
  readonly metric: string;
  readonly candidate: number | null;
  readonly incumbent: number | null;
  readonly difference: number | null;
  /** Ends of the interval of the difference. */
  readonly low: number | null;
  readonly high: number | null;
}

/** What a comparison says. */
export interface PairedAnswer {
  readonly differences: readonly PairedDifference[];
  /** What was drawn. */
  readonly by: 'day' | 'entity';
  readonly clusters: number;
  /** Rows with a known label. */
  readonly rows: number;
}

/** Compares two versions on the same rows by a paired bootstrap; `compareModels` of `@fraudops/train` is one. */
export type PairedComparison<Metric extends string> = (
  rows: PairedScores,
  question: PairedQuestion<Metric>,
) => PairedAnswer | Promise<PairedAnswer>;

/** Options of {@link betterThanIncumbent}. */
export interface BetterThanIncumbentOptions<Metric extends string> extends NamedGateOptions {
  /** Scores the rows with the candidate and with the incumbent. */
  readonly evaluate: EvaluateVersion;
  /** `compareModels` of `@fraudops/train`; for the metric `cost`, `(rows, question) => compareModels(rows, { ...question, costs })`. */
  readonly compare: PairedComparison<Metric>;
  /** Decides, such as `averagePrecision`. */
  readonly metric: Metric;
  /** How much better the candidate must be, in the metric's unit; default 0. Below 0, how much worse it may be. */
  readonly minimumDifference?: number;
  /** How sure that must be, 0.75 to 0.9995; default 0.95. */
  readonly confidence?: number;
  /** Metrics in which the candidate must not be surely worse; default none. */
  readonly noWorseIn?: readonly Metric[];
  /** What is drawn; default: the comparison's own rule. */
  readonly by?: 'day' | 'entity';
  /** 50 to 100,000; default 1,000. */
  readonly resamples?: number;
  /** Default 0. */
  readonly seed?: number | string;
  /** What becomes of a candidate when no version holds the stage; default `pass`. It is evaluated in any case. */
  readonly withoutIncumbent?: 'pass' | 'refuse';
}

const OPTIONS: OptionKinds<BetterThanIncumbentOptions<string>> = {
  evaluate: 'function',
  compare: 'function',
  metric: 'checked',
  minimumDifference: 'checked',
  confidence: 'checked',
  noWorseIn: 'array',
  by: 'checked',
  resamples: 'checked',
  seed: 'checked',
  withoutIncumbent: 'checked',
  name: 'checked',
};

/** Resamples that only find a metric's value. */
const FEWEST_RESAMPLES = 50;
/** Most metrics of `noWorseIn`. */
const MAX_FURTHER_METRICS = 20;

/**
 * The candidate must be better than the version that holds the stage, on the same rows and by more than chance: the lower end of the
 * one-sided interval of the difference must lie above `minimumDifference`. A model that is as good as the incumbent passes in at most
 * 1 - confidence of all cases. The verdict does not depend on the order in which the rows come.
 *
 * When no version holds the stage there is nothing to beat: the candidate passes, with a note, if it can be evaluated at all; put
 * `metricAtLeast` beside this gate to ask something of a first version, or say `withoutIncumbent: 'refuse'`.
 *
 * Refused are also rows that are not the same, and a difference that is undefined. What can't be evaluated ends in GATE_ERROR.
 *
 * @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED when the gate is made
 * @example
 * const gates = [betterThanIncumbent({ evaluate, compare: compareModels, metric: 'averagePrecision', minimumDifference: 0.01 })];
 */
export function betterThanIncumbent<Metric extends string>(options: BetterThanIncumbentOptions<Metric>): Gate {
  const rule = requireRule(options);
  return {
    name: rule.name,
    check: async (context) => {
      const { candidate, incumbent, signal } = context;
      const own = await evaluated(options.evaluate, candidate, signal);
      if (!incumbent) return withoutIncumbent(rule, own, context);
      const other = await evaluated(options.evaluate, incumbent, signal);
      const gap = firstGap(own, other, candidate, incumbent);
      if (gap !== undefined) {
        const values = {
          incumbentVersion: incumbent.version,
          fingerprint: own.fingerprint,
          incumbentFingerprint: other.fingerprint,
        };
        return { gate: rule.name, passed: false, reason: `the two were not judged on the same rows: ${gap}`, values };
      }
      const answer = await ask(rule, rule.resamples, pairedInOrder(own, other.scores));
      signal.throwIfAborted();
      return judge(rule, answer, { own, candidate, incumbent });
    },
  };
}

interface Rule<Metric extends string> {
  readonly name: string;
  readonly compare: PairedComparison<Metric>;
  readonly metric: Metric;
  readonly noWorseIn: readonly Metric[];
  readonly minimumDifference: number;
  readonly confidence: number;
  readonly by: 'day' | 'entity' | undefined;
  readonly resamples: number;
  readonly seed: number | string;
  readonly withoutIncumbent: 'pass' | 'refuse';
}

function requireRule<Metric extends string>(options: BetterThanIncumbentOptions<Metric>): Rule<Metric> {
  const gate = 'betterThanIncumbent';
  requireGateOptions(gate, options, OPTIONS, ['evaluate', 'compare']);
  const { noWorseIn = [] } = options;
  if (noWorseIn.length > MAX_FURTHER_METRICS) {
    throw invalid(gate, `options.noWorseIn has ${noWorseIn.length} metrics, at most ${MAX_FURTHER_METRICS} are allowed`);
  }
  for (const metric of noWorseIn) requireLabel(gate, 'noWorseIn', metric);
  const metric = requireLabel(gate, 'metric', options.metric) as Metric;
  return {
    name: requireGateName(gate, options, `better than the incumbent in ${metric}`),
    compare: options.compare,
    metric,
    noWorseIn: [...noWorseIn],
    minimumDifference: requireNumber(gate, 'minimumDifference', options.minimumDifference, ANY_NUMBER, 0),
    confidence: requireNumber(gate, 'confidence', options.confidence, CONFIDENCE, USUAL_CONFIDENCE),
    by: options.by === undefined ? undefined : requireChoice(gate, 'by', options.by, ['day', 'entity']),
    resamples: requireNumber(gate, 'resamples', options.resamples, { low: FEWEST_RESAMPLES, high: 100_000, whole: true }, 1_000),
    seed: requireSeed(gate, options.seed),
    withoutIncumbent: requireChoice(gate, 'withoutIncumbent', options.withoutIncumbent, ['pass', 'refuse']),
  };
}

/** A first version is held against itself, to see that it can be judged and what it reaches. */
async function withoutIncumbent<Metric extends string>(
  rule: Rule<Metric>,
  own: EvaluatedRows,
  { candidate, stage }: GateContext,
): Promise<GateResult> {
  const answer = await ask(rule, FEWEST_RESAMPLES, pairedInOrder(own, own.scores));
  const { candidate: value } = differenceIn(answer, rule.metric);
  const passed = rule.withoutIncumbent === 'pass' && recorded(value) !== null;
  const reached = `version ${candidate.version} has ${figure(recorded(value))} in ${rule.metric} on ${counted(answer.rows, 'row')}`;
  return {
    gate: rule.name,
    passed,
    reason: `no version holds ${stage}, so there is nothing to beat; ${reached}`,
    values: { metric: rule.metric, candidate: recorded(value), incumbent: null, rows: answer.rows, fingerprint: own.fingerprint },
  };
}

/** In which way two evaluations are not of the same rows; undefined when they are. */
function firstGap(
  own: EvaluatedRows,
  other: EvaluatedRows,
  candidate: ModelVersion,
  incumbent: ModelVersion,
): string | undefined {
  const versions = `version ${candidate.version} and version ${incumbent.version}`;
  if (own.fingerprint !== other.fingerprint) {
    return `their fingerprints are ${showValue(own.fingerprint)} and ${showValue(other.fingerprint)} for ${versions}`;
  }
  if (own.scores.length !== other.scores.length) {
    return `${counted(own.scores.length, 'row')} and ${counted(other.scores.length, 'row')} for ${versions}`;
  }
  for (const name of ['labels', 'times', 'entityCodes', 'amounts'] as const) {
    const [ours, theirs] = [own[name], other[name]];
    if (!ours && !theirs) continue;
    if (!ours || !theirs) return `${name} are known for one of ${versions} only`;
    for (let row = 0; row < ours.length; row++) {
      if (ours[row] !== theirs[row]) return `${name}[${row}] is ${ours[row]} and ${theirs[row]} for ${versions}`;
    }
  }
  return undefined;
}

/**
 * The rows in an order of their own, by time, card, label, amount and scores, so that those who read them from a database in any order get
 * the same resamples. Rows that are equal in all of these are the same to the comparison.
 */
function pairedInOrder(own: EvaluatedRows, incumbent: ArrayLike<number>): PairedScores {
  const { scores, labels, times, entityCodes, amounts } = own;
  const keys = [times, entityCodes, labels, amounts, scores, incumbent].filter((column) => column !== undefined);
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => {
    for (const key of keys) if (key[a] !== key[b]) return key[a]! - key[b]!;
    return 0;
  });
  const inOrder = (column: ArrayLike<number>) => Float64Array.from(order, (row) => column[row]!);
  return {
    candidate: inOrder(scores),
    incumbent: inOrder(incumbent),
    labels: inOrder(labels),
    ...(times && { times: inOrder(times) }),
    ...(entityCodes && { entityCodes: inOrder(entityCodes) }),
    ...(amounts && { amounts: inOrder(amounts) }),
  };
}

/** Asks the comparison, and checks its answer. */
async function ask<Metric extends string>(rule: Rule<Metric>, resamples: number, rows: PairedScores): Promise<PairedAnswer> {
  const { metric: deciding, noWorseIn: metrics, by, confidence, seed } = rule;
  // Of a two-sided interval the gate reads one end.
  const level = 2 * confidence - 1;
  const answer: unknown = await rule.compare(rows, { deciding, metrics, resamples, level, seed, ...(by && { by }) });
  const isAnswer =
    isPlainObject(answer) &&
    Array.isArray(answer['differences']) &&
    answer['differences'].every(isPlainObject) &&
    Number.isInteger(answer['clusters']) &&
    Number.isInteger(answer['rows']);
  if (!isAnswer) throw unfit(`the comparison gave ${showValue(answer)}, expected differences, by, clusters and rows`);
  return answer as unknown as PairedAnswer;
}

function differenceIn(answer: PairedAnswer, metric: string): PairedDifference {
  const found = answer.differences.find((difference) => difference.metric === metric);
  if (!found) throw unfit(`the comparison says nothing about ${metric}`);
  for (const name of ['candidate', 'incumbent', 'difference', 'low', 'high'] as const) {
    const value: unknown = found[name];
    if (value !== null && (typeof value !== 'number' || Number.isNaN(value))) {
      throw unfit(`the comparison gave ${showValue(value)} as ${name} of ${metric}, expected a number or null`);
    }
  }
  return found;
}

interface Contest {
  readonly own: EvaluatedRows;
  readonly candidate: ModelVersion;
  readonly incumbent: ModelVersion;
}

function judge<Metric extends string>(
  rule: Rule<Metric>,
  answer: PairedAnswer,
  { own, candidate, incumbent }: Contest,
): GateResult {
  const { metric, minimumDifference, confidence, resamples, seed } = rule;
  const decisive = differenceIn(answer, metric);
  const low = recorded(decisive.low);
  const worse = rule.noWorseIn.map((other) => differenceIn(answer, other)).find(({ high }) => high !== null && high < 0);
  const isBetter = low !== null && low > minimumDifference;
  const drawn = counted(answer.clusters, answer.by === 'day' ? 'day' : 'card');
  const judgedBy = `on the same ${counted(answer.rows, 'row')} of ${drawn}`;
  const verdict = worse ? worseIn(worse, confidence) : verdictOn(decisive, low, rule, isBetter);
  return {
    gate: rule.name,
    passed: isBetter && !worse,
    reason: `version ${candidate.version} against version ${incumbent.version} ${judgedBy}: ${verdict}`,
    values: {
      metric,
      candidate: recorded(decisive.candidate),
      incumbent: recorded(decisive.incumbent),
      incumbentVersion: incumbent.version,
      difference: recorded(decisive.difference),
      low,
      minimumDifference,
      confidence,
      by: answer.by,
      clusters: answer.clusters,
      rows: answer.rows,
      unknownRows: countLabels(own.labels).unknown,
      resamples,
      seed,
      fingerprint: own.fingerprint,
      ...(worse && { worseMetric: worse.metric, worseHigh: recorded(worse.high) }),
    },
  };
}

function verdictOn(
  decisive: PairedDifference,
  low: number | null,
  rule: Pick<Rule<string>, 'metric' | 'minimumDifference' | 'confidence'>,
  isBetter: boolean,
): string {
  const { metric, minimumDifference, confidence } = rule;
  const difference = recorded(decisive.difference);
  const values = `${figure(recorded(decisive.candidate))} against ${figure(recorded(decisive.incumbent))}`;
  if (difference === null || low === null) return `the difference in ${metric} is undefined (${values})`;
  const lead = `${difference < 0 ? 'worse' : 'better'} by ${figure(Math.abs(difference))} in ${metric} (${values})`;
  const sure = figure(low, minimumDifference);
  if (isBetter) return `${lead}, by more than ${sure} with ${percent(confidence)} confidence`;
  return `${lead}; with ${percent(confidence)} confidence only a difference above ${sure} is sure, above ${minimumDifference} is asked for`;
}

function worseIn({ metric, difference, high }: PairedDifference, confidence: number): string {
  const loss = `worse by ${figure(Math.abs(difference ?? 0))} in ${metric}`;
  return `${loss}, by at least ${figure(Math.abs(high ?? 0))} with ${percent(confidence)} confidence; it must not be worse there`;
}
