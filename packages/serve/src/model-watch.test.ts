import { memoryStore } from '@fraudops/core';
import { handbookFeatures } from '@fraudops/features';
import { type ModelRegistry, modelRegistry } from '@fraudops/registry';
import { describe, expect, it, vi } from 'vitest';
import { fraudBundle, promoteFiles, registryWithModel, transaction } from './bundle.fixture.js';
import { logLines, otherFeatures, start } from './started-service.fixture.js';

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

  describe('when the registry loses what was seen of it', () => {
    async function startOverTwoEvents() {
      const store = memoryStore();
      const started = await start({ registry: await registryWithModel(store) });
      const kept = new Map<string, Uint8Array>();
      /** Removes what is under a prefix; `putBack` undoes it. */
      const lose = async (prefix: string) => {
        for await (const { key } of store.list(prefix)) {
          kept.set(key, (await store.get(key))!.bytes);
          await store.delete(key);
        }
      };
      const putBack = async () => Promise.all([...kept].map(([key, bytes]) => store.put(key, bytes)));
      return { ...started, lose, putBack };
    }

    it.each([
      ['everything', '', 0],
      ['the newest event', 'models/fraud/log/00000002', 1],
    ])('goes on serving without %s, says so at every look, and recovers', async (_, prefix, there) => {
      const { service, lose, putBack } = await startOverTwoEvents();
      expect(await service.refresh()).toBe(false);
      await lose(prefix);
      for (let look = 0; look < 3; look++) {
        await expect(service.refresh()).rejects.toMatchObject({ code: 'REGISTRY_LOST', details: { there, seen: 2 } });
        expect(service.health()).toMatchObject({ status: 'degraded', version: 1, failure: { code: 'REGISTRY_LOST' } });
      }
      expect(await service.metrics()).toContain('fraudops_refresh_failures_total{model="fraud"} 3');
      expect((await service.score(transaction)).modelVersion).toBe(1);
      await putBack();
      expect(await service.refresh()).toBe(false);
      expect(service.health()).toMatchObject({ status: 'ok', failure: null });
    });

    it('reads a long log back at every so many looks, 16 events a look', async () => {
      const registry = await registryWithModel(memoryStore());
      for (let i = 0; i < 30; i++) await promoteFiles(registry, fraudBundle());
      const { service } = await start({ registry });
      const history = vi.spyOn(registry, 'history');
      for (let look = 0; look < 20; look++) await service.refresh();
      expect(await registry.head('fraud')).toBe(62);
      expect(history).toHaveBeenCalledTimes(5);
    });
  });
});

describe('close', () => {
  it('waits for the look under way, but not for one that hangs', async () => {
    const { logger, lines } = logLines();
    const onlineFor = vi.fn(() => new Promise<never>(() => {}));
    const { service, registry } = await start({ logger, onlineFor });
    await promoteFiles(registry, fraudBundle({ featureSet: otherFeatures }));
    void service.refresh();
    await vi.waitFor(() => expect(onlineFor).toHaveBeenCalled());
    const startedMs = performance.now();
    await service.close();
    expect(performance.now() - startedMs).toBeGreaterThan(1_900);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    expect(lines.join('')).toContain('closed while a look for a new version was under way');
  });

  it('lets no version take over any more', async () => {
    const { service, registry } = await start();
    await promoteFiles(registry, fraudBundle({ intercept: 4 }));
    const look = service.refresh();
    await service.close();
    expect(await look).toBe(false);
    expect(service.health()).toMatchObject({ status: 'closed', version: 1 });
  });
});
