import { type Column, sha256Hex, type Table } from '@fraudops/core';

/** A hash of the first rows' bytes in every column. Names of entities that no row has yet don't count. */
export function hashOfRows(table: Table, rowCount = table.rowCount): string {
  const bytesOf = (column: Column) => {
    const values = column.kind === 'category' ? column.codes : column.values;
    return new Uint8Array(values.buffer, values.byteOffset, rowCount * values.BYTES_PER_ELEMENT);
  };
  return sha256Hex(table.columnNames.map((name) => `${name} ${sha256Hex(bytesOf(table.column(name)))}`).join());
}

/** Number of rows before a day of the history, which begins at `startMs` (default 2018-04-01). */
export function rowsBefore(table: Table, day: number, startMs = Date.UTC(2018, 3, 1)): number {
  const limit = startMs + day * 86_400_000;
  const row = table.time('TX_DATETIME').findIndex((time) => time >= limit);
  return row < 0 ? table.rowCount : row;
}

/** Rows of one scenario. */
export function rowsOfScenario(table: Table, scenario: number): Table {
  const scenarios = table.number('TX_FRAUD_SCENARIO');
  return table.filter((row) => scenarios[row] === scenario);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Standard error of the mean. */
export function standardError(values: ArrayLike<number>): number {
  const average = mean(values);
  const variance = mean(Float64Array.from(values, (value) => (value - average) ** 2)) * (values.length / (values.length - 1));
  return Math.sqrt(variance / values.length);
}
