/**
 * The history of one entity as bytes: what a shared store keeps of it, and what is saved. Little-endian; times as distances from the
 * latest one, and what each transaction adds to the running totals, in the fewest bytes of 1, 4 and 8 that hold all of a column.
 */
import { FeatureError } from '../feature-error.js';
import type { EntityEvent, EntityHistory } from './entity-history.js';
import type { EntityPlan } from './feature-plan.js';

const FORMAT = 1;

/** Format, number of transactions, latest time. */
const HEADER_BYTES = 16;

/** The bytes of a history. */
export function encodeHistory(plan: EntityPlan, history: EntityHistory): Uint8Array {
  const { size } = history;
  const latestMs = size === 0 ? 0 : history.timeAt(size - 1);
  const columns: Float64Array[] = [columnOf(size, (position) => latestMs - history.timeAt(position))];
  plan.totals.forEach((_, slot) => columns.push(columnOf(size, (position) => history.total(slot, position, position + 1))));
  plan.values.forEach((_, slot) => columns.push(columnOf(size, (position) => history.value(slot, position))));
  if (plan.fraudSlot >= 0) columns.push(columnOf(size, (position) => history.idAt(position) >>> 0));
  const widths = columns.map(widthOf);
  const bytes = new Uint8Array(HEADER_BYTES + columns.length + widths.reduce((sum, width) => sum + width * size, 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FORMAT);
  view.setUint32(4, size, true);
  view.setFloat64(8, latestMs, true);
  bytes.set(widths, HEADER_BYTES);
  let at = HEADER_BYTES + columns.length;
  columns.forEach((column, i) => {
    for (const value of column) {
      if (widths[i] === 1) view.setUint8(at, value);
      else if (widths[i] === 4) view.setUint32(at, value, true);
      else view.setFloat64(at, value, true);
      at += widths[i]!;
    }
  });
  return bytes;
}

function columnOf(size: number, valueAt: (position: number) => number): Float64Array {
  return Float64Array.from({ length: size }, (_, position) => valueAt(position));
}

/** 1 or 4 for whole numbers that fit without a sign, else 8. */
function widthOf(column: Float64Array): 1 | 4 | 8 {
  let width: 1 | 4 = 1;
  for (const value of column) {
    if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 32) || Object.is(value, -0)) return 8;
    if (value > 255) width = 4;
  }
  return width;
}

/**
 * Adds the transactions of bytes to an empty history.
 *
 * @throws {FeatureError} INVALID_FILE when the bytes are no history of this plan
 */
export function decodeHistory(plan: EntityPlan, bytes: Uint8Array, into: EntityHistory, keepAtMost: number): void {
  const columnCount = 1 + plan.totals.length + plan.values.length + (plan.fraudSlot >= 0 ? 1 : 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES + columnCount || view.getUint8(0) !== FORMAT) throw damaged('it has no header of this format');
  const size = view.getUint32(4, true);
  const latestMs = view.getFloat64(8, true);
  const widths = bytes.subarray(HEADER_BYTES, HEADER_BYTES + columnCount);
  if (!widths.every((width) => width === 1 || width === 4 || width === 8)) throw damaged('its columns have no such width');
  const length = widths.reduce((sum, width) => sum + width * size, HEADER_BYTES + columnCount);
  if (length !== bytes.length) throw damaged(`it has ${bytes.length} bytes, expected ${length}`);
  const starts: number[] = [];
  widths.reduce((at, width) => (starts.push(at), at + width * size), HEADER_BYTES + columnCount);
  const cell = (column: number, row: number): number => {
    const at = starts[column]! + row * widths[column]!;
    if (widths[column] === 1) return view.getUint8(at);
    return widths[column] === 4 ? view.getUint32(at, true) : view.getFloat64(at, true);
  };
  const event: EntityEvent = {
    at: new Float64Array(1),
    parts: new Float64Array(plan.totals.length),
    values: new Float64Array(plan.values.length),
    idHash: 0,
  };
  let lastMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < size; row++) {
    const epochMs = latestMs - cell(0, row);
    if (!(Number.isInteger(epochMs) && epochMs >= lastMs)) throw damaged('its times are out of order');
    lastMs = epochMs;
    for (let slot = 0; slot < event.parts.length; slot++) event.parts[slot] = cell(1 + slot, row);
    if (!event.parts.every(Number.isSafeInteger)) throw damaged('it adds up what is no whole number');
    if (plan.fraudSlot >= 0 && !(event.parts[plan.fraudSlot]! >= 0 && event.parts[plan.fraudSlot]! <= 1))
      throw damaged('a transaction is more than one fraud');
    for (let slot = 0; slot < event.values.length; slot++) event.values[slot] = cell(1 + event.parts.length + slot, row);
    if (plan.fraudSlot >= 0) event.idHash = cell(columnCount - 1, row) | 0;
    event.at[0] = epochMs;
    into.insert(event, keepAtMost);
  }
}

function damaged(what: string): FeatureError {
  return new FeatureError(
    'INVALID_FILE',
    `features: the state of an entity is damaged: ${what}; start from history with backfill`,
  );
}
