/**
 * The promise of the package: over random definitions and random streams, features computed over history, features served event by
 * event, and a literal reading of the definitions give the same bits. Only standard deviations may be off the literal reading in the
 * last places; history and the request path agree on them too.
 */
import type { Row, Table } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineFeatures, featureSetFromJson } from '../definitions/define-features.js';
import type { FeatureDefinition } from '../definitions/feature-definition.js';
import type { FeatureSet } from '../definitions/feature-set.js';
import { handbookFeatures } from '../handbook.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { literalFeatures } from './literal-features.fixture.js';
import type { OnlineFeatures, OnlineOptions } from './online-features.js';
import {
  MAX_LATENESS_MS,
  type Payment,
  type StreamShape,
  featureDefinitions,
  knownMsOf,
  longStreams,
  nowOf,
  paymentTable,
  randomPayments,
  randomStreams,
  streamShapes,
  windowFeatures,
} from './random-streams.fixture.js';

/** All streams fit into this, so that nothing is forgotten that could still count. */
const generous = { latenessMs: 1000 };

const titled = streamShapes.map((shape) => {
  const times = [shape.arrival && 'arrival', shape.knownAt && 'label.knownAt'].filter(Boolean);
  return [times.length === 0 ? 'neither arrival nor label.knownAt' : times.join(' and '), shape] as const;
});

describe.each(titled)('features of streams with %s', (_, shape) => {
  const payments = randomPayments(shape);
  // Definitions are drawn, and defined in the property, so that a counterexample can be read.
  const define = (definitions: Record<string, FeatureDefinition>) => defineFeatures(payments, definitions);
  const streams = randomStreams(shape);

  it('are over history what a literal reading of the definitions gives', () => {
    fc.assert(
      fc.property(featureDefinitions, streams, (definitions, rows) => {
        const features = define(definitions);
        const computed = computedRows(features, rows);
        rows.forEach((_row, position) =>
          expectLiteral(features, computed[position]!, literalFeatures(features.definitions, payments, rows, position)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('are over history what a literal reading gives, window by window', () => {
    fc.assert(
      fc.property(windowFeatures, randomStreams(shape, 80), (definition, rows) => {
        const features = define({ F: definition });
        const computed = computedRows(features, rows);
        rows.forEach((_row, position) =>
          expectLiteral(features, computed[position]!, literalFeatures(features.definitions, payments, rows, position)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('are the same bits event by event, with labels learned when they become known', () => {
    fc.assert(
      fc.property(featureDefinitions, streams, (definitions, rows) => {
        const features = define(definitions);
        const server = new Server(features, shape, rows);
        expectSame(features, computedRows(features, rows), server.serveUntil(rows.length));
      }),
      { numRuns: 60 },
    );
  });

  it('are the same bits after a restart from history', () => {
    fc.assert(
      fc.property(featureDefinitions, streams, fc.nat(60), (definitions, rows, at) => {
        const features = define(definitions);
        const cut = Math.min(at, rows.length);
        const server = new Server(features, shape, rows);
        server.backfillUntil(cut);
        expectSame(features, computedRows(features, rows).slice(cut), server.serveUntil(rows.length));
      }),
      { numRuns: 60 },
    );
  });

  it('are the same bits after restarts from what was saved', () => {
    fc.assert(
      fc.property(
        featureDefinitions,
        streams,
        fc.nat(40),
        fc.nat(40),
        fc.integer({ min: 1, max: 100 }),
        (definitions, rows, a, b, size) => {
          const features = define(definitions);
          const server = new Server(features, shape, rows);
          const served: number[][] = [];
          for (const cut of [Math.min(a, b), Math.max(a, b), rows.length]) {
            served.push(...server.serveUntil(Math.min(cut, rows.length)));
            server.restart(size);
          }
          expectSame(features, computedRows(features, rows), served);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are the same bits over long streams, most of which is forgotten', () => {
    fc.assert(
      fc.property(featureDefinitions, longStreams(shape, 400), (definitions, rows) => {
        const features = define(definitions);
        const server = new Server(features, shape, rows, { latenessMs: MAX_LATENESS_MS });
        expectSame(features, computedRows(features, rows), server.serveUntil(rows.length));
      }),
      // Shrinking streams this long would take minutes; the tests above find small counterexamples.
      { numRuns: 6, endOnFailure: true },
    );
  });
});

describe('features over history and event by event', () => {
  const shape: StreamShape = { arrival: false, knownAt: false };
  const payments = randomPayments(shape);
  const define = (definitions: Record<string, FeatureDefinition>) => defineFeatures(payments, definitions);

  it('are the same for a set that comes back from JSON', () => {
    fc.assert(
      fc.property(featureDefinitions, randomStreams(shape), (definitions, rows) => {
        const features = define(definitions);
        const restored = featureSetFromJson(JSON.parse(JSON.stringify(features.toJson())));
        const table = paymentTable(rows, payments);
        expect(restored.version).toBe(features.version);
        expect(restored.compute(table).toColumns()).toEqual(features.compute(table).toColumns());
      }),
      { numRuns: 30 },
    );
  });

  it('are the same when a label comes early, twice, or is corrected', () => {
    fc.assert(
      fc.property(featureDefinitions, randomStreams(shape), (definitions, rows) => {
        const features = define(definitions);
        const computed = computedRows(features, rows);
        const online = features.online(generous);
        rows.forEach((row, position) => {
          expectSame(features, [computed[position]!], [[...online.featuresFor(row)]]);
          online.observe(row);
          for (const fraud of [row.fraud !== true, row.fraud === true, row.fraud === true]) online.learnLabel({ ...row, fraud });
        });
      }),
      { numRuns: 60 },
    );
  });

  it('are, for late events, those of a history in order of arrival, also when no field tells it', () => {
    const withArrival = randomPayments({ arrival: true, knownAt: false });
    const arrivals = fc
      .tuple(randomStreams(shape), fc.infiniteStream(fc.nat(1000)))
      .map(([rows, order]) => rows.map((row) => ({ row, place: order.next().value as number })))
      // Arrived long after the last of them, one a millisecond.
      .map((placed) => placed.toSorted((a, b) => a.place - b.place).map(({ row }, i) => ({ ...row, seen: new Date(4e12 + i) })));
    fc.assert(
      fc.property(featureDefinitions, arrivals, (definitions, rows) => {
        const online = define(definitions).online({ latenessMs: 1_000_000 });
        const served = rows.map((row) => {
          const features = [...online.featuresFor(row)];
          online.observe(row);
          if (row.fraud !== null) online.learnLabel(row);
          return features;
        });
        const features = defineFeatures(withArrival, definitions);
        expectSame(features, computedRows(features, rows), served);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same bits for the handbook features of 20,000 simulated transactions', () => {
    const table = simulateTransactions({ rows: 20_000, seed: 3, days: 60 });
    expect(differencesWhileServing(handbookFeatures, table)).toBe(0);
  });
});

/** Serves a stream as a service does: labels are learned as they become known, then an event is scored and remembered. */
class Server {
  readonly #features: FeatureSet;
  readonly #shape: StreamShape;
  readonly #rows: readonly Payment[];
  readonly #options: OnlineOptions;
  readonly #learned = new Set<number>();
  #online: OnlineFeatures;
  #position = 0;

  constructor(features: FeatureSet, shape: StreamShape, rows: readonly Payment[], options: OnlineOptions = generous) {
    this.#options = options;
    this.#features = features;
    this.#shape = shape;
    this.#rows = rows;
    this.#online = features.online(options);
  }

  /** The features of the next rows, up to a position. */
  serveUntil(end: number): number[][] {
    const served: number[][] = [];
    for (; this.#position < end; this.#position++) {
      const row = this.#rows[this.#position]!;
      this.#learnDue(nowOf(row, this.#shape));
      served.push([...this.#online.featuresFor(row)]);
      this.#online.observe(row);
    }
    return served;
  }

  /** Starts with the first rows and the labels that are known when the last of them arrives. */
  backfillUntil(end: number): void {
    const nowMs = end === 0 ? 0 : nowOf(this.#rows[end - 1]!, this.#shape);
    const isKnown = (row: Payment) => knownMsOf(row, this.#shape) <= nowMs;
    const known = this.#rows.slice(0, end).map((row) => (isKnown(row) ? row : { ...row, fraud: null, known: null }));
    this.#online.backfill(paymentTable(known, this.#features.transactions));
    known.forEach((row, i) => row === this.#rows[i] && this.#learned.add(i));
    this.#position = end;
  }

  /** Goes on in a new process, with what the old one saved, in chunks of another size. */
  restart(chunkBytes: number): void {
    const saved = Buffer.concat([...this.#online.save()]);
    const chunks: Uint8Array[] = [];
    for (let from = 0; from < saved.length; from += chunkBytes) chunks.push(saved.subarray(from, from + chunkBytes));
    this.#online = this.#features.online(this.#options);
    this.#online.restore(chunks);
  }

  #learnDue(nowMs: number): void {
    for (let i = 0; i < this.#position; i++) {
      const row = this.#rows[i]!;
      if (this.#learned.has(i) || knownMsOf(row, this.#shape) > nowMs) continue;
      this.#learned.add(i);
      if (row.fraud !== null) this.#online.learnLabel(row);
    }
  }
}

function computedRows(features: FeatureSet, rows: readonly Payment[]): number[][] {
  const computed = features.compute(paymentTable(rows, features.transactions));
  const columns = features.names.map((name) => computed.number(name));
  return rows.map((_, position) => columns.map((column) => column[position]!));
}

/** The same bits; a difference is told with the feature's name. */
function expectSame(features: FeatureSet, expected: readonly number[][], found: readonly number[][]): void {
  const named = (rows: readonly number[][]) => rows.map((row) => row.map((value, i) => `${features.names[i]} ${shown(value)}`));
  expect(named(found)).toEqual(named(expected));
}

function shown(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The same bits, but for standard deviations and what is made of them. */
function expectLiteral(features: FeatureSet, computed: readonly number[], literal: Readonly<Record<string, number>>): void {
  features.names.forEach((name, i) => {
    const found = computed[i]!;
    const expected = literal[name]!;
    if (!dependsOnStd(features, name)) expect(`${name} ${shown(found)}`).toBe(`${name} ${shown(expected)}`);
    else if (features.definitions[name]!.type === 'window') expectClose(name, found, expected);
  });
}

function dependsOnStd(features: FeatureSet, name: string): boolean {
  const definition = features.definitions[name]!;
  if ('of' in definition) return definition.of.some((part) => dependsOnStd(features, part));
  return definition.type === 'window' && definition.aggregate === 'std';
}

function expectClose(name: string, found: number, expected: number): void {
  if (Number.isNaN(expected)) expect(found, name).toBeNaN();
  else expect(Math.abs(found - expected), `${name} ${found} ${expected}`).toBeLessThanOrEqual(1e-12 * expected);
}

/** How many of all features differ when a table is served row by row, each label learned when it becomes known. */
function differencesWhileServing(features: FeatureSet, table: Table): number {
  const computed = features.compute(table);
  const columns = features.names.map((name) => computed.number(name));
  const times = table.time(features.transactions.time);
  const { delayMs } = features.transactions.label!;
  const online = features.online();
  const served = new Float64Array(features.names.length);
  let differences = 0;
  let learned = 0;
  for (let row = 0; row < table.rowCount; row++) {
    for (; times[learned]! + delayMs <= times[row]!; learned++) expect(online.learnLabel(table.row(learned))).toBe(true);
    const event: Row = table.row(row);
    online.featuresFor(event, served);
    online.observe(event);
    for (let j = 0; j < served.length; j++) if (!Object.is(served[j], columns[j]![row])) differences++;
  }
  return differences;
}
