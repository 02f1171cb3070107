/** Ours in the online case: a replay's latencies, its throughput, and what it leaves to the garbage collector. */
import { PerformanceObserver, constants } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { handbookFeatures, readTransactions } from '@fraudops/features';
import { serveCommands } from '../../../harness/serve-commands.js';
import { prepareReplay } from './replay.js';

const featureCount = handbookFeatures.names.length;

/** Of the whole file. */
let table;

/** What reading the clock costs, and so adds to each latency: median and largest time between two readings, in nanoseconds. */
function timerCost() {
  const between = new Float64Array(200_000);
  for (let i = 0; i < between.length; i++) {
    const startedMs = performance.now();
    between[i] = (performance.now() - startedMs) * 1e6;
  }
  between.sort();
  return { medianNs: between[between.length >> 1], maxNs: between.at(-1) };
}

/** Compares the features of all events with those that `compute` gives over the whole history, bit for bit; throws when they differ. */
function verify({ events: eventCount }) {
  const { online, events, first, learner } = prepareReplay(table, eventCount);
  const computed = handbookFeatures.compute(table);
  const columns = handbookFeatures.names.map((name) => computed.number(name));
  const into = new Float64Array(featureCount);
  events.forEach((event, i) => {
    learner.learnUntil(event.TX_DATETIME);
    online.featuresFor(event, into);
    online.observe(event);
    const different = columns.findIndex((column, feature) => !Object.is(column[first + i], into[feature]));
    if (different < 0) return;
    const found = `${handbookFeatures.names[different]} of row ${first + i} is ${into[different]}`;
    throw new Error(`online: ${found}, compute gives ${columns[different][first + i]}`);
  });
  return { values: eventCount * featureCount, labels: learner.learned };
}

const QUANTILES = [0.5, 0.9, 0.99, 0.999, 1];
/** Upper ends of the histogram's buckets in nanoseconds. */
const BUCKETS_NS = [500, 1000, 2000, 5000, 10_000, 50_000, 1_000_000, Number.POSITIVE_INFINITY];

/** One event after the other, each against the clock. */
function latencies({ events: eventCount }) {
  const { online, events, learner } = prepareReplay(table, eventCount);
  const into = new Float64Array(featureCount);
  const featuresNs = new Float64Array(eventCount);
  const observeNs = new Float64Array(eventCount);
  let learnMs = 0;
  for (let i = 0; i < eventCount; i++) {
    const event = events[i];
    const nowMs = event.TX_DATETIME;
    if (learner.isDue(nowMs)) {
      const startedMs = performance.now();
      learner.learnUntil(nowMs);
      learnMs += performance.now() - startedMs;
    }
    const askedMs = performance.now();
    online.featuresFor(event, into);
    const answeredMs = performance.now();
    online.observe(event);
    observeNs[i] = (performance.now() - answeredMs) * 1e6;
    featuresNs[i] = (answeredMs - askedMs) * 1e6;
  }
  const bothNs = featuresNs.map((ns, i) => ns + observeNs[i]);
  return {
    featuresFor: quantiles(featuresNs),
    observe: quantiles(observeNs),
    both: quantiles(bothNs),
    buckets: bucketCounts(bothNs),
    learnNs: learner.learned === 0 ? 0 : (learnMs * 1e6) / learner.learned,
    labels: learner.learned,
  };
}

/** By nearest rank. */
function quantiles(values) {
  const sorted = values.slice().sort();
  return QUANTILES.map((quantile) => sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)]);
}

function bucketCounts(values) {
  const counts = BUCKETS_NS.map(() => 0);
  for (const value of values) counts[BUCKETS_NS.findIndex((end) => value < end)]++;
  return BUCKETS_NS.map((endNs, i) => ({ endNs: Number.isFinite(endNs) ? endNs : null, count: counts[i] }));
}

/** All events against one clock, with the labels; and what the backfill before took. */
function throughput({ events: eventCount }) {
  const { online, events, learner, backfillSeconds } = prepareReplay(table, eventCount);
  const into = new Float64Array(featureCount);
  const startedMs = performance.now();
  for (const event of events) {
    learner.learnUntil(event.TX_DATETIME);
    online.featuresFor(event, into);
    online.observe(event);
  }
  return { seconds: (performance.now() - startedMs) / 1000, backfillSeconds };
}

const EVENTS_PER_CHUNK = 1000;

/** What two readings of the heap leave on it themselves: the median, since the first ones leave more. */
function bytesOfReading(heapUsed) {
  const bytes = new Float64Array(101);
  for (let i = 0; i < bytes.length; i++) bytes[i] = -(heapUsed() - heapUsed());
  bytes.sort();
  return bytes[bytes.length >> 1];
}

/**
 * What the garbage collector had to do, and how much was allocated. Heap in use is read before and after each chunk of events; chunks
 * in which a collection ran shrink it and are left out of the mean.
 */
async function garbage({ events: eventCount }) {
  const { online, events, learner } = prepareReplay(table, eventCount);
  const into = new Float64Array(featureCount);
  const collections = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  const heapUsed = () => getHeapStatistics().used_heap_size;
  const buffersBefore = process.memoryUsage().arrayBuffers;
  const ownBytes = bytesOfReading(heapUsed);
  const chunkBytes = [];
  for (let start = 0; start < eventCount; start += EVENTS_PER_CHUNK) {
    const end = Math.min(start + EVENTS_PER_CHUNK, eventCount);
    const before = heapUsed();
    for (let i = start; i < end; i++) {
      learner.learnUntil(events[i].TX_DATETIME);
      online.featuresFor(events[i], into);
      online.observe(events[i]);
    }
    const allocated = heapUsed() - before;
    if (allocated >= 0) chunkBytes.push((allocated - ownBytes) / (end - start));
  }
  // Collections are told of in a later turn of the event loop.
  await sleep(100);
  observer.disconnect();
  const ofKind = (kind) => collections.filter(({ detail }) => detail.kind === kind);
  const scavenges = ofKind(constants.NODE_PERFORMANCE_GC_MINOR);
  const major = ofKind(constants.NODE_PERFORMANCE_GC_MAJOR);
  const totalMs = (entries) => entries.reduce((sum, { duration }) => sum + duration, 0);
  return {
    events: eventCount,
    scavenges: scavenges.length,
    scavengeMs: totalMs(scavenges),
    major: major.length,
    majorMs: totalMs(major),
    heapBytesPerEvent: chunkBytes.reduce((sum, bytes) => sum + bytes, 0) / chunkBytes.length,
    bufferBytesPerEvent: (process.memoryUsage().arrayBuffers - buffersBefore) / eventCount,
  };
}

await serveCommands({
  async load({ file }) {
    table = await readTransactions(file);
  },
  timer: timerCost,
  verify,
  latencies,
  throughput,
  garbage,
});
