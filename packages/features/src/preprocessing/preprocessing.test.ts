import { type FeatureMatrix, featureMatrix, takeRows } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FittedStep } from './fitted-step.js';
import { fitPreprocessing, preprocessingFromJson } from './preprocessing.js';
import { type PreprocessingStep, clip, impute, log, robustScale, standardize } from './preprocessing-step.js';
import { scikitLearn } from './scikit-learn.fixture.js';
import { fitStandardScaler } from './standard-scaler.js';

const matrix = (columns: Record<string, ArrayLike<number>>) =>
  featureMatrix(
    Object.keys(columns),
    Object.values(columns).map((column) => Float32Array.from(column)),
  );

const [amount, balance, count] = scikitLearn.input;
const golden = matrix({ AMOUNT: amount!, BALANCE: balance!, COUNT: count! });

/** Bits, not values: 0 and -0 differ, and NaN equals NaN. */
const bitsOf = (columns: readonly ArrayLike<number>[]) =>
  columns.map((column) => [...new BigUint64Array(Float64Array.from(column).buffer)]);

/** Expected values are float32, written with as many decimals as tell them apart. */
const expectSameFloats = (columns: readonly Float32Array[], expected: readonly (readonly number[])[]) =>
  expect(bitsOf(columns)).toEqual(bitsOf(expected.map((column) => Float32Array.from(column))));

/** Learned numbers are doubles, and numpy adds in another order. */
function expectCloseNumbers(numbers: readonly number[], expected: readonly number[]): void {
  expect(numbers).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(numbers[i]).toBeCloseTo(value, 12);
}

const learned = (step: FittedStep | undefined, what: string) => (step as unknown as Record<string, number[]>)[what]!;

describe('steps as scikit-learn 1.9.1 fits them', () => {
  it('impute: SimpleImputer', () => {
    const mean = fitPreprocessing(golden, [impute({ with: 'mean' })]).steps[0];
    expect(mean).toMatchObject({ type: 'impute', columns: ['AMOUNT', 'BALANCE', 'COUNT'] });
    expectCloseNumbers(learned(mean, 'values'), scikitLearn.means);
    const median = fitPreprocessing(golden, [
      impute({ with: 'median', columns: ['AMOUNT', 'BALANCE'], indicators: true }),
      impute({ with: 'median', columns: ['COUNT'] }),
    ]);
    expectCloseNumbers(learned(median.steps[0], 'values'), scikitLearn.medians.slice(0, 2));
    expectSameFloats(median.apply(golden).columns, scikitLearn.imputed);
  });

  it('clip: numpy.nanquantile', () => {
    const [fitted] = fitPreprocessing(golden, [clip({ quantiles: [0.1, 0.9] })]).steps;
    expect(learned(fitted, 'minimums')).toEqual(scikitLearn.lows);
    expect(learned(fitted, 'maximums')).toEqual(scikitLearn.highs);
  });

  it('standardize: StandardScaler', () => {
    const preprocessing = fitPreprocessing(golden, [standardize()]);
    expectCloseNumbers(learned(preprocessing.steps[0], 'means'), scikitLearn.standardScaler.means);
    expectCloseNumbers(learned(preprocessing.steps[0], 'scales'), scikitLearn.standardScaler.scales);
    expectSameFloats(preprocessing.apply(golden).columns, scikitLearn.standardScaled);
  });

  it('robustScale: RobustScaler', () => {
    const preprocessing = fitPreprocessing(golden, [robustScale()]);
    expectCloseNumbers(learned(preprocessing.steps[0], 'medians'), scikitLearn.robustScaler.medians);
    expectCloseNumbers(learned(preprocessing.steps[0], 'scales'), scikitLearn.robustScaler.scales);
    expectSameFloats(preprocessing.apply(golden).columns, scikitLearn.robustScaled);
    const [wider] = fitPreprocessing(golden, [robustScale({ quantiles: [0.1, 0.9] })]).steps;
    expectCloseNumbers(learned(wider, 'scales'), scikitLearn.widerScales);
  });

  it('all of them, one after the other', () => {
    const steps = [impute({ with: 'median' }), clip({ quantiles: [0.1, 0.9] }), log(), standardize()];
    expectSameFloats(fitPreprocessing(golden, steps).apply(golden).columns, scikitLearn.allSteps);
  });
});

describe('fitPreprocessing', () => {
  const apply = (steps: readonly PreprocessingStep[], column: readonly number[]) =>
    fitPreprocessing(matrix({ A: column }), steps)
      .apply(matrix({ A: column }))
      .columns.map((values) => [...values]);

  it('fits each step on what the ones before it made', () => {
    expect(apply([impute({ with: 100 }), clip({ max: 3 }), standardize()], [1, Number.NaN])).toEqual([[-1, 1]]);
    expect(apply([standardize(), impute({ with: 100 })], [1, Number.NaN, 3])).toEqual([[-1, 100, 1]]);
  });

  it('marks what was missing before the filling, behind all other columns', () => {
    const rows = matrix({ A: [1, Number.NaN], B: [Number.NaN, 5], C: [0, 0] });
    const preprocessing = fitPreprocessing(rows, [
      impute({ with: 'mean', indicators: true, columns: ['B', 'A'] }),
      standardize(),
    ]);
    expect(preprocessing.inputNames).toEqual(['A', 'B', 'C']);
    expect(preprocessing.names).toEqual(['A', 'B', 'C', 'B_MISSING', 'A_MISSING']);
    expect(preprocessing.apply(rows).columns.map((column) => [...column])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 0],
      [0, 1],
    ]);
  });

  it('marks what is still missing when the turn of the step comes', () => {
    expect(apply([impute({ with: 5 }), impute({ with: 'mean', indicators: true })], [1, Number.NaN])).toEqual([
      [1, 5],
      [0, 0],
    ]);
  });

  it('scales an indicator when told to', () => {
    const steps = [impute({ with: 0, indicators: true }), standardize({ columns: ['A_MISSING'] })];
    expect(apply(steps, [7, Number.NaN])).toEqual([
      [7, 0],
      [-1, 1],
    ]);
  });

  it('log keeps the sign, 0 and what is missing', () => {
    const [logs] = apply([log()], [0, Math.E - 1, 1 - Math.E, Number.NaN]);
    expect(logs).toEqual([0, 1, -1, Number.NaN]);
  });

  it('makes a column without any value 0 when filled, and leaves it be otherwise', () => {
    const none = [Number.NaN, Number.NaN];
    expect(apply([impute({ with: 'median' })], none)).toEqual([[0, 0]]);
    expect(apply([clip({ quantiles: [0, 1] }), robustScale(), standardize()], none)).toEqual([none]);
  });

  it('gives a column that does not vary no other scale', () => {
    expect(apply([robustScale()], [5, 5, 5, 9])).toEqual([[0, 0, 0, 4]]);
  });

  it('is fitStandardScaler when standardize is its one step', () => {
    const one = fitPreprocessing(golden, [standardize()]);
    const scaler = fitStandardScaler(golden);
    expect(one.steps).toEqual([{ type: 'standardize', columns: scaler.names, means: scaler.means, scales: scaler.scales }]);
    expect(bitsOf(one.apply(golden).columns)).toEqual(bitsOf(scaler.apply(golden).columns));
    const read = preprocessingFromJson(JSON.parse(JSON.stringify(scaler.toJson())));
    expect(read.version).toBe(one.version);
  });

  it('takes infinite values that fixed bounds cut off, and refuses to learn from others', () => {
    expect(apply([clip({ max: 9 }), standardize()], [Infinity, 7])).toEqual([[1, -1]]);
    expect(() => apply([log(), standardize()], [7, Infinity])).toThrow(
      'fitPreprocessing: A is Infinity at row 1 when standardize is fitted, expected a finite float32 or NaN; clip it to fixed bounds first',
    );
  });

  it('refuses steps that name what is not there, or twice', () => {
    expect(() => apply([log({ columns: ['B'] })], [1])).toThrow("log names the column B, which isn't there; there are A");
    expect(() => apply([standardize({ columns: ['A_MISSING'] }), impute({ with: 0, indicators: true })], [1])).toThrow(
      'standardize names the column A_MISSING',
    );
    expect(() => apply([log({ columns: ['A', 'A'] })], [1])).toThrow('log names a column twice');
    expect(() => apply([log({ columns: [] })], [1])).toThrow('log names no column');
    const twice = [impute({ with: 0, indicators: true }), impute({ with: 0, indicators: true })];
    expect(() => apply(twice, [1])).toThrow('the indicator A_MISSING has the name of a column that is there');
    expect(() => apply([], [1])).toThrow('0 steps, expected 1 to 100');
  });
});

describe('steps', () => {
  it('refuse options outside their limits', () => {
    expect(() => impute({ with: Number.NaN })).toThrow("impute: with is NaN, expected 'mean', 'median' or a number");
    expect(() => impute({ with: 1e39 })).toThrow('with is 1e+39');
    expect(() => clip({})).toThrow('clip: no bound is given');
    expect(() => clip({ min: 2, max: 1 })).toThrow('clip: min is 2, expected at most max, which is 1');
    expect(() => clip({ max: Infinity })).toThrow('clip: max is Infinity, expected a number');
    expect(() => clip({ min: 1, quantiles: [0, 1] } as never)).toThrow('quantiles come with min or max');
    expect(() => clip({ quantiles: [0.9, 0.1] })).toThrow('clip: quantiles are 0.9,0.1, expected two from 0 to 1');
    expect(() => robustScale({ quantiles: [0.5, 0.5] })).toThrow('robustScale: quantiles are 0.5,0.5');
  });
});

/** Values of all sizes, some missing, some negative zeros. */
const columnValue = fc.oneof({ weight: 8, arbitrary: fc.float({ min: -1e6, max: 1e6, noNaN: true }) }, fc.constant(Number.NaN));

const arbitraryMatrix = fc
  .integer({ min: 1, max: 20 })
  .chain((rows) => fc.array(fc.array(columnValue, { minLength: rows, maxLength: rows }), { minLength: 1, maxLength: 4 }))
  .map((columns) => matrix(Object.fromEntries(columns.map((column, j) => [`F${j}`, column]))));

const arbitraryStep: fc.Arbitrary<PreprocessingStep> = fc.oneof(
  fc.constantFrom('mean', 'median', -0, 3.7).map((filling) => impute({ with: filling as 'mean' | number })),
  fc.constant(clip({ min: -0, max: 1000.1 })),
  fc.constant(clip({ quantiles: [0.05, 0.9] })),
  fc.constant(log()),
  fc.constant(standardize()),
  fc.constant(robustScale()),
);

/** Up to five steps; the second in line may mark what is missing. */
const arbitrarySteps = fc
  .tuple(fc.array(arbitraryStep, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([steps, marks]) => (marks ? [steps[0]!, impute({ with: 'median', indicators: true }), ...steps.slice(1)] : steps));

const rowsOf = ({ columns, rowCount }: FeatureMatrix) =>
  Array.from({ length: rowCount }, (_, i) => Float32Array.from(columns, (column) => column[i]!));

describe('a preprocessing', () => {
  it('treats rows and matrices alike, to the bit, also rows that it was not fitted on', () => {
    fc.assert(
      fc.property(arbitraryMatrix, arbitrarySteps, fc.double(), (rows, steps, other) => {
        const preprocessing = fitPreprocessing(rows, steps);
        const into = new Float64Array(preprocessing.names.length);
        const others = featureMatrix(
          rows.names,
          rows.columns.map((column) => Float32Array.of(...column, other)),
        );
        const { columns } = preprocessing.apply(others);
        for (const [i, row] of rowsOf(others).entries()) {
          const atRow = bitsOf(columns.map((column) => [column[i]!]));
          expect(bitsOf(Array.from(preprocessing.applyRow(row, into), (value) => [value]))).toEqual(atRow);
        }
        // The last row again, as the doubles that a request brings.
        const doubles = Float64Array.from(rows.names, () => other);
        preprocessing.applyRow(doubles, into);
        expect(bitsOf([into])).toEqual(bitsOf([columns.map((column) => column.at(-1)!)]));
      }),
    );
  });

  it('comes back from JSON with the same version and the same bits', () => {
    fc.assert(
      fc.property(arbitraryMatrix, arbitrarySteps, (rows, steps) => {
        const preprocessing = fitPreprocessing(rows, steps);
        const restored = preprocessingFromJson(JSON.parse(JSON.stringify(preprocessing.toJson())));
        expect(restored.version).toBe(preprocessing.version);
        expect(restored.names).toEqual(preprocessing.names);
        expect(bitsOf(restored.apply(rows).columns)).toEqual(bitsOf(preprocessing.apply(rows).columns));
      }),
    );
  });

  it('knows only the rows that it was fitted on', () => {
    fc.assert(
      fc.property(arbitraryMatrix, arbitrarySteps, fc.nat(), (rows, steps, cut) => {
        const kept = 1 + (cut % rows.rowCount);
        const slice = featureMatrix(
          rows.names,
          rows.columns.map((column) => column.subarray(0, kept)),
        );
        const copy = takeRows(
          rows,
          Array.from({ length: kept }, (_, i) => i),
        );
        expect(fitPreprocessing(slice, steps).version).toBe(fitPreprocessing(copy, steps).version);
      }),
    );
  });

  it('leaves what it is given as it is', () => {
    fc.assert(
      fc.property(arbitraryMatrix, arbitrarySteps, (rows, steps) => {
        const before = bitsOf(rows.columns);
        const preprocessing = fitPreprocessing(rows, steps);
        preprocessing.apply(rows);
        expect(bitsOf(rows.columns)).toEqual(before);
      }),
    );
  });

  const preprocessing = fitPreprocessing(golden, [clip({ quantiles: [0.1, 0.9] }), impute({ with: 'mean' })]);

  it('may write into the row itself', () => {
    const row = Float64Array.of(1, Number.NaN, 3);
    const apart = preprocessing.applyRow(row, new Float64Array(3));
    expect(preprocessing.applyRow(row, row)).toBe(row);
    expect(row).toEqual(apart);
  });

  it('has a version that any learned number changes', () => {
    const versions = [0.1, 0.2].map((low) => fitPreprocessing(golden, [clip({ quantiles: [low, 0.9] })]).version);
    expect(versions[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(versions[0]).not.toBe(versions[1]);
  });

  it('refuses other features and other lengths', () => {
    expect(() => preprocessing.apply(matrix({ A: [1] }))).toThrow('preprocessing: feature 0 is A, expected AMOUNT');
    expect(() => preprocessing.applyRow(new Float32Array(2), new Float32Array(3))).toThrow('the row has 2 features, expected 3');
    expect(() => preprocessing.applyRow(new Float32Array(3), new Float32Array(4))).toThrow('into has 4 features, expected 3');
  });
});

describe('preprocessingFromJson', () => {
  const saved = () =>
    structuredClone(
      fitPreprocessing(golden, [impute({ with: 'mean', indicators: true }), clip({ min: 0, max: 9 }), robustScale()]).toJson(),
    ) as { inputNames: string[]; steps: Record<string, unknown>[] };

  const damages: [string, (json: ReturnType<typeof saved>) => unknown, string][] = [
    ['nothing', () => null, 'preprocessingFromJson'],
    ['another version', (json) => ({ ...json, formatVersion: 2 }), 'formatVersion'],
    ['an unknown member', (json) => ({ ...json, more: 1 }), 'more'],
    ['a name twice', (json) => ({ ...json, inputNames: ['AMOUNT', 'AMOUNT', 'COUNT'] }), 'twice'],
    ['no steps', (json) => ({ ...json, steps: [] }), 'steps'],
    ['an unknown step', (json) => ({ ...json, steps: [{ type: 'exp', columns: ['AMOUNT'] }] }), 'type'],
    ['a column that is not there', (json) => ({ ...json, inputNames: ['AMOUNT', 'BALANCE', 'C'] }), "COUNT, which isn't there"],
    ['a value too few', (json) => withStep(json, 0, { values: [1, 2] }), 'one entry for each of its columns'],
    ['a null for a number', (json) => withStep(json, 0, { values: [1, 2, null] }), 'expected number'],
    ['bounds in the wrong order', (json) => withStep(json, 1, { minimums: [0, 0, 10] }), 'a minimum is above its maximum'],
    ['a scale of 0', (json) => withStep(json, 2, { scales: [1, 0, 1] }), 'scales'],
    ['a column twice', (json) => withStep(json, 2, { columns: ['AMOUNT', 'AMOUNT', 'COUNT'] }), 'names a column twice'],
  ];

  it.each(damages)('refuses %s', (_, damage, message) => {
    expect(() => preprocessingFromJson(damage(saved()))).toThrow(message);
  });

  it('refuses a damaged scaler as scalerFromJson does', () => {
    expect(() => preprocessingFromJson({ kind: 'standard' })).toThrow('scalerFromJson');
  });
});

function withStep({ steps, ...json }: { steps: Record<string, unknown>[] }, at: number, members: Record<string, unknown>) {
  return { ...json, steps: steps.map((step, i) => (i === at ? { ...step, ...members } : step)) };
}
