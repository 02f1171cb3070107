/**
 * Runs work on items with at most `concurrency` of them at a time, starting them in order. When one fails no other is started, and the
 * promise settles only after those under way have settled, so nothing goes on behind the caller's back.
 *
 * @throws the first error, as a rejection
 */
export async function runBounded<Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const lane = async () => {
    while (next < items.length && !failure) {
      const item = items[next++]!;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
  if (failure) throw failure.error;
}
