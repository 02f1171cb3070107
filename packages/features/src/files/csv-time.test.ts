import { parseTime } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeParser } from './csv-time.js';

const parseWith = (parser: TimeParser, text: string) => parser.parse(Buffer.from(`,${text},`), 1, 1 + Buffer.byteLength(text));

describe('TimeParser', () => {
  it('equals parseTime of @fraudops/core, whatever it read before', () => {
    const field = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const plain = fc
      .tuple(
        fc.constantFrom('2018', '2020', '1900', '0000'),
        field(13),
        field(32),
        fc.constantFrom(' ', 'T', '_'),
        field(25),
        field(61),
        field(61),
      )
      .map(([year, month, day, between, hour, minute, second]) => `${year}-${month}-${day}${between}${hour}:${minute}:${second}`);
    const spoiled = fc
      .tuple(plain, fc.nat(18), fc.constantFrom('x', '-', ' ', ':', ''))
      .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1));
    const other = fc.constantFrom(
      '2018-04-01',
      '2018-04-01 10:00',
      '2018-04-01T10:00:00Z',
      '2018-04-01 10:00:00.25+02:00',
      'today',
      '1522540831000',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, spoiled, other), { minLength: 1 }), (texts) => {
        const parser = new TimeParser();
        for (const text of texts) expect(parseWith(parser, text)).toBe(parseTime(text));
      }),
      { numRuns: 500 },
    );
  });

  it('takes a time without a zone as UTC', () => {
    expect(parseWith(new TimeParser(), '2018-04-01 00:00:31')).toBe(Date.UTC(2018, 3, 1, 0, 0, 31));
  });
});
