import { describe, expect, it } from 'vitest';
import { type OptionKinds, isArrayLike, optionProblem, rowsOptionProblem } from './option-problem.js';
import { silentProgress } from './progress.js';

interface Options {
  readonly trees?: number;
  readonly learningRate?: number;
  readonly bootstrap?: boolean;
  readonly name?: string;
  readonly weights?: Float64Array;
  readonly costs?: object;
  readonly train?: () => void;
  readonly progress?: object;
  readonly signal?: object;
}

const KINDS: OptionKinds<Options> = {
  trees: 'checked',
  learningRate: 'checked',
  bootstrap: 'flag',
  name: 'text',
  weights: 'array',
  costs: 'object',
  train: 'function',
  progress: 'progress',
  signal: 'signal',
};

const good: Options = {
  trees: 5,
  bootstrap: false,
  name: '',
  weights: new Float64Array(2),
  costs: {},
  train: () => {},
  progress: silentProgress,
  signal: AbortSignal.abort(),
};

describe('optionProblem', () => {
  it('finds none where there is none', () => {
    expect(optionProblem(good, KINDS)).toBeUndefined();
    expect(optionProblem({}, KINDS)).toBeUndefined();
    expect(optionProblem(Object.create(null), KINDS)).toBeUndefined();
  });

  it('names the option that was meant, or all there are', () => {
    expect(optionProblem({ learningrate: 0.1 }, KINDS)).toBe('options.learningrate is not an option; did you mean learningRate?');
    expect(optionProblem({ verbosity: 1 }, { trees: 'checked', seed: 'checked' }, 'job')).toBe(
      'job.verbosity is not an option; the options are trees, seed',
    );
    expect(optionProblem({ 'a b': 1 }, { trees: 'checked' })).toMatch(/^options\."a b" is not/);
    expect(optionProblem({ constructor: 1 }, KINDS)).toMatch('options.constructor is not an option');
    expect(optionProblem(JSON.parse('{"__proto__": 1}'), KINDS)).toMatch('options.__proto__ is not an option');
  });

  it('leaves out what is undefined, whatever its name, and nothing else', () => {
    expect(optionProblem({ trees: undefined, learningrate: undefined }, KINDS)).toBeUndefined();
    expect(optionProblem({ name: null }, KINDS)).toBe('options.name is null, expected a text');
  });

  it.each<[object, string]>([
    [{ bootstrap: 'no' }, 'options.bootstrap is "no", expected true or false'],
    [{ name: 5 }, 'options.name is 5, expected a text'],
    [{ weights: 'text' }, 'options.weights is "text", expected an array'],
    [{ costs: [] }, 'options.costs is an array of 0, expected an object'],
    [{ train: {} }, 'options.train is an object, expected a function'],
    [{ progress: {} }, 'options.progress is an object, expected an object with a method task'],
    [{ signal: new AbortController() }, 'options.signal is an AbortController, expected an AbortSignal'],
  ])('tells the kind of %j', (options, problem) => expect(optionProblem(options, KINDS)).toBe(problem));

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [[], 'an array of 0'],
    ['trees', '"trees"'],
    [new Map(), 'a Map'],
  ])('refuses %s for options', (options, shown) =>
    expect(optionProblem(options, KINDS)).toBe(`options is ${shown}, expected an object`),
  );
});

describe('rowsOptionProblem', () => {
  it('lets columns and matrices come along, but no single values', () => {
    const rows = { times: new Float64Array(1), names: ['a'], matrix: {}, trees: 5 };
    expect(rowsOptionProblem(rows, KINDS)).toBeUndefined();
    expect(rowsOptionProblem({ ...rows, tree: 5 }, KINDS)).toBe('options.tree is not an option; did you mean trees?');
    expect(rowsOptionProblem({ ...rows, costs: [] }, KINDS)).toBe('options.costs is an array of 0, expected an object');
  });
});

describe('isArrayLike', () => {
  it('tells arrays from what only has a length', () => {
    expect([[], new Float32Array(1), { length: 2 }].map(isArrayLike)).toEqual([true, true, true]);
    const others = ['text', undefined, null, {}, { length: -1 }, { length: 0.5 }, { length: 2 ** 40 }, () => 1];
    expect(others.map(isArrayLike)).toEqual(others.map(() => false));
  });
});
