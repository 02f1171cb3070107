/**
 * The features of one window over history: rows in order of event time in blocks, and entities with late transactions one by one.
 */
import type { EntityRows } from './entity-rows.js';
import type { WindowPlan } from './feature-plan.js';
import { computeLateWindow } from './late-window.js';
import { BLOCK_ROWS, type WindowSpan } from './window-bounds.js';
import { WindowTrackers } from './window-trackers.js';

/** One of several equal shares of the rows, so that threads can each compute some. */
export interface ShareOfRows {
  readonly share: number;
  readonly shares: number;
}

/**
 * Computes the features of a window.
 *
 * @param columns by slot; those that the window's reads name are written to, at the rows that have an entity
 * @throws {FeatureError} INVALID_VALUE when a sum passes 2^53
 */
export function computeWindow(
  rows: EntityRows,
  window: WindowPlan,
  columns: readonly Float64Array[],
  { share, shares }: ShareOfRows = { share: 0, shares: 1 },
): void {
  const span = spanOfWindow(rows, window);
  const shareOf = (count: number, i: number) => Math.floor((count * i) / shares);
  const inOrder = rows.runs.at(-1)!;
  computeInOrder(rows, window, span, columns, shareOf(inOrder, share), shareOf(inOrder, share + 1));
  const lateGroups = rows.lateGroups.length - 1;
  computeLateWindow(rows, window, span, columns, shareOf(lateGroups, share), shareOf(lateGroups, share + 1));
}

/** Where the window lies in the time of the places. In tiles, one with a delay ends before the tile in which the delay ends. */
function spanOfWindow({ plan }: EntityRows, { windowMs, delayMs, own }: WindowPlan): WindowSpan {
  return { windowMs, own, delayMs: delayMs === 0 ? 0 : delayMs + plan.resolutionMs };
}

function computeInOrder(
  rows: EntityRows,
  window: WindowPlan,
  span: WindowSpan,
  columns: readonly Float64Array[],
  firstPlace: number,
  endPlace: number,
): void {
  if (firstPlace === endPlace) return;
  const trackers = new WindowTrackers(rows, window, span);
  const readers = window.reads.map((read) => ({ column: columns[read.slot]!, read: trackers.reader(read) }));
  const values = new Float64Array(BLOCK_ROWS);
  for (let begin = firstPlace; begin < endPlace; begin += BLOCK_ROWS) {
    const end = Math.min(endPlace, begin + BLOCK_ROWS);
    trackers.advance(begin, end);
    for (const { column, read } of readers) {
      if (rows.rows === undefined) read(column.subarray(begin, end), begin, end);
      else {
        read(values, begin, end);
        scatter(values, rows.rows, begin, end, column);
      }
    }
  }
}

function scatter(values: Float64Array, rows: Int32Array, begin: number, end: number, column: Float64Array): void {
  for (let place = begin; place < end; place++) column[rows[place]!] = values[place - begin]!;
}
