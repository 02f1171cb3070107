import assert from 'node:assert/strict';
import type { TestRunner } from '@fraudops/core/testing';
import { addOne, countsOf } from './counted-states.js';
import { type CuttingProxy, type ServerAddress, cuttingProxy } from './cutting-proxy.js';
import type { EntityStateStore } from './entity-state-store.js';
import type { EntityStatesPlace } from './entity-states-contract.js';

/** One empty place on a server to keep states in, for one test. */
export interface EntityStatesServer extends EntityStatesPlace {
  /** Where the server listens. */
  readonly address: ServerAddress;
  /** A store on this place whose connections go to another address, which leads to the server. */
  openAt(address: ServerAddress): EntityStateStore;
}

const WRITERS = 4;
const UPDATES = 100;
const CUT_SHARE = 0.03;

/**
 * Declares the suite that every {@link EntityStateStore} on a server passes: however connections are cut, each update that a writer
 * was told of happened once, and no other did.
 *
 * @param name what the implementation is called in the test report
 * @param runner of the test framework in use
 * @param makePlace makes a new, empty place for each test
 */
export function cutConnectionsContract(name: string, runner: TestRunner, makePlace: () => Promise<EntityStatesServer>): void {
  runner.describe(`${name} loses and repeats no update when connections are cut`, () => {
    for (const seed of ['first', 'second']) {
      runner.it(`of ${WRITERS} writers with a state of their own and one in common, ${seed} seed`, async () => {
        const place = await makePlace();
        const proxy = await cuttingProxy(place.address, CUT_SHARE, seed);
        try {
          await writeThrough(proxy, place);
        } finally {
          await place.dispose();
          await proxy.close();
        }
      });
    }
  });
}

async function writeThrough(proxy: CuttingProxy, place: EntityStatesServer): Promise<void> {
  const cards = Array.from({ length: WRITERS }, (_, i) => `card ${i}`);
  const writers = cards.map(async (card) => {
    const store = place.openAt(proxy.address);
    for (let i = 0; i < UPDATES; i++) await addOne(store, [card, 'shop']);
  });
  await Promise.all(writers);
  const counts = await countsOf(place.open(), [...cards, 'shop']);
  assert.deepEqual(counts, [...cards.map(() => UPDATES), WRITERS * UPDATES]);
  for (const [moment, count] of Object.entries(proxy.cuts)) assert.ok(count > 0, `nothing was cut ${moment}`);
}
