import { type CategoryColumn, type FlagColumn, MISSING_FLAG } from '@fraudops/core';

/** How often a category occurs. */
export interface CategoryCount {
  readonly name: string;
  readonly count: number;
}

/** How often each value of a category or flag column occurs; missing values are not among them. */
export interface CategoryCounts {
  /** Most frequent first, equal ones by name in code unit order. */
  readonly categories: readonly CategoryCount[];
  /** Rows of all categories that are not listed. */
  readonly otherCount: number;
}

/** Most categories that are listed by name; the rest count as other. */
export const MAX_CATEGORIES = 500;
/** Longest name, in UTF-16 code units, that a listed category may have; longer ones count as other. */
export const MAX_NAME_LENGTH = 200;

/** Counts of a category column's values. Flags count as the categories `false` and `true`. */
export function countCategories(column: CategoryColumn | FlagColumn): CategoryCount[] {
  const counts = column.kind === 'flag' ? countFlags(column.values) : countCodes(column);
  return counts.filter(({ count }) => count > 0).sort(byCountThenName);
}

/**
 * At most 500 categories by name, the rest as other. When there are more, those with at least 1 % of the rows are listed, and of the
 * others as many as fit in an order that has nothing to do with their counts. Were the most frequent ones listed, as one would, the
 * test of a column of thousands of customers would find drift in nothing: the luckiest customers of the reference are ordinary again
 * in the current data.
 */
export function boundCategories(counts: readonly CategoryCount[]): CategoryCounts {
  const total = totalOf(counts);
  const nameable = counts.filter(({ name }) => name.length <= MAX_NAME_LENGTH);
  if (nameable.length <= MAX_CATEGORIES) return { categories: nameable, otherCount: total - totalOf(nameable) };
  const isFrequent = ({ count }: CategoryCount) => count >= total * FREQUENT_SHARE;
  const frequent = nameable.filter(isFrequent);
  const shuffled = nameable
    .filter((category) => !isFrequent(category))
    .map((category) => ({ category, key: hashOfName(category.name) }))
    .sort((a, b) => a.key - b.key || (a.category.name < b.category.name ? -1 : 1));
  const chosen = shuffled.slice(0, MAX_CATEGORIES - frequent.length).map(({ category }) => category);
  const categories = [...frequent, ...chosen].sort(byCountThenName);
  return { categories, otherCount: total - totalOf(categories) };
}

/** Share of the rows from which a category is listed whatever else there is; there can be at most 100 of them. */
const FREQUENT_SHARE = 0.01;

/** FNV-1a over the code units, with MurmurHash3's finalizer so that names that differ in their last digit lie far apart. */
function hashOfName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Sum of the counts. */
export function totalOf(counts: readonly CategoryCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

function countFlags(values: Uint8Array): CategoryCount[] {
  let yes = 0;
  let missing = 0;
  for (const value of values) {
    if (value === 1) yes++;
    else if (value === MISSING_FLAG) missing++;
  }
  return [
    { name: 'false', count: values.length - yes - missing },
    { name: 'true', count: yes },
  ];
}

function countCodes(column: CategoryColumn): CategoryCount[] {
  const counts = new Float64Array(column.dictionary.length);
  for (const code of column.codes) if (code >= 0) counts[code]!++;
  return column.dictionary.map((name, code) => ({ name, count: counts[code]! }));
}

function byCountThenName(a: CategoryCount, b: CategoryCount): number {
  return b.count - a.count || (a.name < b.name ? -1 : 1);
}

/** A category with its count on both sides. `name` is null for the rows of categories that the reference lists only as other. */
export interface AlignedCount {
  readonly name: string | null;
  readonly reference: number;
  readonly current: number;
}

/**
 * Both sides' counts category by category, most frequent reference first. Where the reference lists every category it has, a name
 * it doesn't list is new and stands for itself; where it has an `other`, an unlisted name may be part of it and is counted there.
 */
export function alignCounts(reference: CategoryCounts, current: readonly CategoryCount[]): AlignedCount[] {
  const currentByName = new Map(current.map(({ name, count }) => [name, count]));
  const aligned: AlignedCount[] = reference.categories.map(({ name, count }) => {
    const found = currentByName.get(name) ?? 0;
    currentByName.delete(name);
    return { name, reference: count, current: found };
  });
  if (reference.otherCount === 0) {
    for (const [name, count] of currentByName) aligned.push({ name, reference: 0, current: count });
  } else {
    const unlisted = [...currentByName.values()].reduce((sum, count) => sum + count, 0);
    aligned.push({ name: null, reference: reference.otherCount, current: unlisted });
  }
  return aligned;
}

/** Fewest values that a category must be expected to have on the smaller side to stand for itself in the test. */
export const MINIMUM_EXPECTED_COUNT = 5;

/**
 * Counts fit for a chi-squared test: categories too rare for the chi-squared approximation (Cochran 1954: fewer than 5 expected on
 * the smaller side) are added up into one cell at the end.
 */
export function poolRareCategories(aligned: readonly AlignedCount[]): { reference: number[]; current: number[]; pooled: number } {
  const referenceTotal = aligned.reduce((sum, cell) => sum + cell.reference, 0);
  const currentTotal = aligned.reduce((sum, cell) => sum + cell.current, 0);
  const smallerShare = Math.min(referenceTotal, currentTotal) / (referenceTotal + currentTotal);
  const isRare = (cell: AlignedCount) => (cell.reference + cell.current) * smallerShare < MINIMUM_EXPECTED_COUNT;
  const kept = aligned.filter((cell) => !isRare(cell));
  const rare = aligned.filter(isRare);
  const reference = kept.map((cell) => cell.reference);
  const current = kept.map((cell) => cell.current);
  if (rare.length > 0) {
    reference.push(rare.reduce((sum, cell) => sum + cell.reference, 0));
    current.push(rare.reduce((sum, cell) => sum + cell.current, 0));
  }
  return { reference, current, pooled: rare.length };
}
