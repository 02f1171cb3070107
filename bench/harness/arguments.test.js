import { describe, expect, it } from 'vitest';
import { readArguments, requireKnownSizes, sizesOf } from './arguments.js';

describe('readArguments', () => {
  it('takes suite, cases, sizes and switches in any order', () => {
    const words = ['features', '--rows', '20_000', 'windows', '--no-peers', 'online', '--results', 'out', '--no-build'];
    expect(readArguments(words)).toEqual({
      suite: 'features',
      cases: ['windows', 'online'],
      sizes: { rows: 20_000 },
      build: false,
      peers: false,
      python: 'python3',
      results: 'out',
    });
  });

  it.each([
    [['features', '--rows'], '--rows needs a value'],
    [['features', '--rows', '0'], '--rows is 0, expected a whole number of at least 1'],
    [['features', '--rows', 'many'], '--rows is many, expected a whole number of at least 1'],
  ])('refuses %j', (words, message) => expect(() => readArguments(words)).toThrow(message));
});

describe('sizes', () => {
  const cases = { windows: { sizes: { rows: 100, rounds: 5 } }, memory: { sizes: { entities: 10 } } };

  it('lets a case have what it knows and keep the rest', () => {
    expect(sizesOf(cases.windows.sizes, { rows: 7, entities: 3 })).toEqual({ rows: 7, rounds: 5 });
  });

  it('refuses a size that no chosen case has', () => {
    expect(() => requireKnownSizes(cases, { rows: 7, entities: 3 })).not.toThrow();
    expect(() => requireKnownSizes({ memory: cases.memory }, { rows: 7 })).toThrow(
      'there is no option --rows here; the sizes of memory are --entities',
    );
  });
});
