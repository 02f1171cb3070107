/**
 * The gate that asks whether those who call the model can go on as they do: with the inputs they send to the incumbent, the candidate must be
 * able to answer, and what they read from its answer must still be there.
 */
import type { OptionKinds } from '@fraudops/core';
import { isPlainObject, nearestName, showValue } from '@fraudops/core';
import type { Gate } from '../gate.js';
import type { ModelVersion } from '../model-version.js';
import { unfit } from './evaluated-rows.js';
import { counted, quoted } from './figures.js';
import { type NamedGateOptions, invalid, requireGateName, requireGateOptions } from './gate-options.js';

/** A field that a model takes or gives. */
export interface FieldLike {
  readonly name: string;
  /** Such as `double`. */
  readonly type: string;
  /** Whether it may be missing. Default: no. */
  readonly optional?: boolean;
}

/** What a version takes and gives. */
export interface SignatureLike {
  readonly inputs: readonly FieldLike[];
  readonly outputs?: readonly FieldLike[];
}

/** Options of {@link signatureCompatible}. */
export interface SignatureCompatibleOptions extends NamedGateOptions {
  /** What callers send and read, where that is known better than from the incumbent. Default: the signature of the version in the stage. */
  readonly consumer?: SignatureLike;
  /** Where a version's signature is found. Default: the one it was registered with. */
  readonly signatureOf?: (
    version: ModelVersion,
    signal: AbortSignal,
  ) => SignatureLike | undefined | Promise<SignatureLike | undefined>;
}

const OPTIONS: OptionKinds<SignatureCompatibleOptions> = { consumer: 'object', signatureOf: 'function', name: 'checked' };

/** Most fields of one kind, as of a registered signature. */
const MAX_FIELDS = 5_000;
/** Problems that a reason names. */
const MAX_NAMED = 5;

/**
 * The candidate's signature must fit what callers send and read. Refused are an input that callers send and the candidate no longer takes
 * (removed or renamed), one of another type, a new input that is not optional, and one that was optional and no longer is; an output that
 * is gone, of another type, or may now be missing. New optional inputs and new outputs pass. The order of fields doesn't count.
 *
 * A candidate without signature is refused, and so is one whose incumbent has none, for then nobody knows: say by `consumer` what callers
 * send. When no version holds the stage, any signature passes.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when the gate is made
 * @example signatureCompatible({ consumer: { inputs: [{ name: 'TX_AMOUNT', type: 'double' }] } });
 */
export function signatureCompatible(options: SignatureCompatibleOptions = {}): Gate {
  const call = 'signatureCompatible';
  requireGateOptions(call, options, OPTIONS);
  const gate = requireGateName(call, options, 'compatible signature');
  const { consumer, signatureOf = registeredSignature } = options;
  const problem = consumer && signatureProblem(consumer);
  if (problem) throw invalid(call, `options.consumer: ${problem}`);
  return {
    name: gate,
    check: async ({ candidate, incumbent, stage, signal }) => {
      const own = required(candidate, await signatureOf(candidate, signal));
      const refused = (reason: string) => ({ gate, passed: false, reason, values: { problems: 1 } });
      if (!own) return refused(`version ${candidate.version} has no signature; register it with one`);
      const known = consumer ?? (incumbent && required(incumbent, await signatureOf(incumbent, signal)));
      const taken = counted(own.inputs.length, 'input');
      if (!known) {
        if (incumbent)
          return refused(`version ${incumbent.version} in ${stage} has no signature; say by consumer what callers send`);
        const reason = `no version holds ${stage}; version ${candidate.version} takes ${taken}`;
        return { gate, passed: true, reason, values: { problems: 0, inputs: own.inputs.length } };
      }
      const against = consumer ? 'what callers send and read' : `version ${incumbent!.version}`;
      const problems = [...inputProblems(own.inputs, known.inputs), ...outputProblems(own.outputs ?? [], known.outputs ?? [])];
      const more = problems.length > MAX_NAMED ? `; and ${problems.length - MAX_NAMED} more` : '';
      const named = problems.slice(0, MAX_NAMED).join('; ') + more;
      return {
        gate,
        passed: problems.length === 0,
        reason: `version ${candidate.version} ${problems.length === 0 ? `with ${taken} fits` : 'does not fit'} ${against}${named && `: ${named}`}`,
        values: {
          problems: problems.length,
          inputs: own.inputs.length,
          knownInputs: known.inputs.length,
          against: consumer ? 'consumer' : incumbent!.version,
          ...Object.fromEntries(problems.slice(0, MAX_NAMED).map((text, i) => [`problem ${i + 1}`, text])),
        },
      };
    },
  };
}

function registeredSignature(
  version: Pick<ModelVersion, 'version'> & { readonly signature?: SignatureLike },
): SignatureLike | undefined {
  return version.signature;
}

function required({ version }: ModelVersion, signature: SignatureLike | undefined): SignatureLike | undefined {
  const problem = signature === undefined ? undefined : signatureProblem(signature);
  if (problem) throw unfit(`the signature of version ${version}: ${problem}`);
  return signature;
}

function signatureProblem(signature: unknown): string | undefined {
  if (!isPlainObject(signature)) return `it is ${showValue(signature)}, expected an object with inputs`;
  const { inputs, outputs = [] } = signature;
  return fieldsProblem('inputs', inputs) ?? fieldsProblem('outputs', outputs);
}

function fieldsProblem(what: string, fields: unknown): string | undefined {
  if (!Array.isArray(fields)) return `${what} is ${showValue(fields)}, expected an array`;
  if (fields.length > MAX_FIELDS) return `${what} has ${fields.length} fields, at most ${MAX_FIELDS} are allowed`;
  const names = new Set<string>();
  for (const [i, field] of (fields as unknown[]).entries()) {
    const isField = isPlainObject(field) && typeof field['name'] === 'string' && typeof field['type'] === 'string';
    if (!isField) return `${what}[${i}] is ${showValue(field)}, expected an object with a name and a type`;
    if (!['undefined', 'boolean'].includes(typeof field['optional'])) {
      return `${what}[${i}].optional is ${showValue(field['optional'])}, expected true or false`;
    }
    const name = field['name'] as string;
    if (names.has(name)) return `${what} has ${quoted(name)} twice`;
    names.add(name);
  }
  return undefined;
}

/** What keeps callers who send the known inputs from getting an answer. */
function inputProblems(own: readonly FieldLike[], known: readonly FieldLike[]): string[] {
  const taken = byName(own);
  const sent = byName(known);
  const isNew = own.filter(({ name }) => !sent.has(name)).map(({ name }) => name);
  const gone = known.flatMap((before) => {
    const now = taken.get(before.name);
    if (now)
      return changes(
        'input',
        before,
        now,
        before.optional === true && now.optional !== true ? 'is no longer optional' : undefined,
      );
    const renamed = nearestName(before.name, isNew);
    return [
      `input ${quoted(before.name)} is no longer taken${renamed === undefined ? '' : `; was it renamed to ${quoted(renamed)}?`}`,
    ];
  });
  const added = own.filter(({ name, optional }) => !sent.has(name) && optional !== true);
  return [...gone, ...added.map(({ name }) => `input ${quoted(name)} is new and not optional, and nobody sends it`)];
}

/** What callers who read the known outputs would miss. */
function outputProblems(own: readonly FieldLike[], known: readonly FieldLike[]): string[] {
  const given = byName(own);
  return known.flatMap((before) => {
    const now = given.get(before.name);
    if (!now) return [`output ${quoted(before.name)} is no longer given`];
    return changes('output', before, now, now.optional === true && before.optional !== true ? 'may now be missing' : undefined);
  });
}

function changes(what: string, before: FieldLike, now: FieldLike, optional: string | undefined): string[] {
  const name = quoted(before.name);
  const retyped = before.type === now.type ? [] : [`${what} ${name} is ${quoted(now.type)} and was ${quoted(before.type)}`];
  return [...retyped, ...(optional === undefined ? [] : [`${what} ${name} ${optional}`])];
}

function byName(fields: readonly FieldLike[]): ReadonlyMap<string, FieldLike> {
  return new Map(fields.map((field) => [field.name, field]));
}
