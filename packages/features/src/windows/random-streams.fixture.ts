/**
 * Random definitions and random streams of transactions for property tests. Moments come from a small range, so that ties and events
 * exactly on a window's edge are common; streams have gaps, repeated transactions, missing values, late arrivals, and labels that are
 * known early, late or never.
 */
import { type Row, Table } from '@fraudops/core';
import fc from 'fast-check';
import { z } from 'zod';
import type { FeatureDefinition, RowFeature, WindowFeature } from '../definitions/feature-definition.js';
import { type TransactionsDefinition, defineTransactions } from '../transactions/transactions.js';

/** A label is known so long after its event, unless the row says when. */
const LABEL_DELAY_MS = 5;

/** Which of the optional times a stream has. */
export interface StreamShape {
  readonly arrival: boolean;
  readonly knownAt: boolean;
}

/** All four shapes. */
export const streamShapes: readonly StreamShape[] = [
  { arrival: false, knownAt: false },
  { arrival: true, knownAt: false },
  { arrival: false, knownAt: true },
  { arrival: true, knownAt: true },
];

/** Transactions of a shape. */
export function randomPayments({ arrival, knownAt }: StreamShape): TransactionsDefinition {
  return defineTransactions({
    schema: z.object({
      id: z.number().int(),
      at: z.date(),
      seen: z.date(),
      card: z.string(),
      shop: z.string().optional(),
      channel: z.string().optional(),
      amount: z.number().multipleOf(0.01),
      tip: z.number().multipleOf(0.05).optional(),
      weight: z.number().optional(),
      online: z.boolean().optional(),
      latitude: z.number().optional(),
      longitude: z.number().optional(),
      fraud: z.boolean(),
      known: z.date().optional(),
    }),
    time: 'at',
    ...(arrival && { arrival: 'seen' }),
    label: { field: 'fraud', delayMs: LABEL_DELAY_MS, ...(knownAt && { knownAt: 'known' }) },
    id: 'id',
    entities: ['card', 'shop'],
  });
}

/** One transaction of {@link randomPayments}. */
export interface Payment extends Row {
  readonly id: number;
  readonly at: Date;
  /** When it arrived; the event time in streams without arrival. */
  readonly seen: Date;
  readonly card: string;
  readonly shop: string | null;
  readonly channel: string | null;
  readonly amount: number;
  readonly tip: number | null;
  readonly weight: number | null;
  readonly online: boolean | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly fraud: boolean | null;
  /** When its label became known; null in streams without it, and for the usual moment. */
  readonly known: Date | null;
}

/** The table of some payments. */
export function paymentTable(rows: readonly Payment[], payments: TransactionsDefinition): Table {
  return Table.fromRows(rows, payments.kinds);
}

/** Moment at which a payment is known to be there: that of its features. */
export function nowOf(row: Payment, { arrival }: StreamShape): number {
  return (arrival ? row.seen : row.at).getTime();
}

/** Moment from which on a payment's label counts. */
export function knownMsOf(row: Payment, { knownAt }: StreamShape): number {
  return knownAt && row.known !== null ? row.known.getTime() : row.at.getTime() + LABEL_DELAY_MS;
}

/** Payments in order of arrival, those of one moment as they are. */
export function inOrderOfArrival(rows: readonly Payment[], shape: StreamShape): Payment[] {
  return rows.toSorted((a, b) => nowOf(a, shape) - nowOf(b, shape));
}

/** Streams start before 1970, where rounding down and towards 0 differ, or just before a zone's clocks go forward on a Sunday. */
const ORIGINS = [-30, Date.UTC(2024, 2, 31, 1) - 30];

/** A short stretch of time, and, in one of nine cases, another one long after it. */
const shortStretches = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 100_040 }) },
);

/** How far the event time of a payment can be before that of one that arrived earlier, in milliseconds. */
export const MAX_LATENESS_MS = 43;

const cents = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -100_000, max: 100_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 262_144, 2 ** 37, -(2 ** 37), 2 ** 37 - 1, 99_999_999_999) },
);
const weight = fc.oneof(fc.constantFrom(null, 0, -0, 1.5, -2, 0.1, 1e-300), fc.double({ noNaN: true, noDefaultInfinity: true }));
// Below 0: the event's clock is ahead of the one that tells arrivals.
const lateness = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat(30) },
  { weight: 1, arbitrary: fc.integer({ min: -10, max: -1 }) },
);
const degrees = fc.option(fc.integer({ min: -95, max: 95 }), { freq: 9 });

const payment = fc.record({
  lateMs: lateness,
  card: fc.constantFrom('a', 'b'),
  shop: fc.constantFrom('x', 'y', null),
  channel: fc.constantFrom('web', 'pos', 'atm', null),
  amount: cents.map((count) => count / 100),
  tip: fc.option(fc.integer({ min: 0, max: 100 }).map((units) => (units * 5) / 100)),
  weight,
  online: fc.option(fc.boolean()),
  latitude: degrees,
  longitude: degrees,
  fraud: fc.option(fc.boolean()),
  // Known before the usual moment, long after it, or at that moment.
  knownAfterMs: fc.option(fc.integer({ min: 0, max: 40 })),
  isRepeated: fc.integer({ min: 0, max: 9 }).map((digit) => digit === 0),
});

/** A stream in order of arrival. A repeated payment is there twice, the second time right behind the first or a little later. */
export function randomStreams(shape: StreamShape, maxLength = 40): fc.Arbitrary<Payment[]> {
  const drawn = fc.array(fc.tuple(shortStretches, payment), { minLength: 1, maxLength });
  return fc.tuple(fc.constantFrom(...ORIGINS), drawn).map(([originMs, payments]) => streamOf(shape, originMs, payments));
}

/** A stream of so many payments or a few more, about one a millisecond, so that histories grow and most of them is forgotten. */
export function longStreams(shape: StreamShape, length: number): fc.Arbitrary<Payment[]> {
  const drawn = fc.array(fc.tuple(fc.nat(length), payment), { minLength: length, maxLength: length });
  return drawn.map((payments) => streamOf(shape, 0, payments));
}

type DrawnPayment = typeof payment extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function streamOf(shape: StreamShape, originMs: number, drawn: readonly (readonly [number, DrawnPayment])[]): Payment[] {
  const rows = drawn.flatMap(([ms, { lateMs, knownAfterMs, isRepeated, ...row }], id): Payment[] => {
    const at = new Date(originMs + ms);
    const seen = shape.arrival ? new Date(at.getTime() + lateMs) : at;
    const known = shape.knownAt && knownAfterMs !== null ? new Date(at.getTime() + knownAfterMs) : null;
    const first = { id, ...row, at, seen, known };
    return isRepeated ? [first, { ...first, seen: shape.arrival ? new Date(seen.getTime() + 3) : seen }] : [first];
  });
  return inOrderOfArrival(rows, shape);
}

const per = fc.constantFrom<WindowFeature['per']>('card', 'shop', ['card', 'shop']);
const lengthMs = fc.integer({ min: 1, max: 40 });
const delayMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 }));
const own = fc.constantFrom<'included' | 'excluded' | undefined>('included', 'excluded', undefined);

/** The part of a window feature that says what is made of the window's transactions. */
type Aggregation = Pick<WindowFeature, 'aggregate'> & {
  readonly [Key in 'field' | 'value' | 'place']?: WindowFeature[Key] | undefined;
};

const summed = { aggregate: fc.constantFrom('sum', 'mean', 'std'), field: fc.constantFrom('amount', 'tip') } as const;
const extreme = {
  aggregate: fc.constantFrom('min', 'max'),
  field: fc.constantFrom('amount', 'tip', 'weight'),
} as const;
const counted = { aggregate: fc.constant('count') } as const;
const rates = {
  aggregate: fc.constant('rate'),
  field: fc.option(fc.constantFrom('amount', 'tip'), { nil: undefined }),
} as const;
const exactOnly: fc.Arbitrary<Aggregation> = fc.oneof(
  fc.record({ aggregate: fc.constant('distinct'), field: fc.constantFrom('channel', 'shop') }),
  fc.record({ aggregate: fc.constantFrom('first', 'last'), field: fc.constantFrom('amount', 'tip', 'weight') }),
  fc.constant({ aggregate: 'timeSinceLast' }),
  fc.record({
    aggregate: fc.constant('share'),
    field: fc.constantFrom('channel', 'shop'),
    value: fc.constantFrom('web', 'x', 'never', undefined),
  }),
  fc.constant({ aggregate: 'speed', place: { latitude: 'latitude', longitude: 'longitude' } }),
);
const inTilesToo: fc.Arbitrary<Aggregation> = fc.oneof(
  fc.record(counted),
  { weight: 3, arbitrary: fc.record(summed) },
  { weight: 2, arbitrary: fc.record(extreme) },
  fc.record(rates),
);

/** A window feature of any aggregate, with any options that go together. */
export const windowFeatures: fc.Arbitrary<WindowFeature> = fc
  .oneof(
    { weight: 5, arbitrary: fc.tuple(fc.oneof(exactOnly, inTilesToo), lengthMs, delayMs, own, fc.constant(1)) },
    { weight: 2, arbitrary: fc.tuple(inTilesToo, lengthMs, fc.nat(3), own, fc.integer({ min: 2, max: 10 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant({ aggregate: 'risk' } as const), lengthMs, fc.nat(15), own, fc.constant(1)) },
  )
  .chain(([what, length, delay, itself, tileMs]) =>
    per.map((entities) => windowOf(what, entities, length, delay, itself, tileMs)),
  );

function windowOf(
  what: Aggregation,
  entities: WindowFeature['per'],
  length: number,
  delay: number,
  itself: 'included' | 'excluded' | undefined,
  tileMs: number,
): WindowFeature {
  const windowMs = tileMs * Math.ceil(length / tileMs);
  const delayed = tileMs * delay + (what.aggregate === 'risk' ? LABEL_DELAY_MS : 0);
  const excludesItself = what.aggregate === 'last' || what.aggregate === 'timeSinceLast' || what.aggregate === 'speed';
  const mayInclude = delayed === 0 && !excludesItself;
  const definition = {
    type: 'window',
    ...what,
    per: entities,
    windowMs,
    delayMs: delayed,
    own: itself === 'included' && !mayInclude ? undefined : itself,
    resolutionMs: tileMs === 1 ? undefined : tileMs,
    longWindowMs: what.aggregate === 'rate' ? windowMs * 3 : undefined,
  };
  return Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined)) as unknown as WindowFeature;
}

const timeZone = fc.constantFrom('Europe/Paris', 'Asia/Kathmandu', undefined);
const hour = fc.integer({ min: 0, max: 23 });
const zoned = <Feature extends object>(feature: Feature) =>
  timeZone.map((zone) => (zone === undefined ? feature : { ...feature, timeZone: zone }) as Feature & RowFeature);

/** A feature of the row, of any kind but encodings. */
export const rowFeatures: fc.Arbitrary<RowFeature> = fc.oneof(
  fc.constantFrom('amount', 'tip', 'weight', 'online').map((field): RowFeature => ({ type: 'field', field })),
  fc.constantFrom('hourOfDay' as const, 'dayOfWeek' as const, 'duringWeekend' as const).chain((type) => zoned({ type })),
  fc.tuple(hour, hour).chain(([fromHour, untilHour]) => zoned({ type: 'duringNight' as const, fromHour, untilHour })),
  zoned({ type: 'onHoliday' as const, dates: ['12-31', '2024-03-31', '01-01'] }),
  fc.constantFrom('web', 'other').map((value): RowFeature => ({ type: 'equals', field: 'channel', value })),
  fc.constant<RowFeature>({ type: 'ordinal', field: 'channel', values: ['pos', 'web'] }),
  fc.constant<RowFeature>({
    type: 'distance',
    from: { latitude: 'latitude', longitude: 'longitude' },
    to: { latitude: 'weight', longitude: 'longitude' },
  }),
);

/** Definitions by name, some of them made of others. */
export const featureDefinitions: fc.Arbitrary<Record<string, FeatureDefinition>> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: windowFeatures }, { weight: 1, arbitrary: rowFeatures }), {
      minLength: 1,
      maxLength: 10,
    }),
    fc.array(fc.tuple(fc.constantFrom('ratio' as const, 'difference' as const), fc.nat(), fc.nat()), { maxLength: 3 }),
  )
  .map(([simple, combinations]) => {
    const definitions: Record<string, FeatureDefinition> = {};
    // Features may be made of ones that stand behind them.
    combinations.forEach(([type, left, right], i) => {
      const count = simple.length + i;
      const nameOf = (place: number) => (place < simple.length ? `F${place}` : `C${place - simple.length}`);
      definitions[`C${i}`] = { type, of: [nameOf(left % count), nameOf(right % count)] };
    });
    simple.forEach((definition, i) => (definitions[`F${i}`] = definition));
    return definitions;
  });
