import { showValue } from '@fraudops/core';
import { z } from 'zod';
import { FIELD_LIMITS, gateValuesField, labelField, parseShape, reasonField, requireObject } from './bounded-fields.js';
import type { ModelVersion } from './model-version.js';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';
import type { PromotionStage } from './stage.js';

/**
 * A condition of a promotion. It judges the candidate, usually against the incumbent, and says why. What it decides on (rows, thresholds,
 * a person's approval) it carries itself.
 */
export interface Gate {
  /** What the gate is called in the record of the promotion; 1 to 250 characters, once in a promotion. */
  readonly name: string;
  /**
   * May be called again in the same promotion, when the stage of the candidate or the incumbent changed meanwhile. An error that it
   * throws, and the time running out, end the promotion with GATE_ERROR; nothing is recorded then, since nothing was judged.
   *
   * @param context frozen, and made for this call
   */
  check(context: GateContext): Promise<GateResult> | GateResult;
}

/** What a gate judges. */
export interface GateContext {
  /** The version to be promoted. */
  readonly candidate: ModelVersion;
  /** The version that now holds the stage; undefined when it is empty. */
  readonly incumbent: ModelVersion | undefined;
  /** The stage that it is to be promoted to. */
  readonly stage: PromotionStage;
  /** Who promotes. */
  readonly by: string;
  /** Aborted when the gate has taken longer than it may, see `PromotionOptions.gateTimeoutMs`: stop then, nobody waits any more. */
  readonly signal: AbortSignal;
}

/** A gate's judgement, recorded in the event of the promotion. */
export interface GateResult {
  readonly gate: string;
  readonly passed: boolean;
  /** One sentence for the person who reads the history. */
  readonly reason: string;
  /** The numbers it was decided on. */
  readonly values?: Readonly<Record<string, number | string | boolean | null>>;
}

/** Most gates of one promotion. */
export const MAX_GATES = 50;
/** How long a gate may take unless it is said otherwise: 10 minutes. */
export const DEFAULT_GATE_TIMEOUT_MS = 600_000;
/** The longest that timers wait; beyond it they fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A gate's result as it is stored. */
export const gateResultField = z.object({
  gate: labelField,
  passed: z.boolean(),
  reason: reasonField,
  values: gateValuesField.exactOptional(),
}) satisfies z.ZodType<GateResult>;

/** Checks the list of gates before any is asked. @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireGates(call: string, gates: unknown): asserts gates is readonly Gate[] {
  if (!Array.isArray(gates)) {
    throw new RegistryError('INVALID_ARGUMENT', `${call}: gates is ${showValue(gates)}, expected an array`);
  }
  if (gates.length > MAX_GATES) {
    throw new RegistryError('LIMIT_EXCEEDED', `${call}: gates has ${gates.length} entries, at most ${MAX_GATES} are allowed`);
  }
  const names = new Set<string>();
  for (const gate of gates as Partial<Gate>[]) {
    requireObject(call, 'gate', gate);
    const { name, check } = gate;
    if (typeof name !== 'string' || name.length === 0 || name.length > FIELD_LIMITS.labelLength || names.has(name)) {
      const shown = JSON.stringify(shownValue(name));
      throw new RegistryError(
        'INVALID_ARGUMENT',
        `${call}: gate name ${shown}: expected 1 to ${FIELD_LIMITS.labelLength} characters, used by one gate only`,
        { details: { gate: shown } },
      );
    }
    if (typeof check !== 'function') {
      throw new RegistryError(
        'INVALID_ARGUMENT',
        `${call}: gate ${showValue(name)}: check is ${showValue(check)}, expected a function`,
        { details: { gate: name } },
      );
    }
    names.add(name);
  }
}

/** @throws {RegistryError} INVALID_ARGUMENT unless it is a number of milliseconds that a timer can wait */
export function requireGateTimeout(call: string, timeoutMs: unknown): asserts timeoutMs is number {
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= MAX_TIMER_MS) return;
  throw new RegistryError(
    'INVALID_ARGUMENT',
    `${call}: gateTimeoutMs is ${showValue(timeoutMs)}, expected more than 0 and at most ${MAX_TIMER_MS} milliseconds`,
    { details: { field: 'gateTimeoutMs' } },
  );
}

/**
 * Asks all gates, one after the other, those behind a failed one too, so that the record is whole. Each gets a context of its own, which
 * it can't change for the others.
 *
 * @param promotion what they judge
 * @param timeoutMs how long each gate may take
 * @throws {RegistryError} GATE_ERROR when a gate throws, takes longer, or gives something that is no result
 */
export async function judge(
  call: string,
  gates: readonly Gate[],
  promotion: Omit<GateContext, 'signal'>,
  timeoutMs: number,
): Promise<GateResult[]> {
  const results: GateResult[] = [];
  for (const gate of gates) {
    let parsed: ReturnType<typeof parseShape<typeof gateResultField>>;
    try {
      const result: unknown = await checkInTime(gate, promotion, timeoutMs);
      parsed = parseShape(gateResultField, { ...(result as object), gate: gate.name }, 'result');
    } catch (cause) {
      const reason = (cause instanceof Error ? cause.message : shownValue(cause)).slice(0, FIELD_LIMITS.reasonLength);
      throw new RegistryError(
        'GATE_ERROR',
        `${call}: gate ${showValue(gate.name)} could not judge: ${reason}; nothing was changed`,
        {
          details: { gate: gate.name },
          cause,
        },
      );
    }
    if ('problem' in parsed) {
      const message = `${call}: gate ${showValue(gate.name)} gave no valid result: ${parsed.problem}`;
      throw new RegistryError('GATE_ERROR', message, { details: { gate: gate.name, field: parsed.field } });
    }
    results.push(parsed.data);
  }
  return results;
}

/** A gate that ignores its signal is left behind: what it gives later, nobody hears. */
async function checkInTime(gate: Gate, promotion: Omit<GateContext, 'signal'>, timeoutMs: number): Promise<unknown> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`it took longer than ${timeoutMs} ms`);
      reject(error);
      controller.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([gate.check(Object.freeze({ ...promotion, signal: controller.signal })), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** One sentence out of the results: the failures, or that all passed. */
export function summarizeGates(gates: readonly GateResult[]): string {
  const failed = gates.filter(({ passed }) => !passed);
  if (failed.length > 0) return failed.map(({ gate, reason }) => `${gate}: ${reason}`).join('; ');
  return gates.length === 0 ? 'no gates were asked for' : `passed ${gates.map(({ gate }) => gate).join(', ')}`;
}
