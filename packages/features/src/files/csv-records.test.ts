import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, CsvRecords, PLAIN, QUOTED_WITH_QUOTES } from './csv-records.js';

interface Seen {
  readonly line: number;
  readonly cells: readonly string[];
}

function seenRecord(record: CsvRecord): Seen {
  const cells = Array.from({ length: record.cellCount }, (_, cell) => {
    const text = Buffer.from(record.bytes.subarray(record.starts[cell], record.ends[cell])).toString();
    return record.quoting[cell] === QUOTED_WITH_QUOTES ? text.replaceAll('""', '"') : text;
  });
  return { line: record.line, cells };
}

function recordsOf(chunks: readonly Uint8Array[], maxLineBytes = 1000): Seen[] {
  const seen: Seen[] = [];
  const records = new CsvRecords('file.csv', maxLineBytes, (record) => seen.push(seenRecord(record)));
  for (const chunk of chunks) records.push(chunk);
  records.end();
  return seen;
}

const cellsOf = (text: string) => recordsOf([Buffer.from(text)]).map(({ cells }) => cells);

/** Cuts bytes at the given positions, in any order. */
function cut(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const cuts = [0, ...positions.map((position) => position % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
}

describe('CsvRecords', () => {
  it.each([
    ['id;at;amount\n1;2;3\n', 'a semicolon'],
    ['id\tat\tamount\r\n', 'a tab'],
    ['"id";"at"\n', 'a semicolon'],
    ['\uFEFFid\tat', 'a tab'],
  ])('says of %j that only commas are read', (text, separator) => {
    expect(() => cellsOf(text)).toThrow(
      `file.csv, line 1: the header is one cell with ${separator} in it, but only commas separate cells here`,
    );
  });

  it('leaves such bytes alone beside commas, below the header, and in quotes', () => {
    expect(cellsOf('a;b,c\nx;y,z\n')).toEqual([
      ['a;b', 'c'],
      ['x;y', 'z'],
    ]);
    expect(cellsOf('"a;b"\nx;y\n')).toEqual([['a;b'], ['x;y']]);
  });

  it.each([
    [
      'LF',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'no line end at the end',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['a carriage return at the end', 'a,b\r', [['a', 'b']]],
    [
      'quotes',
      '"a,1","b ""x"""\r\n"",c"d\n',
      [
        ['a,1', 'b "x"'],
        ['', 'c"d'],
      ],
    ],
    ['a quote at the end of the file', 'a,"b"', [['a', 'b']]],
    ['line ends in quotes', '"a\r\nb",c\n', [['a\r\nb', 'c']]],
    ['empty cells and lines', ',\n\n,,', [['', ''], [''], ['', '', '']]],
    ['a byte order mark', '\uFEFF"a",b\n', [['a', 'b']]],
    ['nothing', '', []],
    ['only a byte order mark', '\uFEFF', []],
  ])('reads %s', (_, text, cells) => expect(cellsOf(text)).toEqual(cells));

  it('says the same however the file is cut into chunks', () => {
    const piece = fc.constantFrom('a', '7', ',', '"', '""', '"a,"', '"b"', '\n', '\r', '\r\n', 'é', '\uFEFF');
    const file = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    const outcome = (chunks: readonly Uint8Array[]) => {
      try {
        return recordsOf(chunks, 30);
      } catch {
        // Which rule is met first, that of length or that of quotes, depends on the cuts; that one is met doesn't.
        return 'refused';
      }
    };
    fc.assert(
      fc.property(file, fc.array(fc.nat(200), { maxLength: 30 }), (text, positions) => {
        const bytes = Buffer.from(text);
        expect(outcome(cut(bytes, positions))).toEqual(outcome([bytes]));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives back the cells that were written by the rules of RFC 4180', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'ü') });
    const written = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2 }), { minLength: 1 }),
        fc.constantFrom('\n', '\r\n'),
        (rows, lineEnd) => {
          expect(cellsOf(rows.map((row) => row.map(written).join(',')).join(lineEnd))).toEqual(rows);
        },
      ),
    );
  });

  it('counts lines as an editor does, also through quoted line ends', () => {
    expect(recordsOf([Buffer.from('a\n"b\n\nc"\nd\n')]).map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it('takes more than 64 cells', () => {
    const cells = Array.from({ length: 200 }, (_, i) => String(i));
    expect(cellsOf(cells.join(','))).toEqual([cells]);
  });

  it('does not keep the chunk, which its owner may reuse', () => {
    const seen: Seen[] = [];
    const records = new CsvRecords('file.csv', 100, (record) => seen.push(seenRecord(record)));
    const chunk = Buffer.from('ab,cd');
    records.push(chunk);
    chunk.fill('x');
    records.end();
    expect(seen).toEqual([{ line: 1, cells: ['ab', 'cd'] }]);
  });

  it('marks plain cells, so that an empty cell and "" differ', () => {
    const quoting: number[] = [];
    new CsvRecords('file.csv', 100, (record) => quoting.push(...record.quoting.slice(0, 2))).push(Buffer.from(',""\n'));
    expect(quoting.map((how) => how === PLAIN)).toEqual([true, false]);
  });

  it.each([
    ['a,"b"c\n', 'file.csv, line 1: cell 2 goes on after its closing quote; write a quote inside a quoted cell as ""'],
    ['a\n"b', 'file.csv, line 2: a quote is opened and never closed'],
    [`a\n${'x'.repeat(1001)}\n`, 'file.csv, line 2: longer than 1000 bytes'],
    [
      `a\n"${'x\n'.repeat(600)}`,
      "file.csv, line 2: longer than 1000 bytes; look for a quote that isn't closed or lines that end with CR alone, or raise maxLineBytes",
    ],
  ])('refuses %j', (text, message) => expect(() => cellsOf(text)).toThrow(message));

  it('scans a record of many chunks once, so that it costs what as many bytes in short records cost', () => {
    const chunk = Buffer.alloc(1000, 'x');
    const seconds = (chunkCount: number, quote: string) => {
      const records = new CsvRecords('file.csv', 1e9, () => {});
      const started = performance.now();
      records.push(Buffer.from(quote));
      for (let i = 0; i < chunkCount; i++) records.push(chunk);
      return performance.now() - started;
    };
    for (const quote of ['x', '"']) {
      seconds(200, quote);
      // Scanning from the start each time would take 400 times as long, not 20.
      expect(seconds(8000, quote)).toBeLessThan(120 * Math.max(1, seconds(400, quote)));
    }
  });
});
