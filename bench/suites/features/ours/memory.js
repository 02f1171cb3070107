/**
 * Ours in the memory case: fills an instance with the histories of many customers and terminals, a day at a time, and weighs the process
 * before and after. Everything that the filling needed, the arrays of keys too, is dropped before the second weighing; what stays of the
 * keys is what the instance holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { flagColumn, numberColumn, seededRandom, Table, timeColumn } from '@fraudops/core';
import { handbookFeatures } from '@fraudops/features';
import { serveCommands } from '../../../harness/serve-commands.js';

const START_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const SEED = 7;
/** Of the handbook's data: transactions of a customer a day on average, and the share of frauds. */
const TRANSACTIONS_PER_DAY = 1.92;
const FRAUD_SHARE = 0.0084;
/** As in the handbook, each customer makes U(0, 4) transactions a day on average. */
const HIGHEST_RATE = 4;

async function fill({ entities, days }) {
  // So that code and its first garbage are there before the first weighing.
  fillDays(handbookFeatures.online(), 300, 2);
  const before = await weigh();
  const online = handbookFeatures.online({ maxEntities: Math.max(1, entities) });
  const filled = fillDays(online, entities, days);
  const after = await weigh();
  const grown = Object.fromEntries(Object.entries(after).map(([name, bytes]) => [name, bytes - before[name]]));
  return { grown, memory: online.memory(), ...filled };
}

async function weigh() {
  // Twice, with a pause: buffers are freed, and pages given back, a little after the collection.
  for (let time = 0; time < 2; time++) {
    globalThis.gc();
    await sleep(500);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}

/** A third of the entities are customers, the others terminals. Returns the number of transactions, and how long backfill took. */
function fillDays(online, entities, days) {
  const customerCount = Math.round(entities / 3);
  const terminalCount = entities - customerCount;
  const random = seededRandom(SEED);
  const rates = Float64Array.from({ length: customerCount }, () => random.between(0, HIGHEST_RATE));
  const customers = Array.from({ length: customerCount }, (_, customer) => String(customer));
  const terminals = Array.from({ length: terminalCount }, (_, terminal) => String(terminal));
  const rows = Math.round(customerCount * TRANSACTIONS_PER_DAY);
  let backfillMs = 0;
  for (let day = 0; day < days; day++) {
    const startMs = START_MS + day * DAY_MS;
    const times = Float64Array.from({ length: rows }, () => startMs + random.integer(DAY_MS)).sort();
    const table = Table.fromColumns({
      TRANSACTION_ID: numberColumn(Float64Array.from({ length: rows }, (_, row) => day * rows + row)),
      TX_DATETIME: timeColumn(times),
      CUSTOMER_ID: { kind: 'category', codes: Int32Array.from(times, () => drawCustomer(rates, random)), dictionary: customers },
      TERMINAL_ID: {
        kind: 'category',
        codes: Int32Array.from(times, () => random.integer(terminalCount)),
        dictionary: terminals,
      },
      TX_AMOUNT: numberColumn(Float64Array.from(times, () => (1 + random.integer(20_000)) / 100)),
      TX_FRAUD: flagColumn(Uint8Array.from(times, () => (random.next() < FRAUD_SHARE ? 1 : 0))),
    });
    const startedMs = performance.now();
    online.backfill(table);
    backfillMs += performance.now() - startedMs;
  }
  return { transactions: rows * days, backfillSeconds: backfillMs / 1000 };
}

/** A customer with a probability proportional to the rate, by rejection. */
function drawCustomer(rates, random) {
  for (;;) {
    const customer = random.integer(rates.length);
    if (random.between(0, HIGHEST_RATE) < rates[customer]) return customer;
  }
}

await serveCommands({ fill });
