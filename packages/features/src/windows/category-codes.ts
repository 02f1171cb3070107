import type { CategoryColumn } from '@fraudops/core';
import { categoryHash } from './category-hash.js';
import type { RowCodes } from './pair-codes.js';

/** Rows coded by the hash of their category. */
export interface CategoryCodes extends RowCodes {
  /** Hash by code. */
  readonly hashes: Float64Array;
}

/**
 * A category column coded by hash, so that history counts as different what the request path does, see {@link categoryHash}: texts of one
 * hash get one code. The column's own codes are used as they are when there are none of those, which is nearly always.
 */
export function categoryCodes({ codes, dictionary }: CategoryColumn, hashOf = categoryHash): CategoryCodes {
  const hashes = Float64Array.from(dictionary, hashOf);
  const sorted = hashes.toSorted();
  if (!sorted.some((hash, i) => i > 0 && hash === sorted[i - 1])) return { codes, codeCount: hashes.length, hashes };
  const firstWithHash = new Map<number, number>();
  const merged = Int32Array.from(hashes, (hash, code) => {
    if (!firstWithHash.has(hash)) firstWithHash.set(hash, code);
    return firstWithHash.get(hash)!;
  });
  return { codes: codes.map((code) => (code < 0 ? code : merged[code]!)), codeCount: hashes.length, hashes };
}
