import { describe, expect, it } from 'vitest';
import { counted, figure, percent, quoted } from './figures.js';

describe('figure', () => {
  it.each<[number | null, number | undefined, string]>([
    [0.64231, undefined, '0.642'],
    [0.64231, 0.6, '0.642'],
    [0.49996, 0.5, '0.49996'],
    [0.5000001, 0.5, '0.5000001'],
    [0.5, 0.5, '0.5'],
    [0.1 + 0.2, 0.3, '0.30000000000000004'],
    [12345.6, undefined, '12346'],
    [12345.6, 12346, '12345.6'],
    [-0.0213, 0, '-0.0213'],
    [1e-12, 0, '1e-12'],
    [null, 1, 'undefined'],
    [Number.POSITIVE_INFINITY, 1, 'Infinity'],
    [Number.NaN, undefined, 'NaN'],
  ])('writes %s beside %s as %s', (value, bound, text) => expect(figure(value, bound)).toBe(text));
});

it('writes counts, shares and names for people', () => {
  expect([counted(1, 'row'), counted(12_345, 'row'), counted(2, 'day', 'days')]).toEqual(['1 row', '12,345 rows', '2 days']);
  expect([percent(0.95), percent(0.9995)]).toEqual(['95 %', '99.95 %']);
  expect(quoted('a"\n')).toBe(String.raw`"a\"\n"`);
  expect(quoted('x'.repeat(500)).length).toBeLessThan(70);
});
