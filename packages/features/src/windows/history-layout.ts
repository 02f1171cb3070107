/**
 * How the history of an entity lies in its block: a header, and columns of numbers, one place a transaction (or tile), as narrow as they
 * can be. All columns have the same places, one more than transactions: the running totals behind the newest one stand there.
 *
 * - Times: the low 32 bits of the epoch milliseconds, since all are within 2^32 ms (49 days) of the latest; 8 bytes for longer histories.
 * - Running totals: 16 bits for counts of frauds and values, as no history has more than 60,000 places; for sums of units 32 bits, which
 *   wrap around and yet give the difference of two totals as long as no window can hold more than 2^31 units; a history with larger
 *   amounts is wide and has 8 bytes.
 * - Values kept: 8 bytes. Ids: a hash of 32 bits.
 * - The header: owner and size, latest time, positions, and where each end of a window was when it was last looked for.
 */
import type { EntityPlan } from './feature-plan.js';

/** See the module's comment. */
export interface HistoryLayout {
  readonly hasWideTimes: boolean;
  /** For each total, its place among the small ones or among the sums. */
  readonly totalPlaces: readonly number[];
  /** For each total, whether it is small. */
  readonly isSmall: readonly boolean[];
  readonly smallCount: number;
  readonly sumCount: number;
  readonly valueCount: number;
  readonly hasIds: boolean;
  /** Ends of windows, in the order in which they are looked for: see {@link windowEndCount}. */
  readonly endCount: number;
  /** Transactions older than this, before the latest one, are forgotten. */
  readonly keptMs: number;
  /** Length of a tile in milliseconds; 0 keeps each transaction. */
  readonly tileMs: number;
  /** What becomes of each value where transactions share a tile. */
  readonly keepsLeast: readonly boolean[];
}

/** Units of 8 bytes at the beginning of a block: owner and size, latest time, positions. The ends of windows, 2 bytes each, come next. */
export const FIXED_HEADER_UNITS = 3;

/** Most places of a history. So many sums of up to 2^37 units stay below 2^53. */
export const MAX_PLACES = 65_000;

/** @param latenessMs how much longer than its windows need a transaction is kept, for late ones */
export function layoutOf(plan: EntityPlan, latenessMs: number): HistoryLayout {
  const isSmall = plan.totals.map(({ of }) => of === 'frauds' || (of === 'presence' && plan.resolutionMs === 0));
  const keptMs = plan.retentionMs + latenessMs + 2 * plan.resolutionMs;
  return {
    hasWideTimes: keptMs >= 2 ** 32 - 1,
    totalPlaces: isSmall.map((small, slot) => isSmall.slice(0, slot).filter((other) => other === small).length),
    isSmall,
    smallCount: isSmall.filter(Boolean).length,
    sumCount: isSmall.filter((small) => !small).length,
    valueCount: plan.values.length,
    hasIds: plan.fraudSlot >= 0,
    endCount: windowEndCount(plan),
    keptMs,
    tileMs: plan.resolutionMs,
    keepsLeast: plan.values.map(({ of }) => of === 'least'),
  };
}

/** How many ends the windows of a plan have: each one its own beginning, and those of the same delay one after the other a common end. */
export function windowEndCount({ windows }: EntityPlan): number {
  return windows.length + windows.filter(({ delayMs }, i) => delayMs !== windows[i - 1]?.delayMs).length;
}

/** Units of 8 bytes of the header. */
export function headerUnits({ endCount }: HistoryLayout): number {
  return FIXED_HEADER_UNITS + Math.ceil(endCount / 4);
}

/** Units of 8 bytes that a block with so many places has. */
export function blockUnits(layout: HistoryLayout, places: number, isWide: boolean): number {
  const { hasWideTimes, sumCount, smallCount, valueCount, hasIds } = layout;
  const bytesAPlace = 8 * valueCount + (hasWideTimes ? 8 : 4) + (hasIds ? 4 : 0) + sumCount * (isWide ? 8 : 4) + 2 * smallCount;
  return headerUnits(layout) + Math.ceil((places * bytesAPlace) / 8);
}
