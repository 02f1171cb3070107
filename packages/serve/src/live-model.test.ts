import { handbookFeatures } from '@fraudops/features';
import { modelRegistry } from '@fraudops/registry';
import { memoryStore } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { fraudBundle, promoteFiles, transaction } from './bundle.fixture.js';
import { type LiveModel, loadVersion, scoreTransaction } from './live-model.js';
import { clock } from './started-service.fixture.js';

async function liveModel(): Promise<LiveModel> {
  const registry = modelRegistry(memoryStore());
  await promoteFiles(registry, fraudBundle());
  const version = (await registry.production('fraud'))!;
  const loaded = await loadVersion(version, { registry, model: 'fraud', policy: undefined, clock, maxAheadMs: 0 });
  return { ...loaded, online: handbookFeatures.online(), sinceMs: 0 };
}

describe('scoreTransaction', () => {
  it('remembers what it scored', async () => {
    const live = await liveModel();
    scoreTransaction(live, live.request.read(transaction));
    expect(live.online.memory().events).toBe(2);
  });

  it.each([Number.NaN, -0.1, 1.1])('refuses the score %d, and remembers nothing', async (score) => {
    const live = await liveModel();
    const odd: LiveModel = { ...live, model: { ...live.model, score: () => score } };
    expect(() => scoreTransaction(odd, live.request.read(transaction))).toThrow(
      `version 1 gives ${score}, expected a probability`,
    );
    expect(live.online.memory().events).toBe(0);
  });
});
