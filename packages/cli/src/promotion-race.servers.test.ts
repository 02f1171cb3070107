/**
 * Promotions of 64 processes at once on servers, and of fewer while their connections are cut. `RACE_ROUNDS` sets how many rounds of the first
 * kind there are.
 */
import { cuttingProxy } from '@fraudops/features/testing';
import { modelRegistry } from '@fraudops/registry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { racePromotions } from './promotion-race.fixture.js';
import { type RegistryProcesses, registryProcesses } from './registry-processes.fixture.js';
import { type ServerPlace, serverPlaces } from './server-places.fixture.js';

const PROCESSES = 64;
const rounds = Number(process.env['RACE_ROUNDS'] ?? 5);
const CUT_PROCESSES = 12;
const CUT_ROUNDS = 10;
const CUT_SHARE = 0.02;

let program: RegistryProcesses;
beforeAll(async () => {
  program = await registryProcesses();
}, 60_000);
afterAll(() => program.dispose());

describe.each(serverPlaces)('promotions of many processes on %s', (_name, makePlace) => {
  let place: ServerPlace;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => place.dispose());

  it(`are won by exactly one of ${PROCESSES}, in each of ${rounds} rounds`, { timeout: 900_000 }, async () => {
    const registry = modelRegistry(await place.openAt());
    const { address, environment } = place.addressAt();
    const processes = await Promise.all(Array.from({ length: PROCESSES }, () => program.start(address, environment)));
    expect(await racePromotions({ registry, processes, rounds })).toEqual({ doubts: {} });
    await Promise.all(processes.map((each) => each.kill()));
  });

  it(`are won by exactly one of ${CUT_PROCESSES} while connections are cut, and the winner learns of it`, {
    timeout: 300_000,
  }, async () => {
    const registry = modelRegistry(await place.openAt());
    const proxy = await cuttingProxy(place.server, CUT_SHARE, 'race');
    try {
      const { address, environment } = place.addressAt(proxy.address);
      const processes = await Promise.all(Array.from({ length: CUT_PROCESSES }, () => startUncut(address, environment)));
      await racePromotions({ registry, processes, rounds: CUT_ROUNDS, losesAnswers: true });
      for (const [moment, count] of Object.entries(proxy.cuts)) expect(count, `cuts ${moment}`).toBeGreaterThan(0);
      await Promise.all(processes.map((each) => each.kill()));
    } finally {
      await proxy.close();
    }
  });
});

/** Connections may be cut while a process opens its store, too; then it ends, and another one is started. */
async function startUncut(...words: Parameters<RegistryProcesses['start']>): ReturnType<RegistryProcesses['start']> {
  for (let tries = 1; ; tries++) {
    try {
      return await program.start(...words);
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}
