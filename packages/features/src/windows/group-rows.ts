/**
 * Rows of a table that is in order of arrival, but not of event time: they stand by entity. First come the entities whose own event
 * times never go back, each of them a run; then the others, which had late transactions.
 */
import type { RowCodes } from './pair-codes.js';

/** See the module's comment. Rows without an entity stand nowhere. */
export interface GroupedRows {
  /** Row by place. */
  readonly rows: Int32Array;
  /** Place where each run begins, and where the last one ends. */
  readonly runs: Int32Array;
  /** Place where each entity with late transactions begins, and where the last one ends. */
  readonly lateGroups: Int32Array;
}

/** Groups rows by a counting sort, which keeps each entity's rows in order. */
export function groupRows({ codes, codeCount }: RowCodes, times: Float64Array): GroupedRows {
  const { sizes, isLate } = measureGroups(codes, codeCount, times);
  const next = new Int32Array(codeCount);
  const runs: number[] = [0];
  for (let code = 0; code < codeCount; code++) {
    if (sizes[code] === 0 || isLate[code] === 1) continue;
    next[code] = runs.at(-1)!;
    runs.push(next[code]! + sizes[code]!);
  }
  const lateGroups = [runs.at(-1)!];
  for (let code = 0; code < codeCount; code++) {
    if (isLate[code] === 0) continue;
    next[code] = lateGroups.at(-1)!;
    lateGroups.push(next[code]! + sizes[code]!);
  }
  const rows = new Int32Array(lateGroups.at(-1)!);
  for (let row = 0; row < codes.length; row++) if (codes[row]! >= 0) rows[next[codes[row]!]!++] = row;
  return { rows, runs: Int32Array.from(runs), lateGroups: Int32Array.from(lateGroups) };
}

function measureGroups(codes: Int32Array, codeCount: number, times: Float64Array) {
  const sizes = new Int32Array(codeCount);
  const isLate = new Uint8Array(codeCount);
  const lastTimes = new Float64Array(codeCount).fill(-Infinity);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code < 0) continue;
    sizes[code]!++;
    if (times[row]! < lastTimes[code]!) isLate[code] = 1;
    lastTimes[code] = times[row]!;
  }
  return { sizes, isLate };
}

/** Whether values never go back. */
export function neverGoesBack(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]!) return false;
  return true;
}

/** The values of these rows. */
export function valuesOfRows<Values extends Float64Array | Int32Array>(values: Values, rows: Int32Array): Values {
  const taken = values.slice(0, rows.length);
  for (let place = 0; place < rows.length; place++) taken[place] = values[rows[place]!]!;
  return taken as Values;
}
