/**
 * The sums over rows that logistic regression is made of, a block of rows at a time: margins, gradients, and second derivatives, of
 * columns less their means. A missing value (NaN) counts as the mean. Factors are one a row: first its margin, which the caller turns into
 * what the next sum is weighted with.
 *
 * Sums are in an order that four lanes can keep, so that kernel-row-sums.ts computes the same bits in WebAssembly; what is here is
 * for where there is none, and says what is right.
 */
import type { CenteredColumns } from './centered-columns.js';

/** Rows of a block at most. */
export const BLOCK_ROWS = 4_096;
/** Rows whose products are added up before they are added to the others'. Divides {@link BLOCK_ROWS}. */
export const TILE_ROWS = 64;

/** See the module's comment. */
export interface RowSums {
  /** One a row of the block, {@link BLOCK_ROWS}. The sums take those of the block's rows. */
  readonly factors: Float64Array;
  /** Makes rows start to start + count the block, and their margins the factors: intercept + sum over columns of slope * (value - mean). */
  load(start: number, count: number, slopes: Float64Array, intercept: number): void;
  /** Adds to the sum of each column factor * (value - mean) of the block's rows. */
  addTo(sums: Float64Array): void;
  /** Adds the block's factor * x * x^T to {@link products}, where x holds the columns less their means, then a 1. */
  addProducts(): void;
  /** What addProducts has added up: lower triangle, row after row, as many to a row as columns and one; begins anew at 0. */
  takeProducts(): Float64Array;
}

/** In TypeScript. */
export function plainRowSums({ matrix, used, means }: CenteredColumns): RowSums {
  const columns = used.map((feature) => matrix.columns[feature]!);
  const centers = Float64Array.from(used, (feature) => means[feature]!);
  const size = used.length + 1;
  const factors = new Float64Array(BLOCK_ROWS);
  let products = new Float64Array(0);
  let tile = new Float64Array(0);
  let start = 0;
  let count = 0;
  return {
    factors,
    load(firstRow, rowCount, slopes, intercept) {
      start = firstRow;
      count = rowCount;
      factors.fill(intercept, 0, count);
      columns.forEach((column, j) => addColumn(factors, column.subarray(start, start + count), slopes[j]!, centers[j]!));
    },
    addTo(sums) {
      columns.forEach((column, j) => (sums[j]! += sumAlong(factors, column.subarray(start, start + count), centers[j]!)));
    },
    addProducts() {
      if (products.length === 0) {
        products = new Float64Array(size * size);
        tile = new Float64Array(size * TILE_ROWS).fill(1);
      }
      for (let from = 0; from < count; from += TILE_ROWS) {
        const rowCount = Math.min(TILE_ROWS, count - from);
        columns.forEach((column, j) => fillTile(tile, j, column.subarray(start + from, start + from + rowCount), centers[j]!));
        addTile(products, tile, factors.subarray(from, from + rowCount), size);
      }
    },
    takeProducts() {
      const taken = products.length === 0 ? new Float64Array(size * size) : products;
      products = new Float64Array(0);
      return taken;
    },
  };
}

function addColumn(factors: Float64Array, values: Float32Array, slope: number, mean: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) factors[i]! += slope * (value - mean);
  }
}

/** Every fourth row has a sum of its own, since each addition waits for the one before. */
function sumAlong(factors: Float64Array, values: Float32Array, mean: number): number {
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) sums[i % 4]! += factors[i]! * (value - mean);
  }
  return sums[0]! + sums[2]! + (sums[1]! + sums[3]!);
}

function fillTile(tile: Float64Array, j: number, values: Float32Array, mean: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    tile[j * TILE_ROWS + i] = Number.isNaN(value) ? 0 : value - mean;
  }
}

function addTile(products: Float64Array, tile: Float64Array, factors: Float64Array, size: number): void {
  const weighted = new Float64Array(factors.length);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < weighted.length; i++) weighted[i] = factors[i]! * tile[j * TILE_ROWS + i]!;
    for (let k = 0; k <= j; k++) products[j * size + k]! += sumOfProducts(weighted, tile, k * TILE_ROWS);
  }
}

/** Even rows and odd ones apart. */
function sumOfProducts(weighted: Float64Array, tile: Float64Array, offset: number): number {
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < weighted.length; i += 2) {
    even += weighted[i]! * tile[offset + i]!;
    odd += weighted[i + 1]! * tile[offset + i + 1]!;
  }
  if (weighted.length % 2 === 1) even += weighted[weighted.length - 1]! * tile[offset + weighted.length - 1]!;
  return even + odd;
}
