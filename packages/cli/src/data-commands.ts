import {
  handbookTransactions,
  readTransactions,
  simulateTransactions,
  validateTransactions,
  writeTransactions,
} from '@fraudops/features';
import type { Command } from './command.js';
import { countText, percentText } from './number-text.js';
import { renderTable } from './text-table.js';

/** Commands on files of transactions. */
export const dataCommands: readonly Command[] = [
  {
    name: 'simulate',
    summary: 'Write simulated card transactions with frauds to a CSV or CSV.gz file',
    words: ['file'],
    options: {
      rows: { value: 'N', help: 'transactions', default: '100000', whole: [1, 20_000_000] },
      days: { value: 'N', help: 'days they are spread over', default: '90', whole: [1, 3660] },
      seed: { value: 'N', help: 'equal seeds give equal files', default: '7', whole: [0, Number.MAX_SAFE_INTEGER] },
    },
    async run({ words, options, print, progress }) {
      const task = progress.task('Simulating');
      const table = simulateTransactions({
        rows: Number(options['rows']),
        days: Number(options['days']),
        seed: Number(options['seed']),
      });
      await writeTransactions(words['file']!, table);
      task.done();
      const frauds = table.flag('TX_FRAUD').reduce((sum, flag) => sum + flag, 0);
      print(`${words['file']}: ${countText(table.rowCount)} transactions, ${percentText(frauds / table.rowCount)} fraud\n`);
    },
  },
  {
    name: 'validate',
    summary: 'Judge a file of transactions by the rules of its columns',
    words: ['file'],
    options: { json: { help: 'print JSON' } },
    async run({ words, switches, print, progress, signal }) {
      const table = await readTransactions(words['file']!, handbookTransactions, { progress, signal });
      const { rowCount, validCount, brokenRules, issues } = validateTransactions(table, handbookTransactions);
      if (switches.has('json')) {
        print(`${JSON.stringify({ rowCount, validCount, brokenRules, issues }, null, 2)}\n`);
      } else {
        print(`${countText(validCount)} of ${countText(rowCount)} rows are valid.\n`);
        const rows = brokenRules.map(({ column, rule, count }) => [column || '(row)', rule, countText(count)]);
        if (rows.length > 0)
          print(`${renderTable([{ title: 'column' }, { title: 'rule' }, { title: 'rows', align: 'right' }], rows)}\n`);
      }
      if (validCount < rowCount) process.exitCode = 1;
    },
  },
];
