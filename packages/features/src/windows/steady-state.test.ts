/** What a stream of events leaves to the garbage collector once its entities are known and the code is compiled. */
import { getHeapStatistics } from 'node:v8';
import { seededRandom } from '@fraudops/core';
import { expect, it } from 'vitest';
import { days } from '../duration.js';
import { handbookFeatures } from '../handbook.js';

const LAP = 20_000;
const LAP_MS = days(40);
/** So many laps one after the other, 200,000 events, must allocate hardly anything. */
const STEADY_LAPS = 10;
/** After so many laps at the latest, however long the compiler takes. */
const MOST_LAPS = 50;
/**
 * Eight numbers. Mostly it is none; but which calls the compiler makes part of their callers differs from process to process, and a call that
 * stays one may put a number that it returns on the heap, 16 bytes each.
 */
const MOST_BYTES_AN_EVENT = 128;
const CHUNK = 1_000;

const random = seededRandom(5);

/** As they come off a wire: objects of their own, numbers and texts. */
function eventsOfLap(lap: number): object[] {
  return Array.from({ length: LAP }, (_, i) =>
    JSON.parse(
      JSON.stringify({
        TRANSACTION_ID: i,
        TX_DATETIME: 1.5e12 + lap * LAP_MS + Math.floor((i * LAP_MS) / LAP),
        CUSTOMER_ID: String(random.integer(300)),
        TERMINAL_ID: `T${random.integer(500)}`,
        TX_AMOUNT: (1 + random.integer(20_000)) / 100,
        TX_FRAUD: random.integer(2),
      }),
    ),
  );
}

/** The heap's growth while something runs, in bytes; too small when the garbage collector ran meanwhile. */
function grownBy(run: () => void): number {
  const before = getHeapStatistics().used_heap_size;
  run();
  return getHeapStatistics().used_heap_size - before;
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1]!;

it('allocates no more than a few numbers for an event and its label in a steady state', { timeout: 60_000 }, () => {
  const online = handbookFeatures.online();
  const into = new Float64Array(handbookFeatures.names.length);
  const ownBytes = median(Array.from({ length: 50 }, () => grownBy(() => {})));
  const bytesAnEvent = (events: readonly object[]) =>
    (grownBy(() => {
      for (const event of events) {
        online.featuresFor(event, into);
        online.observe(event);
        online.learnLabel(event);
      }
    }) -
      ownBytes) /
    events.length;
  const ofLaps: number[] = [];
  for (let steady = 0; steady < STEADY_LAPS && ofLaps.length < MOST_LAPS; ) {
    const events = eventsOfLap(ofLaps.length);
    const ofLap = median(Array.from({ length: LAP / CHUNK }, (_, i) => bytesAnEvent(events.slice(i * CHUNK, (i + 1) * CHUNK))));
    steady = ofLap < MOST_BYTES_AN_EVENT ? steady + 1 : 0;
    ofLaps.push(ofLap);
  }
  expect(Math.max(...ofLaps.slice(-STEADY_LAPS))).toBeLessThan(MOST_BYTES_AN_EVENT);
});
