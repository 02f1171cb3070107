import type { Row } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import * as cell from './event-cell.js';

const { anyField } = cell;

function timeCell(event: Row, name: string): number {
  const into = new Float64Array(1);
  cell.readTime(event, anyField(name, true), into);
  return into[0]!;
}

function numberCell(event: Row, name: string, required: boolean): number {
  const into = new Float64Array(3);
  cell.readNumber(event, anyField(name, required), into, 2);
  return into[2]!;
}

const categoryCell = (event: Row, name: string, required: boolean) => cell.categoryCell(event, anyField(name, required));
const flagCell = (event: Row, name: string, required: boolean) => cell.flagCell(event, anyField(name, required));

describe('cells of an event', () => {
  it('reads times as a table does', () => {
    expect(timeCell({ at: new Date(5) }, 'at')).toBe(5);
    expect(timeCell({ at: 5 }, 'at')).toBe(5);
    expect(timeCell({ at: '1970-01-01 00:00:01' }, 'at')).toBe(1000);
  });

  it('reads categories, numbers and flags', () => {
    expect(categoryCell({ card: 12 }, 'card', true)).toBe('12');
    expect(numberCell({ amount: 1.5 }, 'amount', true)).toBe(1.5);
    expect([flagCell({ x: true }, 'x', true), flagCell({ x: 0 }, 'x', true)]).toEqual([1, 0]);
  });

  it('gives the missing value where a value may be missing', () => {
    expect(categoryCell({}, 'card', false)).toBeUndefined();
    expect(numberCell({ amount: null }, 'amount', false)).toBeNaN();
    expect(flagCell({}, 'x', false)).toBeNaN();
  });

  it.each([
    ['a missing time', () => timeCell({}, 'at'), 'MISSING_VALUE', 'event: at is missing, expected a valid Date'],
    ['an invalid Date', () => timeCell({ at: new Date(Number.NaN) }, 'at'), 'INVALID_VALUE', 'event: at is Invalid Date'],
    ['a day that is none', () => timeCell({ at: '2024-02-30' }, 'at'), 'INVALID_VALUE', 'event: at is "2024-02-30"'],
    ['a missing required category', () => categoryCell({ card: null }, 'card', true), 'MISSING_VALUE', 'event: card is missing'],
    ['a time beyond all dates', () => timeCell({ at: 1e300 }, 'at'), 'INVALID_VALUE', 'event: at is 1e+300'],
    [
      'an object whose text can not be made',
      () => categoryCell({ card: { toString: 1, valueOf: 1 } as never }, 'card', true),
      'INVALID_VALUE',
      'event: card is an object, expected a string',
    ],
    [
      'text for a number',
      () => numberCell({ amount: '1' }, 'amount', false),
      'INVALID_VALUE',
      'event: amount is "1", expected a finite number',
    ],
    [
      'a fraction of a millisecond',
      () => timeCell({ at: 1.5 }, 'at'),
      'INVALID_VALUE',
      'event: at is 1.5, expected a valid Date, whole',
    ],
    ['NaN', () => numberCell({ amount: Number.NaN }, 'amount', false), 'INVALID_VALUE', 'event: amount is NaN'],
    ['2 for a flag', () => flagCell({ x: 2 }, 'x', false), 'INVALID_VALUE', 'event: x is 2, expected true, false, 0 or 1'],
  ])('refuses %s', (_, read, code, message) => {
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code }));
  });
});

describe('cells of an event without them', () => {
  it('takes what every object has for missing, unless the event has it', () => {
    for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
      expect(categoryCell({}, name, false)).toBeUndefined();
      expect(numberCell({}, name, false)).toBeNaN();
      expect(flagCell({}, name, false)).toBeNaN();
      expect(() => timeCell({}, name)).toThrow(`event: ${name} is missing`);
      expect(categoryCell({ [name]: 'x' }, name, false)).toBe('x');
    }
  });
});

describe('cells of declared fields', () => {
  const names = ['amount', 'other', 'constructor', 'toString', '__proto__'];
  const fields = Object.fromEntries(names.map((name) => [name, { required: false }]));
  const transactions = { fields } as unknown as TransactionsDefinition;

  /** The numbers of an event by the names above. */
  function numbersOf(given: object): number[] {
    const event = cell.cellsOf(given);
    const into = new Float64Array(names.length);
    for (const [i, name] of names.entries()) cell.readNumber(event, cell.eventField(transactions, name), into, i);
    return [...into];
  }

  const own = (values: object, prototype: object | null = null) => Object.assign(Object.create(prototype) as object, values);
  class Payment {
    amount = 1;
    get other(): number {
      return 9;
    }
  }

  it.each<[string, () => object, number[]]>([
    ['a plain object', () => ({ amount: 1, other: 2 }), [1, 2, Number.NaN, Number.NaN, Number.NaN]],
    [
      'parsed names that every object has',
      () => JSON.parse('{"constructor": 1, "__proto__": 2}'),
      [Number.NaN, Number.NaN, 1, Number.NaN, 2],
    ],
    ['an object without prototype', () => own({ amount: 1, toString: 2 }), [1, Number.NaN, Number.NaN, 2, Number.NaN]],
    ['an instance of a class with a getter', () => new Payment(), [1, Number.NaN, Number.NaN, Number.NaN, Number.NaN]],
    [
      'a class instance with names that every object has',
      () => own({ constructor: 3 }, Payment.prototype),
      [Number.NaN, Number.NaN, 3, Number.NaN, Number.NaN],
    ],
    ['what inherits a number', () => own({ other: 2 }, { amount: 1 }), [Number.NaN, 2, Number.NaN, Number.NaN, Number.NaN]],
    [
      'a getter of its own',
      () => Object.defineProperty({}, 'amount', { get: () => 4 }),
      [4, Number.NaN, Number.NaN, Number.NaN, Number.NaN],
    ],
    ['undefined', () => ({ amount: undefined, other: 2 }), [Number.NaN, 2, Number.NaN, Number.NaN, Number.NaN]],
  ])('are its own: %s', (_, event, expected) => {
    expect(numbersOf(event())).toEqual(expected);
  });

  it('are its own when its prototype changes', () => {
    const event = { other: 2 };
    expect(numbersOf(event)).toEqual([Number.NaN, 2, Number.NaN, Number.NaN, Number.NaN]);
    Object.setPrototypeOf(event, { amount: 1 });
    expect(numbersOf(event)).toEqual([Number.NaN, 2, Number.NaN, Number.NaN, Number.NaN]);
  });

  it('are its own when every object has got one, also after many events', () => {
    const missing = [Number.NaN, 2, Number.NaN, Number.NaN, Number.NaN];
    for (let i = 0; i < 20_000; i++) numbersOf({ other: 2 });
    const everyObject: object = Object.prototype;
    Object.defineProperty(everyObject, 'amount', { value: 7, configurable: true, enumerable: false, writable: true });
    try {
      expect(numbersOf({ other: 2 })).toEqual(missing);
      expect(numbersOf({ amount: 1, other: 2 })).toEqual([1, ...missing.slice(1)]);
    } finally {
      Reflect.deleteProperty(everyObject, 'amount');
    }
    expect(numbersOf({ other: 2 })).toEqual(missing);
  });

  it('are asked of a getter once', () => {
    let asked = 0;
    numbersOf({
      get amount() {
        return ++asked;
      },
    });
    expect(asked).toBe(1);
  });
});
