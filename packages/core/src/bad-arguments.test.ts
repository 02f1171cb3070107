import { describe, expect, it } from 'vitest';
import { badCallFailures, functionsOf, unknownOptionFailures } from './bad-arguments.js';
import { FraudOpsError } from './errors.js';

function half(value: unknown): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new FraudOpsError('INVALID_VALUE', 'half: no number');
  return value / 2;
}

function greet(options: { name?: string }): string {
  const unknown = Object.entries(options).find(([key, value]) => key !== 'name' && value !== undefined);
  if (unknown) throw new FraudOpsError('INVALID_OPTION', `greet: options.${unknown[0]} is not an option`);
  return `hello ${options.name}`;
}

describe('functionsOf', () => {
  it('leaves classes out', () => {
    expect([...functionsOf({ half, FraudOpsError, greet, number: 1 }).keys()]).toEqual(['half', 'greet']);
  });
});

describe('badCallFailures', () => {
  it('finds nothing wrong with a function that refuses by errors of its own', async () =>
    expect(await badCallFailures(half, { args: [4] })).toEqual([]));

  it('tells of other errors, and of NaN unless it may be passed on', async () => {
    const first = (values: number[]) => values[0]! / 2;
    const failures = await badCallFailures(first as (value: unknown) => unknown, { args: [[4]] });
    expect(failures[0]).toMatch(/^0 arguments: threw TypeError/);
    const double = (value: unknown) => 2 * Number(String(value));
    expect(await badCallFailures(double, { args: [1] })).toContain('arguments[0] is NaN: gave NaN');
    expect(await badCallFailures(double, { args: [1], passesOn: true })).toEqual([]);
  });

  it('fails when the good call fails, unless that lacks more than arguments', async () => {
    await expect(badCallFailures(half, { args: ['4'] })).rejects.toThrow('half: no number');
    expect(await badCallFailures(half, { args: ['4'], lacksMore: true })).toEqual([]);
  });
});

describe('unknownOptionFailures', () => {
  it('finds nothing wrong with a function that names the option', async () =>
    expect(await unknownOptionFailures(greet as (value: unknown) => unknown, { args: [{ name: 'a' }], options: [0] })).toEqual(
      [],
    ));

  it('tells where an unknown option is taken, or refused otherwise', async () => {
    expect(await unknownOptionFailures(() => 1, { args: [{}], options: [0] })).toEqual(['arguments[0].misspelt is 1: was taken']);
    const refuse = (options: unknown) => half((options as { misspelt?: unknown }).misspelt === undefined ? 1 : 'x');
    expect(await unknownOptionFailures(refuse, { args: [{}], options: [0] })).toEqual([
      'arguments[0].misspelt is 1: INVALID_VALUE half: no number',
    ]);
  });
});
