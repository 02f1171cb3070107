/** What does not exist: undefined where one thing is looked up, nothing in a list, NOT_FOUND for whoever needs it. */
import { memoryStore } from '@fraudops/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { collectGarbage } from './garbage-collection.js';
import { exportModelBytes } from './model-archive.js';
import { type ModelRegistry, modelRegistry } from './model-registry.js';
import { retention } from './retention.js';
import { tracker } from './tracker.js';

const by = { by: 'ana', why: 'test' };
const store = memoryStore();
async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const found: Value[] = [];
  for await (const value of values) found.push(value);
  return found;
}

const nobody = (): ModelRegistry => modelRegistry(store);

describe('a model that does not exist', () => {
  it.each([
    ['get', () => nobody().get('nothing', 1)],
    ['production', () => nobody().production('nothing')],
    ['inStage', () => nobody().inStage('nothing', 'None')],
    ['byAlias', () => nobody().byAlias('nothing', 'best')],
    ['model', () => nobody().model('nothing')],
    ['traffic', () => nobody().traffic('nothing')],
    ['getRun', () => tracker(store).getRun('nothing')],
    ['getExperiment', () => tracker(store).getExperiment('nothing')],
  ])('is undefined to %s', async (_call, call) => expect(await call()).toBeUndefined());

  it.each([
    ['versions', () => nobody().versions('nothing'), []],
    ['models', () => nobody().models(), []],
    ['head', () => nobody().head('nothing'), 0],
    ['changed', () => nobody().changed('nothing', 0), false],
    ['listRuns', () => all(tracker(store).listRuns('nothing')), []],
  ])('is nothing to %s', async (_call, call, expected) => expect(await call()).toEqual(expected));

  it.each([
    ['promote', () => nobody().promote('nothing', 1, { stage: 'Production', ...by })],
    ['rollback', () => nobody().rollback('nothing', by)],
    ['setAlias', () => nobody().setAlias('nothing', 'best', 1, by)],
    ['removeAlias', () => nobody().removeAlias('nothing', 'best', by)],
    ['describe', () => nobody().describe('nothing', { tags: { a: 'x' }, by: 'ana' })],
    ['approve', () => nobody().approve('nothing', 1, { stage: 'Production', ...by })],
    ['withdrawApproval', () => nobody().withdrawApproval('nothing', 1, { stage: 'Production', ...by })],
    ['setTraffic', () => nobody().setTraffic('nothing', { champion: 100, ...by })],
    ['deleteVersion', () => nobody().deleteVersion('nothing', 1, by)],
    ['load', () => nobody().load('nothing', 1)],
    ['lineage', () => nobody().lineage('nothing', 1)],
    ['history', () => nobody().history('nothing')],
    ['history since 0', () => nobody().history('nothing', { since: 0 })],
    ['history since 0, at most one', () => nobody().history('nothing', { since: 0, limit: 1 })],
    ['history since 1', () => nobody().history('nothing', { since: 1 })],
    ['history of a version', () => nobody().history('nothing', { version: 1 })],
    ['verify', () => nobody().verify('nothing')],
    ['exportModel', () => exportModelBytes(store, 'nothing')],
    ['retention', () => retention(nobody(), { keepLast: 1, model: 'nothing', dryRun: true })],
    ['metricHistory', () => tracker(store).metricHistory('nothing', 'loss')],
    ['loadArtifact', () => tracker(store).loadArtifact('nothing', 'a')],
    ['deleteRun', () => tracker(store).deleteRun('nothing')],
  ])('is NOT_FOUND to %s', async (_call, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await nobody().models()).toEqual([]);
  });

  it('is no trouble to who cleans up', async () => expect((await collectGarbage(store)).blobCount).toBe(0));
});

describe('a version that does not exist, or was deleted', () => {
  const registry = modelRegistry(memoryStore());
  beforeEach(async () => {
    if ((await registry.head('fraud')) > 0) return;
    for (let i = 0; i < 2; i++) await registry.register('fraud', { files: [{ path: 'a', bytes: Uint8Array.of(i) }] });
    await registry.deleteVersion('fraud', 1, by);
  });

  it.each([1, 7])('is undefined to get and NOT_FOUND to who needs it: %i', async (version) => {
    expect(await registry.get('fraud', version)).toBeUndefined();
    for (const call of [
      () => registry.load('fraud', version),
      () => registry.lineage('fraud', version),
      () => registry.promote('fraud', version, { stage: 'Staging', ...by }),
      () => registry.deleteVersion('fraud', version, by),
      () => registry.setAlias('fraud', 'best', version, by),
      () => registry.describe('fraud', { version, tags: { a: 'x' }, by: 'ana' }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  it('has its history nonetheless when it was there once', async () => {
    expect(await registry.history('fraud', { version: 1 })).toHaveLength(2);
    await expect(registry.history('fraud', { version: 7 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
