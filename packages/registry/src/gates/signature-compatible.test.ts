import { describe, expect, it } from 'vitest';
import { ask, versionOf } from './asked-gates.fixture.js';
import { type FieldLike, type SignatureLike, signatureCompatible } from './signature-compatible.js';

const amount: FieldLike = { name: 'TX_AMOUNT', type: 'double' };
const night: FieldLike = { name: 'TX_DURING_NIGHT', type: 'boolean', optional: true };
const score: FieldLike = { name: 'probability', type: 'double' };
const before: SignatureLike = { inputs: [amount, night], outputs: [score] };

const judged = (own: SignatureLike | undefined, known: SignatureLike | undefined = before, options = {}) =>
  ask(signatureCompatible(options), {
    candidate: versionOf(3, { signature: own }),
    incumbent: versionOf(2, { signature: known }),
  });

describe('signatureCompatible', () => {
  it.each<[string, Partial<SignatureLike>, string]>([
    ['the same fields', {}, 'version 3 with 2 inputs fits version 2'],
    ['another order', { inputs: [night, amount] }, 'version 3 with 2 inputs fits version 2'],
    ['a new optional input', { inputs: [amount, night, { name: 'mcc', type: 'string', optional: true }] }, 'with 3 inputs fits'],
    ['a new output', { outputs: [score, { name: 'reason', type: 'string' }] }, 'fits version 2'],
    ['an input that may now be missing', { inputs: [{ ...amount, optional: true }, night] }, 'fits version 2'],
  ])('passes %s', async (_name, change, reason) => {
    const result = await judged({ ...before, ...change });
    expect(result).toMatchObject({ passed: true, values: { problems: 0, against: 2 } });
    expect(result.reason).toContain(reason);
  });

  it.each<[string, Partial<SignatureLike>, string]>([
    ['a removed input', { inputs: [amount] }, 'input "TX_DURING_NIGHT" is no longer taken'],
    [
      'a renamed input',
      { inputs: [{ ...amount, name: 'tx_amout', optional: true }, night] },
      'input "TX_AMOUNT" is no longer taken; was it renamed to "tx_amout"?',
    ],
    ['another type', { inputs: [{ ...amount, type: 'float' }, night] }, 'input "TX_AMOUNT" is "float" and was "double"'],
    [
      'a new input that is needed',
      { inputs: [amount, night, { name: 'mcc', type: 'string' }] },
      'input "mcc" is new and not optional, and nobody sends it',
    ],
    [
      'an input that is no longer optional',
      { inputs: [amount, { ...night, optional: false }] },
      'input "TX_DURING_NIGHT" is no longer optional',
    ],
    ['a removed output', { outputs: [] }, 'output "probability" is no longer given'],
    [
      'an output of another type',
      { outputs: [{ ...score, type: 'string' }] },
      'output "probability" is "string" and was "double"',
    ],
    ['an output that may be missing', { outputs: [{ ...score, optional: true }] }, 'output "probability" may now be missing'],
  ])('refuses %s', async (_name, change, problem) => {
    const result = await judged({ ...before, ...change });
    expect(result).toMatchObject({ passed: false, values: { problems: 1, 'problem 1': problem } });
    expect(result.reason).toBe(`version 3 does not fit version 2: ${problem}`);
  });

  it('tells a look-alike from the name it looks like', async () => {
    const result = await judged({ ...before, inputs: [{ ...amount, name: 'TX_АMOUNT' }, night] });
    expect(result).toMatchObject({ passed: false, values: { problems: 2 } });
  });

  it('refuses what has no signature, for nobody knows then', async () => {
    expect(await judged(undefined)).toMatchObject({ passed: false, reason: 'version 3 has no signature; register it with one' });
    const unknown = await ask(signatureCompatible(), { candidate: versionOf(3, { signature: before }) });
    expect(unknown).toMatchObject({
      passed: false,
      reason: 'version 2 in Production has no signature; say by consumer what callers send',
    });
    const consumer = { inputs: [amount] };
    expect(await judged(before, undefined as never, { consumer })).toMatchObject({
      passed: true,
      values: { against: 'consumer' },
    });
  });

  it('passes any signature where no version holds the stage, but one', async () => {
    const first = (signature: unknown) =>
      ask(signatureCompatible(), { candidate: versionOf(3, { signature }), incumbent: undefined });
    expect(await first(before)).toMatchObject({ passed: true, reason: 'no version holds Production; version 3 takes 2 inputs' });
    expect(await first(undefined)).toMatchObject({ passed: false });
  });

  it('reads signatures where it is told, and checks them', async () => {
    const read = (signature: unknown) => ask(signatureCompatible({ signatureOf: async () => signature as SignatureLike }));
    expect(await read(before)).toMatchObject({ passed: true });
    for (const [signature, problem] of [
      [5, 'it is 5, expected an object with inputs'],
      [{}, 'inputs is undefined, expected an array'],
      [{ inputs: [amount, amount] }, 'inputs has "TX_AMOUNT" twice'],
      [{ inputs: [{ name: 'a' }] }, 'inputs[0] is an object, expected an object with a name and a type'],
      [{ inputs: [], outputs: [{ ...score, optional: 'no' }] }, 'outputs[0].optional is "no", expected true or false'],
    ] as const) {
      await expect(read(signature)).rejects.toThrow(`the signature of version 3: ${problem}`);
    }
  });

  it('is bounded in what it says', async () => {
    const long = Array.from({ length: 400 }, (_, i) => ({ name: `${i}${'n'.repeat(3_000)}`, type: 't'.repeat(3_000) }));
    const { reason, values } = await judged({ inputs: [] }, { inputs: long });
    expect(reason.length).toBeLessThan(1_000);
    expect(reason).toMatch(/; and 395 more$/);
    expect(values).toMatchObject({ problems: 400, knownInputs: 400 });
  });

  it.each<[object, string]>([
    [{ consumer: { inputs: 3 } }, 'options.consumer: inputs is 3, expected an array'],
    [{ consumer: 3 }, 'options.consumer is 3, expected an object'],
    [{ costumer: before }, 'did you mean consumer?'],
  ])('refuses %j', (options, message) => expect(() => signatureCompatible(options as never)).toThrow(message));
});
