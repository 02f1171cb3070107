// The whole vertical as a user writes it, in a folder where the packed packages are installed: compiled strictly by TypeScript with the
// module rules of Node.js and of bundlers, then run as an ES module. Prints one line of JSON.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Table, fileStore, toFeatureMatrix } from '@fraudops/core';
import { type DriftReport, detectDrift, referenceProfile } from '@fraudops/drift';
import { startServer } from '@fraudops/express';
import { handbookFeatures, shiftTransactions, simulateTransactions } from '@fraudops/features';
import { type Model, readBundle, writeBundle } from '@fraudops/model';
import { type ModelRegistry, modelRegistry } from '@fraudops/registry';
import { scoringService } from '@fraudops/serve';
import { evaluateScores, trainInWorker } from '@fraudops/train';

const TRANSACTION = {
  TRANSACTION_ID: 1_000_000,
  TX_DATETIME: '2018-05-01T10:00:00Z',
  CUSTOMER_ID: '1',
  TERMINAL_ID: '2',
  TX_AMOUNT: 57.16,
};

const folder = mkdtempSync(path.join(tmpdir(), 'fraudops-vertical-'));
try {
  const history: Table = simulateTransactions({ rows: 4_000, days: 30, seed: 1 });
  const features: Table = handbookFeatures.compute(history);
  const model = await trained(features, history.flag('TX_FRAUD'));

  const registry: ModelRegistry = modelRegistry(fileStore(folder));
  const parts = { model, features: handbookFeatures.toJson() };
  const { version } = await registry.register('fraud', { files: writeBundle(parts) }, { by: 'packed' });
  const promotion = await registry.promote('fraud', version, { stage: 'Production', by: 'packed', why: 'the first' });
  assert.equal(promotion.promoted, true);
  assert.deepEqual(readBundle(await registry.load('fraud', version)).model.toJson(), model.toJson());

  const score = await servedScore(registry, history);
  const drift = driftAfter(history);
  assert.equal(drift.datasetDrift, true);
  console.log(JSON.stringify({ rows: history.rowCount, score, drifted: drift.drifted }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function trained(features: Table, labels: Uint8Array): Promise<Model> {
  const matrix = toFeatureMatrix(features, handbookFeatures.names);
  const { model } = await trainInWorker({ algorithm: 'boosting', matrix, labels, options: { trees: 10 } });
  const { rocAuc } = evaluateScores({ scores: model.scoreBatch(matrix), labels });
  assert.ok(rocAuc !== null && rocAuc > 0.7, `the model learned nothing: its ROC AUC is ${rocAuc}`);
  return model;
}

/** The score that comes over HTTP, which must be the service's own. */
async function servedScore(registry: ModelRegistry, history: Table): Promise<number> {
  const online = handbookFeatures.online();
  online.backfill(history);
  const service = await scoringService({ registry, model: 'fraud', online, pollMs: 0 });
  const server = await startServer(service, { port: 0 });
  try {
    const response = await fetch(`${server.url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(TRANSACTION),
    });
    const answer = (await response.json()) as { score: number };
    assert.equal(response.status, 200, JSON.stringify(answer));
    assert.ok(answer.score >= 0 && answer.score <= 1);
    return answer.score;
  } finally {
    await server.close();
  }
}

function driftAfter(history: Table): DriftReport {
  const columns = ['TX_AMOUNT'];
  const shifted = shiftTransactions(history, { seed: 2, amountFactor: 3 });
  return detectDrift(referenceProfile(history, { columns }), shifted.select(columns));
}
