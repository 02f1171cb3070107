import { type Row, jsonLogger, manualClock, memoryStore, toFeatureMatrix } from '@fraudops/core';
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
  simulateTransactions,
} from '@fraudops/features';
import { type ModelRegistry, modelRegistry } from '@fraudops/registry';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type BundleParts, fraudBundle, fraudModel, promoteFiles, registryWithModel, transaction } from './bundle.fixture.js';
import { memoryDecisionLog } from './decision-log.js';
import { type ScoringServiceOptions, scoringService } from './scoring-service.js';

const clock = manualClock(Date.UTC(2018, 6, 2));

/** Another feature set over the same transactions. */
const otherFeatures = defineFeatures(handbookTransactions, {
  TX_AMOUNT: field('TX_AMOUNT'),
  COUNT_2DAY: count({ per: 'CUSTOMER_ID', windowMs: days(2) }),
});

async function start(options: Partial<ScoringServiceOptions> & { parts?: BundleParts } = {}) {
  const { parts, ...rest } = options;
  const registry = rest.registry ?? (await registryWithModel(memoryStore(), parts));
  const service = await scoringService({
    model: 'fraud',
    registry,
    online: handbookFeatures.online(),
    clock,
    pollMs: 0,
    ...rest,
  });
  return { service, registry };
}

function logLines() {
  const lines: string[] = [];
  return { logger: jsonLogger((line) => lines.push(line)), lines };
}

describe('score', () => {
  it('answers with id, score, decision, model and version', async () => {
    const { service } = await start();
    const answer = await service.score(transaction);
    expect(answer).toEqual({
      transactionId: 7,
      score: expect.any(Number) as number,
      decision: 'approve',
      model: 'fraud',
      modelVersion: 1,
    });
  });

  it('equals the offline score bit for bit, and remembers each transaction', async () => {
    const table = simulateTransactions({ rows: 3000, seed: 3, days: 60 });
    const { model, scaler } = fraudModel();
    const offline = model.scoreBatch(scaler.apply(toFeatureMatrix(handbookFeatures.compute(table))));
    const online = handbookFeatures.online();
    online.backfill(table.slice(0, 1000));
    const { service } = await start({ online });
    const rows: Row[] = table.slice(1000).toRows();
    const scores: number[] = [];
    for (const row of rows.slice(0, 1000)) {
      scores.push((await service.score({ ...row, TX_FRAUD: undefined })).score);
      online.learnLabel(row);
    }
    // A batch is its transactions one after the other. Its labels can't arrive in between, nor could any be known within 7 days.
    for (let i = 1000; i < rows.length; i += 20) {
      const batch = rows.slice(i, i + 20);
      scores.push(...(await service.scoreBatch(batch)).map(({ score }) => score));
      for (const row of batch) online.learnLabel(row);
    }
    expect(scores).toEqual(Array.from(offline.slice(1000)));
  });

  it('decides by the option, else by the bundle, else by the default', async () => {
    const approve = { reviewThreshold: 2, declineThreshold: 2 };
    const decline = { reviewThreshold: 0, declineThreshold: 0 };
    const decisionOf = async (options: Parameters<typeof start>[0]) =>
      (await (await start(options)).service.score(transaction)).decision;
    expect(await decisionOf({ parts: { policy: decline } })).toBe('decline');
    expect(await decisionOf({ parts: { policy: decline }, policy: approve })).toBe('approve');
    expect(await decisionOf({ parts: { intercept: 1.1, weight: 0 } })).toBe('review');
  });

  it('gives features when told to', async () => {
    const { service } = await start({ includeFeatures: true });
    const { features } = await service.score(transaction);
    expect(Object.keys(features ?? {})).toEqual([...handbookFeatures.names]);
    expect(features).toMatchObject({ TX_AMOUNT: 57.16, TX_DURING_WEEKEND: 1, CUSTOMER_ID_NB_TX_1DAY_WINDOW: 1 });
  });

  it('scores none of a batch with a bad transaction', async () => {
    const { service } = await start({ includeFeatures: true });
    await expect(service.scoreBatch([transaction, { ...transaction, TX_AMOUNT: -1 }])).rejects.toMatchObject({
      code: 'VALIDATION',
    });
    expect(service.decisionLog.size).toBe(0);
    expect((await service.score(transaction)).features).toMatchObject({ CUSTOMER_ID_NB_TX_1DAY_WINDOW: 1 });
  });

  it('refuses a batch above its bound before it looks at the transactions', async () => {
    const { service } = await start({ maxBatch: 2 });
    await expect(service.scoreBatch([1, 2, 3])).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE', retryable: false });
    await expect(service.scoreBatch([])).resolves.toEqual([]);
  });

  it('refuses what the state cannot add up, naming the field, and goes on', async () => {
    const { service } = await start();
    const huge = { ...transaction, TX_AMOUNT: 9e13 };
    await service.score(huge);
    await expect(service.score(huge)).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ field: 'CUSTOMER_ID' }] });
    await expect(service.score({ ...transaction, CUSTOMER_ID: '1' })).resolves.toBeDefined();
  });

  it('keeps decisions with their features, and answers even when the log fails', async () => {
    const { service } = await start();
    await service.score(transaction);
    const row = service.decisionLog.toTable().row(0);
    expect(row).toMatchObject({
      TX_AMOUNT: 57.16,
      transactionId: '7',
      time: new Date('2018-07-01T10:00:00Z'),
      decidedAt: new Date(clock.now()),
    });

    const { logger, lines } = logLines();
    const decisionLog = memoryDecisionLog();
    decisionLog.append = () => {
      throw new Error('disk full');
    };
    const failing = await start({ decisionLog, logger });
    await expect(failing.service.score(transaction)).resolves.toBeDefined();
    expect(await failing.service.metrics()).toContain('fraudops_decisions_unlogged_total{model="fraud"} 1');
    expect(lines.join('')).toContain('decision log refused a decision');
  });

  it('refuses everything once closed', async () => {
    const { service } = await start();
    await service.close();
    await expect(service.score(transaction)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(service.refresh()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(service.health().status).toBe('closed');
  });

  it.each([{ maxBatch: 0 }, { pollMs: -1 }, { maxAheadMs: 0.5 }, { policy: { reviewThreshold: 1, declineThreshold: 0 } }])(
    'refuses the options %j',
    async (options) => expect(start(options)).rejects.toMatchObject({ code: 'INVALID_OPTION' }),
  );
});

describe('refresh', () => {
  it('starts without a model, says so, and takes the first one', async () => {
    const registry = modelRegistry(memoryStore());
    const { service } = await start({ registry });
    expect(service.health()).toMatchObject({ status: 'no-model', version: null, since: null, failure: null });
    await expect(service.score(transaction)).rejects.toMatchObject({ code: 'NO_MODEL', retryable: true });
    expect(await service.refresh()).toBe(false);
    await promoteFiles(registry, fraudBundle());
    expect(await service.refresh()).toBe(true);
    expect(service.health()).toMatchObject({
      status: 'ok',
      version: 1,
      since: '2018-07-02T00:00:00.000Z',
      featureSet: handbookFeatures.version,
    });
    expect(await service.metrics()).toContain('fraudops_model_info{version="1",algorithm="logistic",model="fraud"} 1');
  });

  it('swaps to a promoted version and carries the state on', async () => {
    const { service, registry } = await start({ includeFeatures: true });
    await service.score(transaction);
    await promoteFiles(registry, fraudBundle({ intercept: 4 }));
    expect(await service.refresh()).toBe(true);
    expect(await service.refresh()).toBe(false);
    const second = await service.score({ ...transaction, TRANSACTION_ID: 8 });
    expect(second).toMatchObject({ modelVersion: 2, decision: 'decline', features: { CUSTOMER_ID_NB_TX_1DAY_WINDOW: 2 } });
    const metrics = await service.metrics();
    expect(metrics).toContain('fraudops_model_info{version="2"');
    expect(metrics).not.toContain('fraudops_model_info{version="1"');
  });

  it('goes back with a rollback', async () => {
    const { service, registry } = await start();
    await promoteFiles(registry, fraudBundle({ intercept: 4 }));
    await service.refresh();
    await registry.rollback('fraud', { by: 'test', why: 'worse' });
    expect(await service.refresh()).toBe(true);
    expect((await service.score(transaction)).modelVersion).toBe(1);
  });

  it('looks by itself', async () => {
    const { service, registry } = await start({ pollMs: 5 });
    await promoteFiles(registry, fraudBundle({ intercept: 4 }));
    await vi.waitFor(() => expect(service.health().version).toBe(2));
    await service.close();
  });

  it('gives a caller during a look the look after it', async () => {
    const { service, registry } = await start();
    const first = service.refresh();
    const promoted = promoteFiles(registry, fraudBundle({ intercept: 4 }));
    const others = [promoted.then(() => service.refresh()), promoted.then(() => service.refresh())];
    await first;
    const swaps = await Promise.all(others);
    expect(service.health().version).toBe(2);
    expect(swaps).toContain(true);
  });

  const notBundles: [string, (registry: ModelRegistry) => Promise<unknown>, RegExp][] = [
    [
      'damaged bundle',
      (registry) =>
        promoteFiles(
          registry,
          fraudBundle().map((file) => (file.path === 'model.json' ? { ...file, bytes: file.bytes.slice(1) } : file)),
        ),
      /model\.json/,
    ],
    [
      'bundle without features',
      (registry) =>
        promoteFiles(
          registry,
          fraudBundle().filter(({ path }) => path !== 'features.json'),
        ),
      /features\.json/,
    ],
    [
      'broken policy',
      (registry) => promoteFiles(registry, fraudBundle({ policy: { reviewThreshold: 1, declineThreshold: 0 } })),
      /reviewThreshold is 1/,
    ],
    [
      'feature set without a warm state',
      (registry) => promoteFiles(registry, fraudBundle({ featureSet: otherFeatures })),
      /no state with history/,
    ],
  ];
  it.each(notBundles)('leaves the old version serving after a %s, and recovers', async (_, promoteBroken, message) => {
    const { logger, lines } = logLines();
    const { service, registry } = await start({ logger });
    await promoteBroken(registry);
    await expect(service.refresh()).rejects.toThrow(message);
    await expect(service.refresh()).rejects.toThrow(message);
    expect((await service.score(transaction)).modelVersion).toBe(1);
    expect(service.health()).toMatchObject({
      status: 'degraded',
      version: 1,
      failure: { version: 2, message: expect.stringMatching(message) as string },
    });
    expect(await service.metrics()).toContain('fraudops_refresh_failures_total{model="fraud"} 2');
    expect(lines.filter((line) => line.includes('model refresh failed'))).toHaveLength(1);

    await promoteFiles(registry, fraudBundle({ intercept: 4 }));
    expect(await service.refresh()).toBe(true);
    expect(service.health()).toMatchObject({ status: 'ok', version: 3, failure: null });
  });

  it('never claims health when the first load fails', async () => {
    const registry = modelRegistry(memoryStore());
    await promoteFiles(registry, fraudBundle().slice(1));
    const { service } = await start({ registry });
    expect(service.health()).toMatchObject({ status: 'no-model', failure: { version: 1 } });
  });

  it('keeps serving when the registry is out of reach, and says nothing of the inside', async () => {
    const { service, registry } = await start();
    const broken = vi.spyOn(registry, 'changed').mockRejectedValueOnce(new Error('connect postgres://admin:secret@db'));
    await expect(service.refresh()).rejects.toThrow('secret');
    expect(service.health()).toMatchObject({ status: 'degraded', failure: { version: null, code: 'INTERNAL' } });
    expect(JSON.stringify(service.health())).not.toContain('secret');
    expect(broken).toHaveBeenCalledOnce();
    expect(await service.refresh()).toBe(false);
    expect(service.health().status).toBe('ok');
  });

  it('keeps serving when the version is withdrawn from its stage', async () => {
    const { service, registry } = await start();
    await registry.promote('fraud', 1, { stage: 'Archived', by: 'test', why: 'withdrawn' });
    await expect(service.refresh()).rejects.toMatchObject({ code: 'NO_MODEL' });
    expect(service.health()).toMatchObject({ status: 'degraded', version: 1 });
    await expect(service.score(transaction)).resolves.toMatchObject({ modelVersion: 1 });
  });
});

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
});
