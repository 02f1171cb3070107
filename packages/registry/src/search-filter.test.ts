import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEYS, NUMBERS, TEXTS } from './run-records.fixture.js';
import type { SearchField } from './search-field.js';
import { type Comparison, filterText, parseFilter } from './search-filter.js';
import { compareTexts, orderText, parseOrder } from './search-order.js';

const keys = fc.oneof(fc.constantFrom(...KEYS), fc.string({ minLength: 1 }), fc.constantFrom('`', '"', '`"', 'and', '7'));
const texts = fc.oneof(fc.constantFrom(...TEXTS), fc.string());
const keyed = (kind: 'metric' | 'param' | 'tag'): fc.Arbitrary<SearchField> => keys.map((key) => ({ kind, key }));
const textFields: fc.Arbitrary<SearchField> = fc.oneof(
  keyed('param'),
  keyed('tag'),
  fc
    .constantFrom('run_id', 'run_name', 'status', 'user_id', 'code_version')
    .map((key): SearchField => ({ kind: 'attribute', key })),
  fc.constantFrom('name', 'digest', 'context').map((key): SearchField => ({ kind: 'dataset', key })),
);
const numberFields: fc.Arbitrary<SearchField> = fc.oneof(
  keyed('metric'),
  fc.constantFrom('start_time', 'end_time').map((key): SearchField => ({ kind: 'attribute', key })),
);

const comparisons: fc.Arbitrary<Comparison> = fc.oneof(
  fc.record({
    field: numberFields,
    comparator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    number: fc.oneof(
      fc.constantFrom(...NUMBERS),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    ),
  }),
  fc.record({ field: textFields, comparator: fc.constantFrom('=', '!=', 'LIKE', 'ILIKE'), text: texts }),
  fc.record({ field: textFields, comparator: fc.constantFrom('IN', 'NOT IN'), texts: fc.array(texts, { minLength: 1 }) }),
  fc.record({ field: fc.oneof(keyed('param'), keyed('tag')), comparator: fc.constantFrom('IS NULL', 'IS NOT NULL') }),
);

describe('parseFilter', () => {
  it('reads what filterText writes', () => {
    fc.assert(
      fc.property(fc.array(comparisons, { maxLength: 5 }), (all) => {
        expect(parseFilter(filterText(all))).toEqual(all);
      }),
      { numRuns: 500 },
    );
  });

  it('ends in a filter or in an error that points into the text, whatever it is given', () => {
    const pieces = fc.array(
      fc.oneof(fc.constantFrom(' ', 'and', 'metrics.a', "'x'", '`', '"', '1', '>', '(', 'is null', 'in'), fc.string()),
    );
    fc.assert(
      fc.property(pieces, (all) => {
        const text = all.join('');
        try {
          parseFilter(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_FILTER' });
          expect((error as { details: { position: number } }).details.position).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  // From the page "Search Runs" of MLflow's documentation.
  it.each([
    ["metrics.rmse < 1 and params.model = 'LogisticRegression'", 2],
    ['metrics.rmse <= 0.5', 1],
    ['metrics.`cross-entropy` < 1', 1],
    ['params."model type" = "LinearRegression"', 1],
    ["params.model LIKE 'GPT%'", 1],
    ["tags.mlflow.source.name = 'scratch.py'", 1],
    ["tags.`mlflow.parentRunId` = '61e1edeb50d643e5b68a0a6d3c9a2a4b'", 1],
    ["attributes.status = 'FINISHED'", 1],
    ['attributes.start_time >= 1664067852747 and attributes.end_time < 1664067852999', 2],
    ["attributes.run_id IN ('a1b2', 'c3d4')", 1],
    ["run_name ILIKE 'brave%'", 1],
    ["attributes.`Run Name` != 'x' AND tag.team IS NOT NULL", 2],
    ["dataset.name = 'mnist' and dataset.context = 'train'", 2],
    ["datasets.digest in ('s8ds293b', 'jks834s2')", 1],
    ['params.lr IS NULL and tags.stage is not null', 2],
    ['  ', 0],
  ])("reads MLflow's example %s", (filter, count) => expect(parseFilter(filter)).toHaveLength(count));

  it.each<[string, number, string]>([
    ["metrics.loss > '1'", 15, "expected a number to compare metrics.loss with, got '1'; numbers are written without quotes"],
    ['metrics.loss like 1', 13, 'expected = != < <= > or >= behind metrics.loss, which is a number, got like'],
    ["params.depth > '3'", 13, 'parameters are compared as text'],
    ['params.depth = 3', 15, "such as '3', got 3"],
    ["attributes.statsu = 'x'", 0, 'there is no attribute "statsu"; did you mean status?'],
    ['loss > 1', 0, 'metrics, params and tags are written metrics.loss'],
    ["metric.a > 1 or tag.b = 'c'", 13, 'there is no or'],
    ['(metrics.a > 1)', 0, 'expected a field such as metrics.loss'],
    ["constructor.x = 'y'", 0, 'there is nothing called "constructor"'],
    ["dataset.rows = 'y'", 0, 'datasets have no "rows"; expected one of name, digest, context'],
    ["tags.a = 'x", 9, "this ' is not closed"],
    ["tags. = 'x'", 5, 'expected a name behind tags.'],
    ['metrics.a is null', 10, 'is null is for params and tags only'],
    ["tags.a not like 'x'", 11, 'expected in behind not, got like'],
    ["tags.a in ('x' 'y')", 15, 'expected , or ) behind a text of the list'],
    ['tags.a in ()', 11, 'expected a text in quotes'],
    ['metrics.a == 1', 10, 'got =='],
    ['metrics.a > 1.2.3', 12, 'has no meaning here'],
    ['metrics.a > 1 and', 17, 'got nothing more'],
    ['metrics.a > \u0000', 12, 'has no meaning here'],
  ])('points at what is wrong in %j', (filter, position, problem) => {
    const refused = expect.objectContaining({ code: 'INVALID_FILTER', message: expect.stringContaining(problem) });
    expect(() => parseFilter(filter)).toThrow(refused);
    expect(() => parseFilter(filter)).toThrow(expect.objectContaining({ details: expect.objectContaining({ position }) }));
  });

  it('shows the place under a window of a long filter', () => {
    const filter = `${"tags.a = 'x' and ".repeat(20)}tags.b = 5 and ${"tags.a = 'x' and ".repeat(20)}tags.c is null`;
    const [, shown, mark] = (() => {
      try {
        return parseFilter(filter).map(String);
      } catch (error) {
        return (error as Error).message.split('\n');
      }
    })();
    expect(shown!.slice(mark!.length - 1)).toMatch(/^5 and/);
    expect(shown!.length).toBeLessThan(90);
  });

  it.each([
    ['a', 20_001, 'characters'],
    ['tags.a is null and ', 101, 'conditions'],
  ])('bounds what %s can be repeated', (piece, times, what) => {
    const filter = `${piece.repeat(times)}tags.a is null`;
    expect(() => parseFilter(filter)).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining(what) }),
    );
  });
});

describe('parseOrder', () => {
  it('adds the start and the id', () => {
    const written = (orderBy: string[]) => parseOrder(orderBy).map(orderText);
    expect(written(['metrics.`f1 score` desc', 'params.a'])).toEqual([
      'metrics.`f1 score` DESC',
      'params.a ASC',
      'attributes.start_time DESC',
      'attributes.run_id ASC',
    ]);
    expect(written(['Created'])).toEqual(['attributes.start_time ASC', 'attributes.run_id ASC']);
  });

  it.each([
    [['metrics.a sideways'], 'orderBy[0], character 11: expected ASC or DESC, got sideways'],
    [['start_time', 'dataset.name'], 'orderBy[1], character 1: a run may have several datasets'],
    [['metrics.a DESC x'], 'expected nothing behind desc, got x'],
    [[''], 'expected a field such as metrics.loss, got nothing more'],
    [['metrics.a', 'metric.a DESC'], 'orderBy names metrics.a twice'],
    [Array.from({ length: 11 }, (_, i) => `metrics.m${i}`), '11 clauses, at most 10'],
  ])('refuses %j', (orderBy, message) => expect(() => parseOrder(orderBy)).toThrow(message));
});

describe('compareTexts', () => {
  it('is the order of the bytes of UTF-8', () => {
    const anyText = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\ud7ff', '\ue000', '\uffe8', '\u{10000}', '\u{1f600}') });
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(Math.sign(compareTexts(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
      { numRuns: 500 },
    );
  });
});
