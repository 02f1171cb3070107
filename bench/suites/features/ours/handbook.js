/** Ours in the handbook case: reading the file, and the book's 15 features over it. */
import { Table } from '@fraudops/core';
import { handbookFeatures, readTransactions } from '@fraudops/features';
import { serveCommands, timed } from '../../../harness/serve-commands.js';

let file = '';
let table = Table.fromColumns({});

await serveCommands({
  load(values) {
    file = values.file;
  },
  async run() {
    table = Table.fromColumns({});
    const { seconds, result } = await timed(() => readTransactions(file));
    table = result;
    return seconds;
  },
  facts() {
    const times = table.time('TX_DATETIME');
    let frauds = 0;
    for (const fraud of table.flag('TX_FRAUD')) frauds += fraud;
    let cents = 0;
    for (const amount of table.number('TX_AMOUNT')) cents += Math.round(amount * 100);
    return {
      rows: table.rowCount,
      cents,
      frauds,
      customers: table.category('CUSTOMER_ID').dictionary.length,
      terminals: table.category('TERMINAL_ID').dictionary.length,
      firstMs: times[0],
      lastMs: times.at(-1),
    };
  },
  async compute() {
    return (await timed(() => handbookFeatures.compute(table))).seconds;
  },
});
