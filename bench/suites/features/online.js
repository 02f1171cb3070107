/** Features of one event at a time: latencies, throughput, and what it leaves to the garbage collector. */
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { SPREAD_COLUMNS, spread } from '../../harness/rounds.js';
import { HANDBOOK_ROWS, handbookFile } from './handbook-file.js';

/** @type {import('../../run.js').Case} */
export const online = {
  title: 'Online features, event by event',
  sizes: { rows: HANDBOOK_ROWS, events: 200_000, steady: 1_000_000, rounds: 7 },
  async run({ sizes, folder, say }) {
    const { rows, rounds } = sizes;
    // Something must be left to backfill.
    const [events, steady] = [sizes.events, sizes.steady].map((size) => Math.min(size, rows >> 1));
    const { file, description } = await handbookFile(rows, folder);
    const ours = startOurs('fraudops online', { script: fileURLToPath(new URL('ours/online.js', import.meta.url)) });
    try {
      await ours.ask('load', { file });
      say('comparing with compute');
      const verified = await ours.ask('verify', { events });
      const timer = await ours.ask('timer');
      const latencies = [];
      const throughputs = [];
      for (let round = 1; round <= rounds; round++) {
        say(`round ${round} of ${rounds}`);
        latencies.push(await ours.ask('latencies', { events }));
        throughputs.push(await ours.ask('throughput', { events }));
      }
      say(`counting garbage over ${steady} events`);
      const garbage = await ours.ask('garbage', { events: steady });
      return {
        setting: `The last ${number(events)} of ${description}, one after the other, after a backfill of all before: the labels that are known by then, \`featuresFor(event, into)\`, \`observe(event)\`; the handbook's 15 features, one thread, events as JSON.parse gives them. Latencies hold one reading of the clock each, which takes ${Math.round(timer.medianNs)} ns here (median; at worst ${number(Math.round(timer.maxNs))} ns) and is not subtracted.`,
        tables: [
          latencyTable(latencies),
          bucketTable(latencies),
          throughputTable(throughputs, latencies, events, rows - events),
          garbageTable(garbage),
        ],
        checks: [
          `all ${number(verified.values)} features equal those of compute, bit for bit, with ${number(verified.labels)} labels learned`,
        ],
        notMeasured: [],
      };
    } finally {
      await ours.stop();
    }
  },
};

const number = (value) => value.toLocaleString('en-US');

/** The median over the rounds of each round's quantile. */
function latencyTable(rounds) {
  const row = (name, call) => [
    name,
    ...rounds[0][call].map((_, i) => Math.round(spread(rounds.map((each) => each[call][i]))[0])),
  ];
  return {
    title: 'Latency, medians over the rounds',
    columns: ['ns', 'p50', 'p90', 'p99', 'p99.9', 'max'],
    rows: [row('featuresFor', 'featuresFor'), row('observe', 'observe'), row('both', 'both')],
  };
}

/** Of all rounds together. */
function bucketTable(rounds) {
  const total = rounds.reduce((sum, { buckets }) => sum + buckets.reduce((events, { count }) => events + count, 0), 0);
  const rows = rounds[0].buckets.map(({ endNs }, i) => {
    const count = rounds.reduce((sum, { buckets }) => sum + buckets[i].count, 0);
    return [endNs === null ? 'longer' : `below ${number(endNs / 1000)} us`, count, (100 * count) / total];
  });
  return { title: 'How long both calls took together, all rounds', columns: ['latency', 'events', '%'], rows };
}

function throughputTable(throughputs, latencies, events, backfilled) {
  return {
    title: 'Throughput',
    columns: ['', ...SPREAD_COLUMNS],
    rows: [
      ['events a second, labels included', ...spread(throughputs.map(({ seconds }) => events / seconds))],
      ['rows a second in backfill', ...spread(throughputs.map(({ backfillSeconds }) => backfilled / backfillSeconds))],
      [`ns a learned label, ${number(latencies[0].labels)} a round`, ...spread(latencies.map(({ learnNs }) => learnNs))],
    ],
  };
}

function garbageTable(garbage) {
  return {
    title: `Garbage of ${number(garbage.events)} events, labels included`,
    columns: ['', 'amount'],
    rows: [
      ['bytes allocated on the heap an event', garbage.heapBytesPerEvent],
      ['bytes that array buffers grew by an event', garbage.bufferBytesPerEvent],
      ['scavenges', garbage.scavenges],
      ['ms in scavenges', garbage.scavengeMs],
      ['major collections', garbage.major],
      ['ms in major collections', garbage.majorMs],
    ],
  };
}
