import { type Row, toFeatureMatrix } from '@fraudops/core';
import { FeatureError, handbookFeatures, simulateTransactions } from '@fraudops/features';
import { describe, expect, it, vi } from 'vitest';
import { fraudModel, transaction } from './bundle.fixture.js';
import { type DecisionLog, memoryDecisionLog } from './decision-log.js';
import { problemSchema } from './problem.js';
import { clock, logLines, start } from './started-service.fixture.js';

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

  it('refuses an amount that would use up what its card can add, and the card goes on', async () => {
    const { service } = await start();
    const huge = { ...transaction, TX_AMOUNT: 9e13 };
    await expect(service.score(huge)).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ field: 'TX_AMOUNT', value: 9e13, rule: expect.stringMatching(/^expected at most 1374389534\.72,/) as string }],
    });
    await expect(service.score(transaction)).resolves.toBeDefined();
  });

  it('scores none of a batch when the state refuses one of its transactions, and names it', async () => {
    const online = handbookFeatures.online();
    const { service } = await start({ online, includeFeatures: true });
    const compute = online.featuresFor.bind(online);
    vi.spyOn(online, 'featuresFor').mockImplementation((row, into) => {
      if ((row as Row)['TRANSACTION_ID'] !== 9) return compute(row, into);
      throw new FeatureError('INVALID_VALUE', 'event: TX_AMOUNT is 5, expected 6', { field: 'TX_AMOUNT', value: 5 });
    });
    const batch = [transaction, { ...transaction, TRANSACTION_ID: 9 }, transaction];
    await expect(service.scoreBatch(batch)).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ index: 1, field: 'TX_AMOUNT', value: 5, rule: 'TX_AMOUNT is 5, expected 6' }],
    });
    expect(service.decisionLog.size).toBe(0);
    expect((await service.score(transaction)).features).toMatchObject({ CUSTOMER_ID_NB_TX_1DAY_WINDOW: 1 });
  });

  it('says what was scored when scoring fails within a batch all the same', async () => {
    const online = handbookFeatures.online();
    const { service } = await start({ online });
    const observe = online.observe.bind(online);
    vi.spyOn(online, 'observe').mockImplementation((row) => {
      if ((row as Row)['TRANSACTION_ID'] === 2) throw new Error('secret of the inside');
      observe(row);
    });
    const batch = [0, 1, 2, 3].map((id) => ({ ...transaction, TRANSACTION_ID: id }));
    const { handler } = service.operations.find(({ id }) => id === 'predictBatch')!;
    const answer = await handler({ transactions: batch });
    expect(answer).toMatchObject({
      status: 500,
      body: {
        code: 'BATCH_STOPPED',
        detail:
          "transactions[2] could not be scored: the service's log says why; the 2 before it were scored and remembered, so send only what follows",
        results: [
          { transactionId: 0, modelVersion: 1 },
          { transactionId: 1, modelVersion: 1 },
        ],
      },
    });
    expect(problemSchema.strict().parse(answer.body)).toEqual(answer.body);
    expect(service.decisionLog.records().map(({ transactionId }) => transactionId)).toEqual([0, 1]);
    expect(online.memory().events).toBe(4);
    await expect(service.scoreBatch(batch.slice(2))).rejects.toThrow('secret of the inside');
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

  it('counts what a decision log refuses later, and the process lives on', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const decisionLog: DecisionLog = memoryDecisionLog();
    decisionLog.append = async () => Promise.reject(new Error('disk full'));
    const { service } = await start({ decisionLog });
    await service.score(transaction);
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(await service.metrics()).toContain('fraudops_decisions_unlogged_total{model="fraud"} 1');
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
