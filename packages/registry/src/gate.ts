import { z } from 'zod';
import { FIELD_LIMITS, gateValuesField, labelField, reasonField } from './bounded-fields.js';
import type { ModelVersion } from './model-version.js';
import { RegistryError } from './registry-error.js';

/**
 * A condition of a promotion. It judges the candidate, usually against the incumbent, and says why. What it decides on (rows, thresholds,
 * a person's approval) it carries itself.
 */
export interface Gate {
  /** What the gate is called in the record of the promotion; 1 to 250 characters, once in a promotion. */
  readonly name: string;
  /**
   * May be called again in the same promotion, when the log moved on meanwhile. An error that it throws ends the promotion with
   * GATE_ERROR; nothing is recorded then, since nothing was judged.
   */
  check(context: GateContext): Promise<GateResult> | GateResult;
}

/** What a gate judges. */
export interface GateContext {
  /** The version to be promoted. */
  readonly candidate: ModelVersion;
  /** The version that now holds the stage; undefined when it is empty. */
  readonly incumbent: ModelVersion | undefined;
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

/** A gate's result as it is stored. */
export const gateResultField = z.object({
  gate: labelField,
  passed: z.boolean(),
  reason: reasonField,
  values: gateValuesField.exactOptional(),
}) satisfies z.ZodType<GateResult>;

/** Checks the list of gates before any is asked. @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireGates(call: string, gates: readonly Gate[]): void {
  if (gates.length > MAX_GATES) {
    throw new RegistryError('LIMIT_EXCEEDED', `${call}: gates: ${gates.length} gates, at most ${MAX_GATES} are allowed`);
  }
  const names = new Set<string>();
  for (const { name } of gates) {
    if (typeof name !== 'string' || name.length === 0 || name.length > FIELD_LIMITS.labelLength || names.has(name)) {
      const shown = JSON.stringify(String(name).slice(0, 80));
      throw new RegistryError(
        'INVALID_ARGUMENT',
        `${call}: gate name ${shown}: expected 1 to ${FIELD_LIMITS.labelLength} characters, used by one gate only`,
        { details: { gate: shown } },
      );
    }
    names.add(name);
  }
}

/**
 * Asks all gates, one after the other, those behind a failed one too, so that the record is whole.
 *
 * @throws {RegistryError} GATE_ERROR when a gate throws or gives something that is no result
 */
export async function judge(call: string, gates: readonly Gate[], context: GateContext): Promise<GateResult[]> {
  const results: GateResult[] = [];
  for (const gate of gates) {
    let result: unknown;
    try {
      result = await gate.check(context);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RegistryError('GATE_ERROR', `${call}: gate ${gate.name} could not judge: ${reason}; nothing was changed`, {
        details: { gate: gate.name },
        cause,
      });
    }
    const parsed = gateResultField.safeParse({ ...(result as object), gate: gate.name });
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      const field = issue.path.map(String).join('.') || 'result';
      throw new RegistryError('GATE_ERROR', `${call}: gate ${gate.name} gave no valid result: ${field}: ${issue.message}`, {
        details: { gate: gate.name, field },
      });
    }
    results.push(parsed.data);
  }
  return results;
}

/** One sentence out of the results: the failures, or that all passed. */
export function summarizeGates(gates: readonly GateResult[]): string {
  const failed = gates.filter(({ passed }) => !passed);
  if (failed.length > 0) return failed.map(({ gate, reason }) => `${gate}: ${reason}`).join('; ');
  return gates.length === 0 ? 'no gates were asked for' : `passed ${gates.map(({ gate }) => gate).join(', ')}`;
}
