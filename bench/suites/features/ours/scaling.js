/** Ours in the scaling case: simulates so many transactions at once, or as a stream, and computes features over them. */
import { Table } from '@fraudops/core';
import { serveCommands, timed } from '../../../harness/serve-commands.js';

// As a whole, since builds without streamTransactions are measured too.
const features = await import('@fraudops/features');

const SEED = 7;

let table = Table.fromColumns({});

await serveCommands({
  /** Whether this build can simulate a stream. */
  streams: () => typeof features.streamTransactions === 'function',
  async load({ rows }) {
    const { seconds, result } = await timed(() => features.simulateTransactions({ rows, seed: SEED }));
    table = result;
    return seconds;
  },
  async run() {
    return (await timed(() => features.handbookFeatures.compute(table))).seconds;
  },
  /** Reads a stream to its end, holding one batch at a time. */
  async stream({ rows }) {
    let streamed = 0;
    const { seconds } = await timed(() => {
      for (const batch of features.streamTransactions({ rows, seed: SEED })) streamed += batch.rowCount;
    });
    if (streamed !== rows) throw new Error(`streamTransactions gave ${streamed} rows, expected ${rows}`);
    return seconds;
  },
  /** The most memory that the process had resident so far. */
  peakBytes: () => process.resourceUsage().maxRSS * 1024,
});
