/**
 * The first items in an order: as sorting them all and taking the first, without sorting the rest. Those that can still be among the first
 * are collected, at most twice as many as asked for, and then cut to the first of them.
 *
 * @param count at least 1
 * @example firstInOrder([5, 3, 9, 1], 2, (a, b) => a - b); // [1, 3]
 */
export function firstInOrder<Item>(items: Iterable<Item>, count: number, compare: (a: Item, b: Item) => number): Item[] {
  let kept: Item[] = [];
  let last: Item | undefined;
  for (const item of items) {
    if (last !== undefined && compare(item, last) >= 0) continue;
    kept.push(item);
    if (kept.length < 2 * count) continue;
    kept = kept.toSorted(compare).slice(0, count);
    last = kept.at(-1);
  }
  return kept.toSorted(compare).slice(0, count);
}
