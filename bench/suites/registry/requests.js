/** How many requests a store gets: of S3 in an in-process server that counts them, of Postgres the statements that are sent. */
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { casePostgres } from './places.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
/** Requests that a promotion may take, and a poll. */
const BOUNDS = { promotion: 12, poll: 1 };

/** @type {import('../../run.js').Case} */
export const requests = {
  title: 'Requests of a promotion and of a poll',
  sizes: { events: 50, long: 500 },
  async run({ sizes }) {
    const postgres = await casePostgres();
    const ours = startOurs('fraudops', { script: fileHere('ours/requests.js') });
    try {
      const counts = [['S3', await ours.ask('s3', sizes)]];
      if (postgres.url) counts.push(['Postgres', await ours.ask('postgres', { ...sizes, url: postgres.url })]);
      const names = Object.keys(counts[0][1]);
      return {
        setting: `A model whose log has ${sizes.events} events. A process that knows it has read its log before; a new one reads it first, also when the log has grown to ${sizes.long}. In S3 each fifth event brings a page of copies up to date, by two requests. To be reached: at most ${BOUNDS.promotion} requests for a promotion, ${BOUNDS.poll} for a poll.`,
        tables: [
          {
            columns: ['requests', ...counts.map(([name]) => name)],
            rows: names.map((name) => [name, ...counts.map(([, count]) => count[name])]),
          },
        ],
        checks: [],
        notMeasured: postgres.url ? [] : [`Postgres: ${postgres.missing}`],
      };
    } finally {
      await ours.stop();
      await postgres.stop();
    }
  },
};
