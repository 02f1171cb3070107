/** What entities at rest cost in memory, with the windows of the handbook's features. */
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';

const MIB = 2 ** 20;

/** @type {import('../../run.js').Case} */
export const memory = {
  title: 'Memory of entities at rest',
  sizes: { entities: 1_000_000, days: 39 },
  async run({ sizes, say }) {
    say(`filling ${sizes.days} days`);
    const script = fileURLToPath(new URL('ours/memory.js', import.meta.url));
    const ours = startOurs('fraudops online', { script, flags: ['--max-old-space-size=8192'] });
    try {
      const { grown, memory: own, transactions, backfillSeconds } = await ours.ask('fill', sizes);
      return {
        setting: setting(sizes, transactions, backfillSeconds),
        tables: [
          {
            title: 'Growth of the process, after garbage collection',
            columns: ['', 'MiB', 'bytes an entity'],
            rows: [
              ['heap', ...perEntity(grown.heapUsed, own)],
              ['beside the heap: array buffers and other', ...perEntity(grown.external, own)],
              ['heap and beside it', ...perEntity(grown.heapUsed + grown.external, own)],
              ['resident set', ...perEntity(grown.rss, own)],
            ],
          },
          {
            title: 'What `online.memory()` says',
            columns: ['', 'total', 'an entity'],
            rows: Object.entries(own)
              .filter(([, value]) => typeof value === 'number')
              .map(([name, value]) => [name, value, value / own.entities]),
          },
        ],
        checks: [],
        notMeasured: [],
      };
    } finally {
      await ours.stop();
    }
  },
};

const perEntity = (bytes, { entities }) => [bytes / MIB, bytes / entities];

function setting({ entities, days }, transactions, backfillSeconds) {
  const number = (value) => Math.round(value).toLocaleString('en-US');
  return `${number(entities)} entities, a third of them customers with 1.92 transactions a day on average and the others terminals, filled by backfill with ${number(transactions)} transactions over ${days} days, which took ${number(backfillSeconds)} s; after that customers hold their last 30 days and terminals their last 37. Measured once, in a process of its own; from run to run the heap's figures differ by a few percent, the resident set by about a tenth. Keys are short numbers as text and are counted in.`;
}
