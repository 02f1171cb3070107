/** Ours in the windows case: `compute` over the shared columns. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { numberColumn, Table, timeColumn } from '@fraudops/core';
import { computeInWorkers, count, days, defineFeatures, defineTransactions, sum } from '@fraudops/features';
import { z } from 'zod';
import { serveCommands, timed } from '../../../harness/serve-commands.js';
import { WINDOW_DAYS } from '../card-events.js';

const payments = defineTransactions({
  schema: z.object({ at: z.date(), card: z.string(), cents: z.int() }),
  time: 'at',
  entities: ['card'],
  amount: 'cents',
});

const features = defineFeatures(
  payments,
  Object.fromEntries(
    WINDOW_DAYS.flatMap((dayCount) => {
      const window = { per: 'card', windowMs: days(dayCount) };
      return [
        [`count_${dayCount}`, count(window)],
        [`cents_${dayCount}`, sum('cents', window)],
      ];
    }),
  ),
);

let table = Table.fromColumns({});
let computed = table;
let threads = 1;

await serveCommands({
  load({ folder, cardCount, ...options }) {
    threads = options.threads;
    const read = (name, ArrayOfKind) => {
      const bytes = readFileSync(path.join(folder, name));
      return new ArrayOfKind(bytes.buffer, bytes.byteOffset, bytes.byteLength / ArrayOfKind.BYTES_PER_ELEMENT);
    };
    table = Table.fromColumns({
      at: timeColumn(read('times.f64', Float64Array)),
      card: {
        kind: 'category',
        codes: read('cards.i32', Int32Array),
        dictionary: Array.from({ length: cardCount }, (_, card) => String(card)),
      },
      cents: numberColumn(Float64Array.from(read('cents.i32', Int32Array))),
    });
  },
  async run() {
    computed = Table.fromColumns({});
    const { seconds, result } = await timed(() =>
      threads === 1 ? features.compute(table) : computeInWorkers(features, table, { threads }),
    );
    computed = result;
    return seconds;
  },
  save({ file }) {
    const handle = openSync(file, 'w');
    for (const name of features.names) writeSync(handle, computed.number(name));
    closeSync(handle);
  },
});
