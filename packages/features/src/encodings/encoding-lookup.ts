/** Values of a fitted encoding, for one transaction or for a column of them; both read the same tables, so both give the same bits. */
import type { CategoryColumn } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import type { EncodingSteps } from './encoding-steps.js';

/** See {@link encodingLookup}. */
export interface EncodingLookup {
  /**
   * The value of a category at a moment: that of the last table made at or before it. NaN before the first table, when the category is
   * missing (undefined), and when the moment is NaN.
   */
  at(category: string | undefined, epochMs: number): number;
  /**
   * The values of rows, as {@link EncodingLookup.at} gives them.
   *
   * @param epochMs moment of each row, in any order
   * @throws {FeatureError} INVALID_VALUE when the lengths differ
   */
  column(column: CategoryColumn, epochMs: Float64Array): Float64Array;
}

/**
 * Looks values up. The tables are held as numbers, 8 bytes a category and moment.
 *
 * @param steps as fitted, or as `encodingStepsSchema` took them
 * @example
 * const lookup = encodingLookup(fitFrequencyEncoding(history, payments, { field: 'shop' }));
 * lookup.at('S1', Date.now()); // 0.0123
 */
export function encodingLookup(steps: EncodingSteps): EncodingLookup {
  const { fromMs } = steps;
  const places = new Map(steps.categories.map((category, place) => [category, place]));
  const unseen = places.size;
  // One more place at the end of each table, for categories that no table knows.
  const tables = steps.values.map((table, step) => {
    const otherwise = steps.otherwise[step] ?? Number.NaN;
    return Float64Array.from([...table, null], (value) => value ?? otherwise);
  });
  return {
    at: (category, epochMs) => {
      const step = category === undefined ? -1 : stepAt(fromMs, epochMs);
      return step < 0 ? Number.NaN : tables[step]![places.get(category!) ?? unseen]!;
    },
    column: ({ codes, dictionary }, epochMs) => {
      if (codes.length !== epochMs.length) {
        const message = `encodingLookup: ${epochMs.length} moments for ${codes.length} rows; give one for each`;
        throw new FeatureError('INVALID_VALUE', message);
      }
      const placeOf = Int32Array.from(dictionary, (category) => places.get(category) ?? unseen);
      const values = new Float64Array(codes.length);
      for (let row = 0; row < values.length; row++) {
        const step = codes[row]! < 0 ? -1 : stepAt(fromMs, epochMs[row]!);
        values[row] = step < 0 ? Number.NaN : tables[step]![placeOf[codes[row]!]!]!;
      }
      return values;
    },
  };
}

/** The last step that begins at or before the moment, -1 when there is none. */
function stepAt(fromMs: readonly number[], epochMs: number): number {
  let low = 0;
  let high = fromMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fromMs[middle]! <= epochMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
