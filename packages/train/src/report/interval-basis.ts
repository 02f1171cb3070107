/** What the intervals of a report rest on: whole days or whole cards that are drawn, or why there are none. */
import type { BootstrapOptions, ClusterBy } from '../metrics/intervals/cluster-bootstrap.js';

/** What intervals were drawn by, and what a reader should know about that. */
export interface IntervalBasis {
  /** What is drawn: whole days or whole cards; null when there are no intervals. */
  readonly by: ClusterBy | null;
  /** How many of them the rows hold; 0 when they are not known. */
  readonly clusters: number;
  /** In a sentence, why there are no intervals, or why they are coarse; null when there is nothing to say. */
  readonly note: string | null;
}

/** Days below which cards are drawn if they are known, and intervals by day are said to be too narrow. */
const ENOUGH = 20;

/**
 * Days when there are times of at least 20 of them, else cards, else fewer days; what `by` says if it says so.
 *
 * @param rows with times and entityCodes as far as they are known
 */
export function intervalBasis(
  { times, entityCodes }: { readonly times?: ArrayLike<number>; readonly entityCodes?: ArrayLike<number> },
  { by }: BootstrapOptions,
): IntervalBasis {
  const days = times ? countDays(times) : 0;
  const cards = entityCodes ? countCards(entityCodes) : 0;
  const drawn = by ?? (days >= ENOUGH ? 'day' : cards >= 2 ? 'entity' : 'day');
  const clusters = drawn === 'day' ? days : cards;
  if (clusters >= 2) return { by: drawn, clusters, note: clusters < ENOUGH ? coarse(drawn, clusters) : null };
  return { by: null, clusters: 0, note: missing(by, days, cards) };
}

function coarse(by: ClusterBy, clusters: number): string {
  const [drawn, other] = by === 'day' ? ['days', 'more days, or cards (entityCodes)'] : ['cards', 'more cards'];
  return `Intervals are drawn from ${clusters} ${drawn} only, which makes them too narrow: judge on ${other} for a better one.`;
}

function missing(by: ClusterBy | undefined, days: number, cards: number): string {
  const why = 'transactions of one card or day are not independent, so whole cards or days have to be drawn';
  if (by === 'day' || (days === 1 && cards === 0)) {
    const have = days === 1 ? 'all rows are of one day' : 'the times of the rows are not given';
    return `There are no intervals, since ${have}: ${why}. Judge on several days${by === 'day' ? '' : ', or give the cards (entityCodes)'}.`;
  }
  if (by === 'entity' || cards === 1) {
    const have = cards === 1 ? 'all rows are of one card' : 'the cards of the rows (entityCodes) are not given';
    return `There are no intervals, since ${have}: ${why}.`;
  }
  return `There are no intervals, since neither times nor cards (entityCodes) of the rows are given: ${why}.`;
}

function countDays(times: ArrayLike<number>): number {
  const days = new Set<number>();
  for (let i = 0; i < times.length; i++) days.add(Math.floor(times[i]! / 86_400_000));
  return days.size;
}

/** Rows without a card (-1) are cards of their own. */
function countCards(entityCodes: ArrayLike<number>): number {
  const cards = new Set<number>();
  let unknown = 0;
  for (let i = 0; i < entityCodes.length; i++) {
    if (entityCodes[i]! < 0) unknown++;
    else cards.add(entityCodes[i]!);
  }
  return cards.size + unknown;
}
