/** The sums of column-sums.ts in WebAssembly, two rows at once; the same bits. Its memory is one page: the sums and a part of a column. */
import { columnSumsKernel } from './column-sums-wasm.js';
import { type SumColumn, plainColumnSums, toColumnSums } from './column-sums.js';

/** Addresses in bytes. */
const SUMS = 64;
const VALUES = 128;
/** Rows of a part, a multiple of 4. */
const PART_ROWS = 4_096;

/** In WebAssembly, or where that is not to be had in TypeScript. */
export function columnSums(): SumColumn {
  return kernelColumnSums() ?? plainColumnSums;
}

/** In WebAssembly; undefined where that is not to be had. */
export function kernelColumnSums(): SumColumn | undefined {
  const kernel = columnSumsKernel(0);
  if (!kernel) return undefined;
  const sums = new Float64Array(kernel.memory.buffer, SUMS, 8);
  const values = new Float32Array(kernel.memory.buffer, VALUES, PART_ROWS);
  return (column, shift) => {
    let present = 0;
    sums.fill(0);
    for (let start = 0; start < column.length; start += PART_ROWS) {
      const count = Math.min(PART_ROWS, column.length - start);
      values.set(column.subarray(start, start + count));
      const filled = 4 * Math.ceil(count / 4);
      values.fill(Number.NaN, count, filled);
      present += kernel.addPart(VALUES, filled, shift, SUMS);
    }
    return toColumnSums(sums, present);
  };
}
