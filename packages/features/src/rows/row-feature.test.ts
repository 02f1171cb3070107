import { type Row, Table, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncodingSteps } from '../encodings/encoding-steps.js';
import type { RowFeature, TimeFeature } from '../definitions/feature-definition.js';
import {
  dayOfWeek,
  distance,
  duringNight,
  duringWeekend,
  field,
  frequencyEncoding,
  hourOfDay,
  onHoliday,
  oneHot,
  ordinal,
  targetEncoding,
} from '../definitions/row-builders.js';
import {
  type Payment,
  nowOf,
  paymentTable,
  randomPayments,
  randomStreams,
  rowFeatures,
} from '../windows/random-streams.fixture.js';
import { literalRowFeature } from './literal-row-feature.fixture.js';
import { type RowFeatureValues, rowFeature, rowFields } from './row-feature.js';
import { anyField, readTime } from '../windows/event-cell.js';

const shape = { arrival: true, knownAt: false };
const payments = randomPayments(shape);

const steps: EncodingSteps = {
  fromMs: [0, 20],
  categories: ['web', 'pos'],
  values: [
    [0.25, null],
    [0.5, 0.125],
  ],
  otherwise: [0.0625, null],
};
const encodings = fc.constantFrom<RowFeature>(
  { ...targetEncoding('channel'), steps },
  { ...frequencyEncoding('shop'), steps },
  { ...frequencyEncoding('channel'), steps },
);

describe('rowFeature', () => {
  it('gives the same bits over a column and of each event, those of a literal reading', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: rowFeatures }, encodings), randomStreams(shape), (definition, rows) => {
        const feature = rowFeature(definition, payments);
        const literal = rows.map((row) => literalRowFeature(definition, payments, row));
        expect([...feature.column(paymentTable(rows, payments))]).toEqual(literal);
        expect(rows.map((row) => valueOf(feature, row))).toEqual(literal);
      }),
      { numRuns: 500 },
    );
  });

  it('reads clocks of zones right at any moment, in any order', () => {
    const zone = fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kathmandu');
    const definition = fc
      .tuple(zone, fc.nat(23), fc.nat(23))
      .chain(([timeZone, fromHour, untilHour]) =>
        fc.constantFrom<TimeFeature>(
          hourOfDay({ timeZone }),
          dayOfWeek({ timeZone }),
          duringWeekend({ timeZone }),
          duringNight({ timeZone, fromHour, untilHour }),
          onHoliday(['12-25', '02-29', '2024-03-10'], { timeZone }),
        ),
      );
    // Near each other or years apart, around days on which clocks change and days that count.
    const epochMs = fc
      .tuple(fc.constantFrom('2024-03-10', '2024-02-29', '2023-12-25', '2024-04-07', '1950-01-01'), fc.nat(2 * 86_400_000))
      .map(([date, ms]) => Date.parse(date) - 86_400_000 + ms);
    fc.assert(
      fc.property(definition, fc.array(epochMs), (feature, moments) => {
        const values = rowFeature(feature, payments);
        const rows = moments.map((ms) => ({ at: new Date(ms) }));
        const literal = rows.map((row) => literalRowFeature(feature, payments, row));
        expect([...values.column(Table.fromColumns({ at: timeColumn(moments) }))]).toEqual(literal);
        expect(rows.map((row) => valueOf(values, row))).toEqual(literal);
      }),
      { numRuns: 300 },
    );
  });

  it('takes cells in the forms in which events have them', () => {
    expect(valueOf(rowFeature(hourOfDay(), payments), { at: '2024-05-03 13:59:59' })).toBe(13);
    expect(valueOf(rowFeature(field('online'), payments), { online: 1 })).toBe(1);
    expect(valueOf(rowFeature(field('online'), payments), {})).toBeNaN();
    expect(valueOf(rowFeature(oneHot('channel', ['web']).channel_web, payments), { channel: null })).toBe(0);
    expect(valueOf(rowFeature(ordinal('channel', ['7', '8']), payments), { channel: 8 })).toBe(1);
  });

  it.each<[string, RowFeature, Row, string]>([
    ['a missing required number', field('amount'), {}, 'event: amount is missing'],
    ['text for a number', field('tip'), { tip: 'much' }, 'event: tip is "much"'],
    ['a missing time', hourOfDay(), { at: null }, 'event: at is missing'],
    ['a flag for a category', ordinal('channel', ['a']), { channel: true }, 'event: channel is true'],
  ])('refuses %s', (_, definition, event, message) => {
    expect(() => valueOf(rowFeature(definition, payments), event)).toThrow(message);
  });

  it('refuses to encode what was not fitted, when it is asked to', () => {
    const feature = rowFeature(targetEncoding('channel'), payments);
    const message = 'targetEncoding of channel is not fitted; call features.fit(table) first';
    expect(() => feature.column(paymentTable([], payments))).toThrow(message);
    expect(() => valueOf(feature, { channel: 'web' })).toThrow(expect.objectContaining({ code: 'INVALID_DEFINITION' }));
  });

  it('encodes by the moment of arrival', () => {
    const feature = rowFeature({ ...targetEncoding('channel'), steps }, payments);
    const row = { channel: 'web', at: new Date(5), seen: new Date(25) } as Payment;
    expect(nowOf(row, shape)).toBe(25);
    expect(valueOf(feature, row)).toBe(0.5);
    expect(valueOf(rowFeature({ ...targetEncoding('channel'), steps }, randomPayments({ ...shape, arrival: false })), row)).toBe(
      0.25,
    );
  });
});

describe('rowFields', () => {
  it.each<[RowFeature, readonly string[]]>([
    [field('tip'), ['tip']],
    [duringNight(), ['at']],
    [targetEncoding('channel'), ['channel', 'seen']],
    [ordinal('shop', ['x']), ['shop']],
    [distance({ from: { latitude: 'a', longitude: 'b' }, to: { latitude: 'c', longitude: 'd' } }), ['a', 'b', 'c', 'd']],
  ])('of %j', (definition, names) => expect(rowFields(definition, payments)).toEqual(names));

  it('are all that a column is made of', () => {
    fc.assert(
      fc.property(fc.oneof(rowFeatures, encodings), randomStreams(shape), (definition, rows) => {
        const table = paymentTable(rows, payments);
        const { column } = rowFeature(definition, payments);
        const narrow = table.select([...new Set(rowFields(definition, payments))]);
        expect(column(narrow)).toEqual(column(table));
      }),
    );
  });
});

/** The feature of an event, whose time has been read as that of the event at hand is. */
function valueOf(feature: RowFeatureValues, event: Row): number {
  const at = Float64Array.of(Number.NaN);
  if (event.at !== undefined) readTime(event, anyField('at', true), at);
  const into = new Float64Array(2);
  feature.read(event, at, into, 1);
  return into[1]!;
}
