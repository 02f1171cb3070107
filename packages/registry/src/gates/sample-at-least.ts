/**
 * The gate that asks whether there is enough to judge by: rows, frauds and days whose labels are final. A comparison on ten frauds of one
 * quiet afternoon says nothing, however well it turns out.
 */
import { type Clock, type OptionKinds, systemClock } from '@fraudops/core';
import { epochMsOf } from '../epoch-time.js';
import type { Gate, GateResult } from '../gate.js';
import { type EvaluatedRows, type EvaluateVersion, UNKNOWN_LABEL, evaluated, unfit } from './evaluated-rows.js';
import { counted, figure } from './figures.js';
import {
  COUNT,
  type NamedGateOptions,
  NOT_NEGATIVE,
  SHARE,
  invalid,
  optionalNumber,
  requireClock,
  requireGateName,
  requireGateOptions,
  requireNumber,
} from './gate-options.js';

/** Options of {@link sampleAtLeast}; at least one of `rows`, `frauds`, `genuine`, `days` and `entities`. */
export interface SampleAtLeastOptions extends NamedGateOptions {
  /** Evaluates the candidate on the rows that the other gates judge by. */
  readonly evaluate: EvaluateVersion;
  /** Rows whose label has matured and is known. All other counts are of these rows. */
  readonly rows?: number;
  readonly frauds?: number;
  readonly genuine?: number;
  /** Days (UTC) with such rows; needs times. */
  readonly days?: number;
  /** Cards or customers; needs entityCodes. */
  readonly entities?: number;
  /** Share of all rows whose label may be unknown or immature; default 1. */
  readonly maximumUnknownShare?: number;
  /** Largest share of frauds; more look like labels that were swapped. Default 0.5. */
  readonly maximumFraudShare?: number;
  /** How long a label takes to become final, such as 45 days; younger rows don't count. Needs times. Default: labels that are given are final. */
  readonly labelDelayMs?: number;
  /** Tells how old rows are, with `labelDelayMs`. Default: the machine's clock. */
  readonly clock?: Clock;
}

const OPTIONS: OptionKinds<SampleAtLeastOptions> = {
  evaluate: 'function',
  rows: 'checked',
  frauds: 'checked',
  genuine: 'checked',
  days: 'checked',
  entities: 'checked',
  maximumUnknownShare: 'checked',
  maximumFraudShare: 'checked',
  labelDelayMs: 'checked',
  clock: 'checked',
  name: 'checked',
};

/** What is counted. */
type Counted = 'rows' | 'frauds' | 'genuine' | 'days' | 'entities';

/** How a person calls it. */
const COUNTED: Readonly<Record<Counted, readonly [one: string, several: string]>> = {
  rows: ['row', 'rows'],
  frauds: ['fraud', 'frauds'],
  genuine: ['genuine row', 'genuine rows'],
  days: ['day', 'days'],
  entities: ['card', 'cards'],
};

const DAY_MS = 86_400_000;

/**
 * The rows that the candidate is judged on must be as many as asked for, with final labels. A row that is younger than `labelDelayMs` does
 * not count whatever its label: frauds become known before genuine rows do.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when the gate is made
 * @example sampleAtLeast({ evaluate, rows: 20_000, frauds: 100, days: 7, labelDelayMs: 45 * 86_400_000 });
 */
export function sampleAtLeast(options: SampleAtLeastOptions): Gate {
  const rule = requireRule(options);
  return {
    name: rule.name,
    check: async ({ candidate, signal }) => {
      const rows = await evaluated(options.evaluate, candidate, signal);
      const nowMs = rule.labelDelayMs === undefined ? undefined : epochMsOf(rule.clock);
      return judge(rule, rows, nowMs);
    },
  };
}

interface Rule {
  readonly name: string;
  readonly minima: readonly { readonly what: Counted; readonly minimum: number }[];
  readonly maximumUnknownShare: number;
  readonly maximumFraudShare: number;
  readonly labelDelayMs: number | undefined;
  readonly clock: Clock;
}

function requireRule(options: SampleAtLeastOptions): Rule {
  const gate = 'sampleAtLeast';
  requireGateOptions(gate, options, OPTIONS, ['evaluate']);
  const { clock = systemClock } = options;
  requireClock(gate, clock);
  const minima = (Object.keys(COUNTED) as Counted[]).flatMap((what) => {
    const minimum = optionalNumber(gate, what, options[what], COUNT);
    return minimum === undefined ? [] : [{ what, minimum }];
  });
  if (minima.length === 0) throw invalid(gate, `none of ${Object.keys(COUNTED).join(', ')} is given; say how many there must be`);
  return {
    name: requireGateName(gate, options, 'sample'),
    minima,
    maximumUnknownShare: requireNumber(gate, 'maximumUnknownShare', options.maximumUnknownShare, SHARE, 1),
    maximumFraudShare: requireNumber(gate, 'maximumFraudShare', options.maximumFraudShare, SHARE, 0.5),
    labelDelayMs: optionalNumber(gate, 'labelDelayMs', options.labelDelayMs, NOT_NEGATIVE),
    clock,
  };
}

function judge(rule: Rule, rows: EvaluatedRows, nowMs: number | undefined): GateResult {
  const { name, minima, maximumUnknownShare, maximumFraudShare, labelDelayMs } = rule;
  const { counts, unknownShare, fraudShare } = countMatured(rows, nowMs === undefined ? undefined : nowMs - labelDelayMs!);
  const told = (what: Counted) => counted(required(counts, what), ...COUNTED[what]);
  const problems = minima
    .filter(({ what, minimum }) => required(counts, what) < minimum)
    .map(({ what, minimum }) => `${told(what)} of ${minimum} needed`);
  if (unknownShare > maximumUnknownShare) {
    const shown = figure(unknownShare, maximumUnknownShare);
    problems.push(`the label of a share of ${shown} is not known or not final yet, at most ${maximumUnknownShare} may be`);
  }
  if (fraudShare > maximumFraudShare) {
    const shown = figure(fraudShare, maximumFraudShare);
    problems.push(`a share of ${shown} are frauds, at most ${maximumFraudShare} is believed; are the labels swapped?`);
  }
  const enough = `judged on ${minima.map(({ what }) => told(what)).join(', ')} with final labels`;
  return {
    gate: name,
    passed: problems.length === 0,
    reason: problems.length === 0 ? enough : `too little to judge by: ${problems.join('; ')}`,
    values: {
      ...counts,
      ...Object.fromEntries(minima.map(({ what, minimum }) => [`${what}Needed`, minimum])),
      unknownShare,
      maximumUnknownShare,
      fraudShare,
      maximumFraudShare,
      labelDelayMs: labelDelayMs ?? null,
      nowMs: nowMs ?? null,
      fingerprint: rows.fingerprint,
    },
  };
}

function required(found: Partial<Record<Counted, number>>, what: Counted): number {
  const count = found[what];
  if (count !== undefined) return count;
  throw unfit(`the evaluation gives no ${what === 'days' ? 'times' : 'entityCodes'}, so ${what} can't be counted`);
}

/** Counts over the rows that happened by a moment and whose label is known; undefined for all moments. */
function countMatured({ labels, times, entityCodes }: EvaluatedRows, untilMs: number | undefined) {
  if (untilMs !== undefined && !times) throw unfit('the evaluation gives no times, so nobody knows which labels are final');
  const days = new Set<number>();
  const entities = new Set<number>();
  let matured = 0;
  let frauds = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === UNKNOWN_LABEL || (untilMs !== undefined && times![row]! > untilMs)) continue;
    matured++;
    frauds += labels[row]!;
    if (times) days.add(Math.floor(times[row]! / DAY_MS));
    if (entityCodes && entityCodes[row]! >= 0) entities.add(entityCodes[row]!);
  }
  const counts = {
    rows: matured,
    frauds,
    genuine: matured - frauds,
    ...(times && { days: days.size }),
    ...(entityCodes && { entities: entities.size }),
  };
  return { counts, unknownShare: (labels.length - matured) / labels.length, fraudShare: matured === 0 ? 0 : frauds / matured };
}
