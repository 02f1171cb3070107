/**
 * The gate that asks whether probabilities can be believed: whether as many frauds happen as they promise.
 *
 * The ratio of frauds promised to frauds that happened is R = sum p / sum y over the rows with a known label; 1 is right, 2 promises twice as
 * many ("calibration in the large"). Its interval is that of ln R, whose influence of a row is p_i / sum p - y_i / sum y, with rows of a
 * card or a day taken together: R * exp(+-margin).
 */
import type { OptionKinds } from '@fraudops/core';
import { showValue } from '@fraudops/core';
import type { Gate } from '../gate.js';
import { type ClusterBy, clusterMargin, clustersOf } from './cluster-error.js';
import { type EvaluatedRows, type EvaluateVersion, UNKNOWN_LABEL, countLabels, evaluated, unfit } from './evaluated-rows.js';
import { counted, figure, percent, recorded } from './figures.js';
import {
  CONFIDENCE,
  COUNT,
  type NamedGateOptions,
  NOT_NEGATIVE,
  USUAL_CONFIDENCE,
  invalid,
  optionalNumber,
  requireChoice,
  requireGateName,
  requireGateOptions,
  requireNumber,
} from './gate-options.js';

/** Options of {@link calibrationWithin}; at least one of `maximumRatio` and `maximumError`. */
export interface CalibrationWithinOptions extends NamedGateOptions {
  /** Scores must be probabilities. */
  readonly evaluate: EvaluateVersion;
  /** The ratio of frauds promised to frauds that happened must be from 1 / maximumRatio to maximumRatio; above 1, such as 1.25. */
  readonly maximumRatio?: number;
  /** What `error` gives must be at most this. */
  readonly maximumError?: number;
  /** `calibrationError` or `brierScore` of `@fraudops/train`, or any other error of probabilities, 0 or more. */
  readonly error?: (probabilities: Float64Array, labels: Uint8Array) => number;
  /** Whether the whole interval of the ratio must lie within the bound, or the ratio alone; default `interval`. */
  readonly decideBy?: 'interval' | 'estimate';
  /** How sure each end of the interval is, 0.75 to 0.9995; default 0.95. */
  readonly confidence?: number;
  /** Frauds that there must be at least, for with few the interval itself is not to be trusted; default 30. */
  readonly minimumFrauds?: number;
  /** What goes together; default: days where there are at least 20, else cards. */
  readonly by?: ClusterBy;
}

const OPTIONS: OptionKinds<CalibrationWithinOptions> = {
  evaluate: 'function',
  maximumRatio: 'checked',
  maximumError: 'checked',
  error: 'function',
  decideBy: 'checked',
  confidence: 'checked',
  minimumFrauds: 'checked',
  by: 'checked',
  name: 'checked',
};

/** Where `minimumFrauds` is left out. */
const USUAL_FRAUDS = 30;

/**
 * The candidate's probabilities must promise as many frauds as happen, within `maximumRatio`, and their error must be at most
 * `maximumError`. Refused are also too few frauds. Scores outside 0 to 1 end in GATE_ERROR.
 *
 * By default the whole interval of the ratio must lie within the bound, so rows that are too few to tell don't pass. Errors such as the
 * expected calibration error are judged as they are: chance makes them larger, never smaller than they should be on average.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when the gate is made
 * @example calibrationWithin({ evaluate, maximumRatio: 1.25, error: calibrationError, maximumError: 0.005 });
 */
export function calibrationWithin(options: CalibrationWithinOptions): Gate {
  const gate = 'calibrationWithin';
  requireGateOptions(gate, options, OPTIONS, ['evaluate']);
  const name = requireGateName(gate, options, 'calibration');
  const rule = requireRule(gate, options);
  return {
    name,
    check: async ({ candidate, signal }) => {
      const rows = knownProbabilities(await evaluated(options.evaluate, candidate, signal));
      const frauds = rows.labels.reduce((sum, label) => sum + label, 0);
      const shared = { rows: rows.labels.length, frauds, minimumFrauds: rule.minimumFrauds, fingerprint: rows.fingerprint };
      if (frauds < rule.minimumFrauds) {
        const reason = `${counted(frauds, 'fraud')} on ${counted(shared.rows, 'row')}, ${rule.minimumFrauds} are needed to judge probabilities`;
        return { gate: name, passed: false, reason, values: shared };
      }
      const findings = [ratioFinding(rows, rule), errorFinding(rows, rule)].filter((finding) => finding !== undefined);
      const reasons = findings.map(({ reason }) => reason).join('; ');
      return {
        gate: name,
        passed: findings.every(({ passed }) => passed),
        reason: `version ${candidate.version} on ${counted(shared.rows, 'row')} with ${counted(frauds, 'fraud')}: ${reasons}`,
        values: Object.assign({}, ...findings.map(({ values }) => values), shared),
      };
    },
  };
}

interface Rule {
  readonly maximumRatio: number | undefined;
  readonly maximumError: number | undefined;
  readonly error: CalibrationWithinOptions['error'];
  readonly decideBy: 'interval' | 'estimate';
  readonly confidence: number;
  readonly minimumFrauds: number;
  readonly by: ClusterBy | undefined;
}

function requireRule(gate: string, options: CalibrationWithinOptions): Rule {
  const { error } = options;
  const maximumRatio = optionalNumber(gate, 'maximumRatio', options.maximumRatio, { low: 1, high: 1e6 });
  const maximumError = optionalNumber(gate, 'maximumError', options.maximumError, NOT_NEGATIVE);
  if (maximumRatio === undefined && maximumError === undefined) {
    throw invalid(gate, 'neither options.maximumRatio nor options.maximumError is given; name at least one bound');
  }
  if ((maximumError === undefined) !== (error === undefined)) {
    throw invalid(gate, 'options.error and options.maximumError go together: the function, and what it may give at most');
  }
  return {
    maximumRatio,
    maximumError,
    error,
    decideBy: requireChoice(gate, 'decideBy', options.decideBy, ['interval', 'estimate']),
    confidence: requireNumber(gate, 'confidence', options.confidence, CONFIDENCE, USUAL_CONFIDENCE),
    minimumFrauds: requireNumber(gate, 'minimumFrauds', options.minimumFrauds, COUNT, USUAL_FRAUDS),
    by: options.by === undefined ? undefined : requireChoice(gate, 'by', options.by, ['day', 'entity']),
  };
}

interface Probabilities extends EvaluatedRows {
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
}

/** The rows with a known label. @throws {RegistryError} GATE_ERROR for a score that is no probability */
function knownProbabilities(rows: EvaluatedRows): Probabilities {
  const { scores, labels, times, entityCodes, fingerprint } = rows;
  const { frauds, genuine } = countLabels(labels);
  const known = new Uint32Array(frauds + genuine);
  let place = 0;
  for (let row = 0; row < scores.length; row++) {
    if (!(scores[row]! >= 0 && scores[row]! <= 1)) {
      throw unfit(`scores[${row}] is ${showValue(scores[row])}, expected a probability from 0 to 1`);
    }
    if (labels[row] !== UNKNOWN_LABEL) known[place++] = row;
  }
  const take = (column: ArrayLike<number>) => Float64Array.from(known, (row) => column[row]!);
  return {
    fingerprint,
    scores: take(scores),
    labels: Uint8Array.from(known, (row) => labels[row]!),
    ...(times && { times: take(times) }),
    ...(entityCodes && { entityCodes: take(entityCodes) }),
  };
}

interface Finding {
  readonly passed: boolean;
  readonly reason: string;
  readonly values: Readonly<Record<string, number | string | null>>;
}

function ratioFinding(rows: Probabilities, { maximumRatio, decideBy, confidence, by }: Rule): Finding | undefined {
  if (maximumRatio === undefined) return undefined;
  const { scores, labels } = rows;
  const promised = scores.reduce((sum, probability) => sum + probability, 0);
  const frauds = labels.reduce((sum, label) => sum + label, 0);
  const clusters = clustersOf(rows, by);
  // Nothing promised has no logarithm; 0 is outside every bound.
  const margin =
    promised === 0 ? 0 : clusterMargin((row) => scores[row]! / promised - labels[row]! / frauds, clusters, confidence);
  const ratio = promised / frauds;
  const [low, high] = [ratio * Math.exp(-margin), ratio * Math.exp(margin)];
  const [least, most] = decideBy === 'interval' ? [low, high] : [ratio, ratio];
  const passed = least >= 1 / maximumRatio && most <= maximumRatio;
  const [from, to] = [figure(low, 1 / maximumRatio), figure(high, maximumRatio)];
  const sure = `with ${percent(confidence)} confidence at least ${from} and at most ${to}`;
  const allowed = `allowed are ${figure(1 / maximumRatio)} to ${maximumRatio}`;
  return {
    passed,
    reason: `${figure(ratio, maximumRatio)} frauds promised for each that happened, ${sure}, ${allowed}`,
    values: {
      ratio: recorded(ratio),
      ratioLow: recorded(low),
      ratioHigh: recorded(high),
      maximumRatio,
      promised,
      decideBy,
      confidence,
      by: clusters.by,
      clusters: clusters.count,
    },
  };
}

function errorFinding({ scores, labels }: Probabilities, { error, maximumError }: Rule): Finding | undefined {
  if (error === undefined || maximumError === undefined) return undefined;
  const value: unknown = error(scores, labels);
  if (typeof value !== 'number' || !(value >= 0 && Number.isFinite(value))) {
    throw unfit(`options.error gave ${showValue(value)}, expected a number of 0 or more`);
  }
  const reason = `the error is ${figure(value, maximumError)}, at most ${maximumError} is allowed`;
  return { passed: value <= maximumError, reason, values: { error: value, maximumError } };
}
