import { type Column, MISSING_CODE, MISSING_FLAG, type Random } from '@fraudops/core';
import { isActive, type MissingValuesChange, type ScheduledChange } from './scheduled-changes.js';

const DAY_MS = 86_400_000;

/** Takes values out of columns, as changes of the type `missingValues` say. */
export class MissingValues {
  readonly #startMs: number;
  /** Each change has its own generator, so what one takes out doesn't depend on the others. */
  readonly #changes: readonly { readonly change: MissingValuesChange; readonly random: Random }[];

  constructor(changes: readonly ScheduledChange[], startMs: number, random: Random) {
    this.#startMs = startMs;
    this.#changes = changes.flatMap((change, i) => {
      return change.type === 'missingValues' ? [{ change, random: random.fork(i) }] : [];
    });
  }

  /**
   * Writes into the columns, which no table holds yet.
   *
   * @param times of the rows, in order; batches come one after the other
   */
  takeOut(columns: Readonly<Record<string, Column>>, times: Float64Array): void {
    for (const { change, random } of this.#changes) {
      const column = columns[change.field]!;
      for (let row = 0; row < times.length; row++) {
        const day = Math.floor((times[row]! - this.#startMs) / DAY_MS);
        if (isActive(change, day) && random.next() < change.share) setMissing(column, row);
      }
    }
  }
}

function setMissing(column: Column, row: number): void {
  if (column.kind === 'category') column.codes[row] = MISSING_CODE;
  else if (column.kind === 'flag') column.values[row] = MISSING_FLAG;
  else column.values[row] = Number.NaN;
}
