import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gateValuesField, labelField, metricsField, paramsField, parseShape, reasonField } from './bounded-fields.js';

const schema = z.object({
  by: labelField,
  why: reasonField,
  many: z.number().int().min(1).max(9),
  keepForMs: z.number().int().nonnegative().min(3_600_000),
  ratio: z.number(),
  view: z.enum(['active', 'all']),
  metrics: metricsField,
  params: paramsField,
  values: gateValuesField,
  names: z.array(z.string()).max(2),
});

const good = {
  by: 'ana',
  why: '',
  many: 1,
  keepForMs: 3_600_000,
  ratio: 0.5,
  view: 'all',
  metrics: {},
  params: {},
  values: {},
  names: [],
};

describe('what is wrong with a value', () => {
  it('is nothing where it is good', () => expect(parseShape(schema, good, 'argument')).toEqual({ data: good }));

  it.each<[object, string]>([
    [{ by: undefined }, 'by is undefined, expected a text of 1 to 250 characters'],
    [{ by: '' }, 'by has 0 characters, at least 1 is needed'],
    [{ by: 'x'.repeat(251) }, 'by has 251 characters, at most 250 are allowed'],
    [{ why: undefined }, 'why is undefined, expected a text of at most 4000 characters'],
    [{ many: '5' }, 'many is "5", expected a whole number from 1 to 9'],
    [{ many: 1.5 }, 'many is 1.5, expected a whole number'],
    [{ many: 10 }, 'many is 10, expected at most 9'],
    [{ keepForMs: 5 }, 'keepForMs is 5, expected 3600000 or more'],
    [{ keepForMs: undefined }, 'keepForMs is undefined, expected a whole number of 3600000 or more'],
    [{ ratio: Number.NaN }, 'ratio is NaN, expected a number'],
    [{ view: 'active ' }, 'view is "active ", expected one of "active", "all"'],
    [{ metrics: { a: 'x' } }, 'metrics.a is "x", expected a number'],
    [{ metrics: null }, 'metrics is null, expected an object'],
    [{ metrics: { '€': 1 } }, 'metrics.€: a key begins with a letter'],
    [{ params: { a: {} } }, 'params.a is an object, expected a text of at most 6000 characters or a number or true or false'],
    [{ params: { a: 'x'.repeat(6_001) } }, 'params.a has 6001 characters, at most 6000 are allowed'],
    [{ names: ['a', 'b', 'c'] }, 'names has 3 entries, at most 2 are allowed'],
    [{ names: 'a' }, 'names is "a", expected an array'],
  ])('is said in words %#', (change, problem) => {
    expect(parseShape(schema, { ...good, ...change }, 'argument')).toMatchObject({ problem: expect.stringContaining(problem) });
  });

  it('names what has no members as it is told', () =>
    expect(parseShape(labelField, null, 'id')).toMatchObject({
      field: 'id',
      problem: 'id is null, expected a text of 1 to 250 characters',
    }));
});
