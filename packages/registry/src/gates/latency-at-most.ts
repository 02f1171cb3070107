/**
 * The gate that asks whether a version answers fast enough: it is called on sample rows, one at a time, and its median and 99th percentile are
 * held against bounds.
 *
 * The first calls warm it up and don't count. Rows come in a seeded order, again and again until there are enough calls. A version that is so
 * slow that it can't make them within the budget is refused. What is measured is this machine while it does whatever else it does: leave room
 * between the bound and what is usual.
 */
import type { OptionKinds } from '@fraudops/core';
import { isArrayLike, seededRandom, showValue } from '@fraudops/core';
import type { Gate } from '../gate.js';
import type { ModelVersion } from '../model-version.js';
import { unfit } from './evaluated-rows.js';
import { counted, figure } from './figures.js';
import {
  COUNT,
  type NamedGateOptions,
  NOT_NEGATIVE,
  invalid,
  optionalNumber,
  requireGateName,
  requireGateOptions,
  requireNumber,
  requireSeed,
} from './gate-options.js';

/** Scores one row: gives the score, at once or later. */
export type ScoreRow<Row> = (row: Row) => number | Promise<number>;

/** Options of {@link latencyAtMost}; at least one of `p50Ms` and `p99Ms`. */
export interface LatencyAtMostOptions<Row> extends NamedGateOptions {
  /** Loads the version and gives what scores a row with it; loading is not measured. */
  readonly prepare: (version: ModelVersion, signal: AbortSignal) => ScoreRow<Row> | Promise<ScoreRow<Row>>;
  /** Rows as they are served; 1 or more, the more different the better. */
  readonly rows: readonly Row[];
  /** Most milliseconds of the median call. */
  readonly p50Ms?: number;
  /** Most milliseconds that 99 of 100 calls take. */
  readonly p99Ms?: number;
  /** Calls that are measured, 100 to 1,000,000; default 1,000. */
  readonly calls?: number;
  /** Calls before that; default 200. */
  readonly warmUpCalls?: number;
  /** What all calls together may take, in milliseconds; default 30,000. */
  readonly budgetMs?: number;
  /** Of the order of the rows; default 0. */
  readonly seed?: number | string;
  /** Milliseconds from any moment on, growing. Default: `performance.now`. */
  readonly nowMs?: () => number;
}

const OPTIONS: OptionKinds<LatencyAtMostOptions<unknown>> = {
  prepare: 'function',
  rows: 'array',
  p50Ms: 'checked',
  p99Ms: 'checked',
  calls: 'checked',
  warmUpCalls: 'checked',
  budgetMs: 'checked',
  seed: 'checked',
  nowMs: 'function',
  name: 'checked',
};

/** How often others get their turn, so that the gate's own time limit can end it. */
const TURN_MS = 50;

/**
 * The candidate must score rows within the bounds. A percentile is the smallest of the measured times that so many of them don't exceed. Refused
 * is also a version that can't make its calls within the budget; a score that is no number, a scorer that throws and a clock that goes back
 * end in GATE_ERROR: what answers nonsense is not fast.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when the gate is made
 * @example latencyAtMost({ prepare: async (version) => scorerOf(await registry.load('fraud', version.version)), rows, p99Ms: 5 });
 */
export function latencyAtMost<Row>(options: LatencyAtMostOptions<Row>): Gate {
  const rule = requireRule(options);
  return {
    name: rule.name,
    check: async ({ candidate, signal }) => {
      const score: unknown = await options.prepare(candidate, signal);
      if (typeof score !== 'function')
        throw unfit(`options.prepare gave ${showValue(score)}, expected a function that scores a row`);
      const measured = await measure(score as ScoreRow<Row>, options.rows, rule, signal);
      const { timesMs } = measured;
      const shared = { calls: timesMs.length, warmUpCalls: rule.warmUpCalls, rows: options.rows.length, seed: rule.seed };
      const bounds = { p50MsAllowed: rule.p50Ms ?? null, p99MsAllowed: rule.p99Ms ?? null, budgetMs: rule.budgetMs };
      if (timesMs.length < rule.calls) {
        const reason = `version ${candidate.version} made ${counted(timesMs.length, 'call')} of ${rule.calls} within ${rule.budgetMs} ms`;
        return { gate: rule.name, passed: false, reason, values: { ...shared, ...bounds } };
      }
      const sorted = timesMs.toSorted();
      const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
      const figures = [told(p50Ms, rule.p50Ms, 'half'), told(p99Ms, rule.p99Ms, '99 of 100')].join(', ');
      return {
        gate: rule.name,
        passed: (rule.p50Ms === undefined || p50Ms <= rule.p50Ms) && (rule.p99Ms === undefined || p99Ms <= rule.p99Ms),
        reason: `of ${counted(timesMs.length, 'call')} of version ${candidate.version} ${figures}`,
        values: { p50Ms, p99Ms, maxMs: sorted.at(-1)!, ...shared, ...bounds },
      };
    },
  };
}

interface Rule {
  readonly name: string;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly calls: number;
  readonly warmUpCalls: number;
  readonly budgetMs: number;
  readonly seed: number | string;
  readonly nowMs: () => number;
}

function requireRule<Row>(options: LatencyAtMostOptions<Row>): Rule {
  const gate = 'latencyAtMost';
  requireGateOptions(gate, options, OPTIONS as OptionKinds<LatencyAtMostOptions<Row>>, ['prepare']);
  if (!isArrayLike(options.rows) || options.rows.length === 0) {
    throw invalid(gate, `options.rows is ${showValue(options.rows)}, expected an array of at least one row`);
  }
  const p50Ms = optionalNumber(gate, 'p50Ms', options.p50Ms, NOT_NEGATIVE);
  const p99Ms = optionalNumber(gate, 'p99Ms', options.p99Ms, NOT_NEGATIVE);
  if (p50Ms === undefined && p99Ms === undefined) {
    throw invalid(gate, 'neither options.p50Ms nor options.p99Ms is given; name at least one bound');
  }
  return {
    name: requireGateName(gate, options, 'latency'),
    p50Ms,
    p99Ms,
    calls: requireNumber(gate, 'calls', options.calls, { low: 100, high: 1_000_000, whole: true }, 1_000),
    warmUpCalls: requireNumber(gate, 'warmUpCalls', options.warmUpCalls, { low: 0, high: 1_000_000, whole: true }, 200),
    budgetMs: requireNumber(gate, 'budgetMs', options.budgetMs, COUNT, 30_000),
    seed: requireSeed(gate, options.seed),
    nowMs: options.nowMs ?? (() => performance.now()),
  };
}

/** The times of the calls that count; fewer than asked for when the budget was used up. */
async function measure<Row>(score: ScoreRow<Row>, rows: readonly Row[], rule: Rule, signal: AbortSignal) {
  const { calls, warmUpCalls, budgetMs, nowMs } = rule;
  const order = Uint32Array.from(rows, (_, row) => row);
  seededRandom(rule.seed).shuffle(order);
  const timesMs = new Float64Array(calls);
  const startMs = nowMs();
  let turnMs = startMs;
  for (let call = 0; call < warmUpCalls + calls; call++) {
    const beforeMs = nowMs();
    if (beforeMs - startMs > budgetMs) return { timesMs: timesMs.slice(0, Math.max(0, call - warmUpCalls)) };
    if (beforeMs - turnMs > TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      turnMs = beforeMs;
    }
    const tookMs = await timedCall(score, rows[order[call % order.length]!]!, nowMs);
    if (call >= warmUpCalls) timesMs[call - warmUpCalls] = tookMs;
  }
  return { timesMs };
}

async function timedCall<Row>(score: ScoreRow<Row>, row: Row, nowMs: () => number): Promise<number> {
  const startMs = nowMs();
  const given = score(row);
  // Waiting for what is there already would measure the waiting.
  const value: unknown = typeof given === 'number' ? given : await given;
  const tookMs = nowMs() - startMs;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unfit(`the scorer gave ${showValue(value)}, expected a number`);
  if (!(tookMs >= 0)) throw unfit(`a call took ${showValue(tookMs)} ms by options.nowMs, expected 0 or more`);
  return tookMs;
}

/** The smallest value that at least so large a share of the values doesn't exceed (nearest rank). */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1]!;
}

function told(tookMs: number, allowedMs: number | undefined, which: string): string {
  const took = `${which} took at most ${figure(tookMs, allowedMs)} ms`;
  return allowedMs === undefined ? took : `${took} (allowed ${allowedMs} ms)`;
}
