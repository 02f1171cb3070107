import { memoryStore } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { metricAboveIncumbent, metricAtLeast, metricAtMost } from './metric-gates.js';
import { modelRegistry } from '../model-registry.js';

async function registryWith(...metrics: Record<string, number | null>[]) {
  const registry = modelRegistry(memoryStore());
  for (const values of metrics)
    await registry.register('fraud', { files: [{ path: 'a', bytes: new Uint8Array() }], metrics: values });
  return registry;
}

const by = { by: 'ana', why: 'test' };

describe('metricAtLeast', () => {
  it.each([
    [{ ap: 0.5 }, true, 'version 1 has 0.5, needs 0.5'],
    [{ ap: 0.49 }, false, 'version 1 has 0.49, needs 0.5'],
    [{ ap: null }, false, 'version 1 has no such metric, needs 0.5'],
    [{}, false, 'version 1 has no such metric, needs 0.5'],
  ])('judges %j: %s', async (metrics, passed, reason) => {
    const registry = await registryWith(metrics);
    const promotion = await registry.promote('fraud', 1, { stage: 'Production', gates: [metricAtLeast('ap', 0.5)], ...by });
    expect(promotion.gates).toEqual([
      {
        gate: 'ap at least 0.5',
        passed,
        reason,
        values: { value: (metrics as { ap?: number | null }).ap ?? null, minimum: 0.5 },
      },
    ]);
    expect(promotion.promoted).toBe(passed);
  });

  it('does not take what objects inherit for a metric', async () => {
    const registry = await registryWith({ ap: 1 });
    expect(
      await registry.promote('fraud', 1, { stage: 'Production', gates: [metricAtLeast('constructor', 0)], ...by }),
    ).toMatchObject({
      promoted: false,
    });
  });
});

describe('metricAtMost', () => {
  it.each([
    [{ loss: 0.02 }, true, 'version 1 has 0.02, needs at most 0.02'],
    [{ loss: 0.020001 }, false, 'version 1 has 0.020001, needs at most 0.02'],
    [{}, false, 'version 1 has no such metric, needs at most 0.02'],
  ])('judges %j: %s', async (metrics, passed, reason) => {
    const registry = await registryWith(metrics);
    const promotion = await registry.promote('fraud', 1, { stage: 'Production', gates: [metricAtMost('loss', 0.02)], ...by });
    expect(promotion).toMatchObject({ promoted: passed, gates: [{ gate: 'loss at most 0.02', reason }] });
  });
});

it('metric gates are made with numbers that something can miss', () => {
  for (const bound of [Number.NaN, Infinity, -Infinity, '0.5', null, undefined] as number[]) {
    expect(() => metricAtLeast('ap', bound)).toThrow(/^metricAtLeast: minimum is .*, expected a number$/);
    expect(() => metricAtMost('ap', bound)).toThrow(/^metricAtMost: maximum is /);
  }
  expect(() => metricAboveIncumbent('ap', { margin: -Infinity })).toThrow('metricAboveIncumbent: margin is -Infinity');
  expect(() => metricAboveIncumbent('ap', { margins: 0.1 } as never)).toThrow('did you mean margin?');
  expect(() => metricAtLeast('', 0)).toThrow('metricAtLeast: metric is ""');
});

describe('metricAboveIncumbent', () => {
  it.each([
    [0.61, 0.6, 0, true],
    [0.6, 0.6, 0, false],
    [0.59, 0.6, -0.02, true],
    [0.65, 0.6, 0.1, false],
    [null, 0.6, 0, false],
    [0.61, null, 0, false],
  ])('judges %s against %s with margin %s: %s', async (candidate, incumbent, margin, passed) => {
    const registry = await registryWith({ ap: incumbent }, { ap: candidate });
    const gates = [metricAboveIncumbent('ap', { margin })];
    expect(await registry.promote('fraud', 1, { stage: 'Production', gates, ...by })).toMatchObject({ promoted: true });
    expect(await registry.promote('fraud', 2, { stage: 'Production', gates, ...by })).toMatchObject({ promoted: passed });
  });
});
