import { memoryStore } from '@fraudops/core';
import {
  type FeatureSet,
  type OnlineFeatures,
  count,
  days,
  defineFeatures,
  defineTransactions,
  field,
  handbookFeatures,
  handbookTransactions,
} from '@fraudops/features';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { fraudBundle, promoteFiles, registryWithModel, transaction } from './bundle.fixture.js';
import { loadVersion } from './live-model.js';
import { clock, logLines, otherFeatures, start } from './started-service.fixture.js';
import { MAX_COLLECTED, WarmStates } from './warm-states.js';

describe('a version with another feature set', () => {
  const at = (minute: number, id = minute) => ({
    ...transaction,
    TRANSACTION_ID: id,
    TX_DATETIME: Date.UTC(2018, 6, 1, 10, minute),
  });

  it('is warmed up beside the old one, and misses nothing scored meanwhile', async () => {
    let finish: (online: OnlineFeatures) => void = () => {};
    const onlineFor = () => new Promise<OnlineFeatures>((resolve) => (finish = resolve));
    const { service, registry } = await start({ onlineFor, includeFeatures: true });
    await service.score(at(0));
    await promoteFiles(registry, fraudBundle({ featureSet: otherFeatures }));
    const swap = service.refresh();
    await vi.waitFor(() => expect(finish).not.toHaveLength(0));
    const during = await service.scoreBatch(Array.from({ length: 600 }, (_, i) => at(1, i)));
    expect(during.at(-1)?.modelVersion).toBe(1);
    const warmed = otherFeatures.online();
    warmed.observe({ ...at(0), TX_DATETIME: new Date(at(0).TX_DATETIME) });
    finish(warmed);
    expect(await swap).toBe(true);
    expect(await service.score(at(2))).toMatchObject({ modelVersion: 2, features: { COUNT_2DAY: 602 } });
  });

  it('can be rolled back at once, since the state before is fed on', async () => {
    const onlineFor = vi.fn(async () => otherFeatures.online());
    const { service, registry } = await start({ onlineFor, includeFeatures: true });
    await service.score(at(0));
    await promoteFiles(registry, fraudBundle({ featureSet: otherFeatures }));
    await service.refresh();
    await service.score(at(1));
    await registry.rollback('fraud', { by: 'test', why: 'worse' });
    await service.refresh();
    expect(await service.score(at(2))).toMatchObject({ modelVersion: 1, features: { CUSTOMER_ID_NB_TX_1DAY_WINDOW: 3 } });
    expect(onlineFor).toHaveBeenCalledOnce();
  });

  it('is warmed up again after a rollback when it could not follow, because transactions had other fields', async () => {
    const wider = defineTransactions({
      schema: z.object({ TX_DATETIME: z.date(), CUSTOMER_ID: z.string(), TX_AMOUNT: z.number(), COUNTRY: z.string() }),
      time: 'TX_DATETIME',
      entities: ['CUSTOMER_ID'],
    });
    const featureSet = defineFeatures(wider, {
      TX_AMOUNT: field('TX_AMOUNT'),
      COUNT_2DAY: count({ per: 'CUSTOMER_ID', windowMs: days(2) }),
    });
    const onlineFor = vi.fn((set: FeatureSet) => set.online());
    const { service, registry } = await start({ onlineFor });
    await promoteFiles(registry, fraudBundle({ featureSet }));
    await service.refresh();
    await service.score({ ...transaction, COUNTRY: 'FR' });
    await registry.rollback('fraud', { by: 'test', why: 'worse' });
    await service.refresh();
    expect(onlineFor.mock.calls.map(([set]) => set.version)).toEqual([featureSet.version, handbookFeatures.version]);
  });

  it('is refused when the warm-up fails or gives another state', async () => {
    const onlineFor = vi
      .fn<() => Promise<OnlineFeatures>>()
      .mockRejectedValueOnce(new Error('no history'))
      .mockResolvedValueOnce(handbookFeatures.online());
    const { service, registry } = await start({ onlineFor });
    await promoteFiles(registry, fraudBundle({ featureSet: otherFeatures }));
    await expect(service.refresh()).rejects.toThrow('no history');
    await expect(service.refresh()).rejects.toThrow(/onlineFor gave a state of feature set/);
    expect(service.health()).toMatchObject({ status: 'degraded', version: 1 });
  });

  it('needs no warm-up when no feature looks at history', async () => {
    const featureSet = defineFeatures(handbookTransactions, { TX_AMOUNT: field('TX_AMOUNT') });
    const { service, registry } = await start();
    await promoteFiles(registry, fraudBundle({ featureSet }));
    expect(await service.refresh()).toBe(true);
    await expect(service.score(transaction)).resolves.toMatchObject({ modelVersion: 2 });
  });

  it('leaves scores alone when the state before refuses a transaction, which drops it', async () => {
    const { logger, lines } = logLines();
    const online = handbookFeatures.online();
    const onlineFor = vi.fn((set: FeatureSet) => set.online());
    const { service, registry } = await start({ online, onlineFor, logger });
    await promoteFiles(registry, fraudBundle({ featureSet: otherFeatures }));
    await service.refresh();
    const observe = vi.spyOn(online, 'observe').mockImplementation(() => {
      throw new Error('full');
    });
    expect(await service.score(at(0))).toMatchObject({ modelVersion: 2 });
    expect(await service.score(at(1))).toMatchObject({ modelVersion: 2 });
    expect(service.decisionLog.size).toBe(2);
    expect(observe).toHaveBeenCalledOnce();
    expect(lines.filter((line) => line.includes('refused a transaction and is dropped'))).toHaveLength(1);
    expect(await service.metrics()).toContain('fraudops_states_dropped_total{model="fraud"} 1');
    await registry.rollback('fraud', { by: 'test', why: 'worse' });
    await service.refresh();
    expect(onlineFor.mock.calls.map(([set]) => set.version)).toEqual([otherFeatures.version, handbookFeatures.version]);
  });
});

describe('WarmStates', () => {
  it('loses the oldest of more transactions than it collects, and logs how many', async () => {
    const { logger, lines } = logLines();
    let finish: (online: OnlineFeatures) => void = () => {};
    const onlineFor = () => new Promise<OnlineFeatures>((resolve) => (finish = resolve));
    const states = new WarmStates({ online: undefined, onlineFor, logger, onDropped: () => {} });
    const registry = await registryWithModel(memoryStore());
    const version = (await registry.production('fraud'))!;
    const loaded = await loadVersion(version, { registry, model: 'fraud', policy: undefined, clock, maxAheadMs: 0 });
    // What the state is shown is of interest, not what it makes of it.
    const readAsIs = { ...loaded.request, read: (input: unknown) => ({ id: input as number }) };
    const warm = states.stateFor({ ...loaded, request: readAsIs });
    for (let i = 0; i < MAX_COLLECTED + 5; i++) states.observed(i, {});
    const online = handbookFeatures.online();
    const shown: unknown[] = [];
    online.observe = (event) => shown.push((event as { id: unknown }).id);
    finish(online);
    const { take } = await warm;
    states.observed('last', {});
    take();
    expect([shown.length, shown[0], shown.at(-1)]).toEqual([MAX_COLLECTED + 1, 5, 'last']);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ lost: 5 }]);
  });
});
