import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoryColumn, flagColumn, numberColumn, timeColumn } from './column.js';
import { Table } from './table.js';

const kinds = { amount: 'number', card: 'category', at: 'time', fraud: 'flag' } as const;

const cells = fc.record({
  amount: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null }),
  card: fc.option(fc.string(), { nil: null }),
  at: fc.option(fc.date({ noInvalidDate: true }), { nil: null }),
  fraud: fc.option(fc.boolean(), { nil: null }),
});

const threeRows = () =>
  Table.fromColumns({
    amount: numberColumn([10, Number.NaN, 30]),
    card: categoryColumn(['a', null, 'b']),
    at: timeColumn([2000, 1000, 2000]),
    fraud: flagColumn([true, null, false]),
  });

describe('Table', () => {
  it('gives back the rows it was made from, missing values included', () => {
    fc.assert(
      fc.property(fc.array(cells), (rows) => {
        expect(Table.fromRows(rows, kinds).toRows()).toEqual(rows);
      }),
    );
  });

  it('reads times as Date, epoch milliseconds and ISO text, and flags as 0 and 1', () => {
    const rows = [
      { at: new Date(5), fraud: 1 },
      { at: 5, fraud: false },
      { at: '1970-01-01T00:00:00.005Z', fraud: 0 },
      { at: '1970-01-01 02:00:00.005+02:00' },
    ];
    const table = Table.fromRows(rows, { at: 'time', fraud: 'flag' });
    expect([...table.time('at')]).toEqual([5, 5, 5, 5]);
    expect([...table.flag('fraud')]).toEqual([1, 0, 0, 255]);
  });

  it.each([
    [{ amount: '12' }, 'column amount, row 0: "12" is not a finite number or null'],
    [{ amount: Number.NaN }, 'column amount, row 0: NaN is not a finite number or null'],
    [{ card: true }, 'column card, row 0: true is not a string, a finite number or null'],
    [{ at: '2018-02-31' }, 'column at, row 0: "2018-02-31" is not a valid Date, epoch milliseconds, an ISO 8601 string or null'],
    [{ at: 9e15 }, 'column at, row 0: 9000000000000000 is not a valid Date'],
    [{ fraud: 2 }, 'column fraud, row 0: 2 is not true, false, 0, 1 or null'],
  ])('refuses %j and says why', (row, message) => expect(() => Table.fromRows([row], kinds)).toThrow(message));

  it('refuses columns of different length, codes outside the dictionary and odd flags', () => {
    expect(() => Table.fromColumns({ a: numberColumn([1]), b: numberColumn([1, 2]) })).toThrow('column b has 2 rows, a has 1');
    const odd = { kind: 'category', codes: Int32Array.of(0, 2), dictionary: ['x'] } as const;
    expect(() => Table.fromColumns({ a: odd })).toThrow('column a: code 2 at row 1 is outside the dictionary of 1');
    expect(() => Table.fromColumns({ a: flagColumn(Uint8Array.of(1, 7)) })).toThrow(
      'column a: flag 7 at row 1, expected 0, 1 or 255',
    );
  });

  it('names the columns there are when one is asked for that is not there, and the kind when it is another', () => {
    expect(() => threeRows().number('amout')).toThrow('no column amout; there are amount, card, at, fraud');
    expect(() => threeRows().number('card')).toThrow('column card is category, expected number');
    expect(() => threeRows().select(['card', 'card'])).toThrow('column card is named twice');
    expect(() => threeRows().rename({ card: 'at' })).toThrow('two columns would be called at');
    expect(() => threeRows().take([0, 3])).toThrow('positions[1] is 3, the table has 3 rows');
    expect(() => threeRows().row(-1)).toThrow('row -1 is not there');
  });

  it('may have columns that are called like members of all objects', () => {
    const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];
    const kindsOf = Object.fromEntries(names.map((name) => [name, 'category' as const]));
    const table = Table.fromRows([{}, { constructor: 'a', toString: 'b', valueOf: 'c', hasOwnProperty: 'd' }], kindsOf);
    expect(table.row(0)).toEqual({ constructor: null, toString: null, valueOf: null, hasOwnProperty: null });
    expect(table.rename({}).columnNames).toEqual(names);
    expect(table.rename({ constructor: 'maker' }).columnNames[0]).toBe('maker');
    const odd = Object.fromEntries([['__proto__', 'number' as const]]);
    expect(() => Table.fromRows([], odd)).toThrow('a column can\'t be called "__proto__"');
  });

  it('selects, drops, renames and replaces columns without touching the original', () => {
    const table = threeRows();
    expect(table.select(['fraud', 'amount']).columnNames).toEqual(['fraud', 'amount']);
    expect(table.drop(['card']).columnNames).toEqual(['amount', 'at', 'fraud']);
    expect(table.rename({ card: 'pan' }).columnNames).toEqual(['amount', 'pan', 'at', 'fraud']);
    expect([...table.with('amount', numberColumn([1, 2, 3])).number('amount')]).toEqual([1, 2, 3]);
    expect(table.columnNames).toEqual(['amount', 'card', 'at', 'fraud']);
    expect(table.number('amount')[0]).toBe(10);
  });

  it('takes, filters and slices rows as arrays do', () => {
    fc.assert(
      fc.property(
        fc.array(cells, { minLength: 1 }),
        fc.integer({ min: -5, max: 50 }),
        fc.integer({ min: -5, max: 50 }),
        (rows, a, b) => {
          const table = Table.fromRows(rows, kinds);
          expect(table.filter((i) => rows[i]!.fraud === true).toRows()).toEqual(rows.filter((row) => row.fraud === true));
          expect(table.slice(Number.NaN).rowCount).toBe(rows.length);
          expect(table.take([rows.length - 1, 0]).toRows()).toEqual([rows.at(-1), rows[0]]);
          expect(table.slice(a, b).toRows()).toEqual(rows.slice(Math.max(0, a), Math.max(0, b)));
        },
      ),
    );
  });

  it('sorts by time, keeps the order of equal times, and refuses a row without one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (times) => {
        const table = Table.fromColumns({ at: timeColumn(times), position: numberColumn(times.map((_, i) => i)) }).sortByTime(
          'at',
        );
        const expected = times.map((_, i) => i).toSorted((a, b) => times[a]! - times[b]!);
        expect([...table.number('position')]).toEqual(expected);
      }),
    );
    expect(() => Table.fromColumns({ at: timeColumn([1, Number.NaN]) }).sortByTime('at')).toThrow(
      'column at has no time at row 1',
    );
  });

  it('puts tables one below the other as their rows would be, whatever their dictionaries', () => {
    fc.assert(
      fc.property(fc.array(cells), fc.array(cells), fc.array(cells), (a, b, c) => {
        const tables = [a, b, c].map((rows) => Table.fromRows(rows, kinds));
        expect(Table.concat(tables).toRows()).toEqual([...a, ...b, ...c]);
      }),
    );
    expect(Table.concat([]).rowCount).toBe(0);
    const odd = threeRows().drop(['card']);
    expect(() => Table.concat([threeRows(), odd])).toThrow('no column card');
    expect(() => Table.concat([odd, threeRows()])).toThrow('column card is not in the first table');
    const other = odd.with('card', numberColumn([1, 2, 3]));
    expect(() => Table.concat([threeRows(), other])).toThrow('column card is category in one table and number in another');
  });
});
