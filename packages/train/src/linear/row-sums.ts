/**
 * The sums over rows that logistic regression is made of, a block of rows at a time: the log loss, its gradient, and second derivatives,
 * of columns less their means. A missing value (NaN) counts as the mean. Factors are one a row: first its margin, then what a sum is
 * weighted with.
 *
 * Sums are in an order that four lanes can keep, so that kernel-row-sums.ts computes the same bits in WebAssembly; what is here is
 * for where there is none, and says what is right.
 */
import type { CenteredColumns } from './centered-columns.js';
import { exponential, logOfOnePlus } from './exp-and-log1p.js';

/** Rows of a block at most. */
export const BLOCK_ROWS = 4_096;
/** Rows whose losses are added up by products of a fourth of them, each up to 2: no product is near the largest float64, 2^1024. */
export const PRODUCT_ROWS = 2_048;
/** Rows whose products are added up before they are added to the others'. Divides {@link BLOCK_ROWS}. */
export const TILE_ROWS = 64;

/** What is summed up. */
export interface LabelledRows {
  readonly columns: CenteredColumns;
  /** One a row, 0 or 1. */
  readonly labels: Uint8Array;
  /** One a row; undefined for 1 each. */
  readonly weights: Float64Array | undefined;
}

/** See the module's comment. */
export interface RowSums {
  /** One a row of the block, {@link BLOCK_ROWS}. The sums take those of the block's rows. */
  readonly factors: Float64Array;
  /** Makes rows start to start + count the block, and their margins the factors: intercept + sum over columns of slope * (value - mean). */
  load(start: number, count: number, slopes: Float64Array, intercept: number): void;
  /** Copies values of the column, at positions in the block. */
  takeValues(column: number, positions: Uint32Array, taken: Float32Array): void;
  /** Of each row of the block 1 + sum over columns of ((value - mean) / scale)^2; valid until the next call. */
  leverages(): Float64Array;
  /** Turns the block's margins into weight * (probability - label), the derivative of the log loss, and returns the weighted log loss. */
  toResiduals(): number;
  /** Turns the block's margins into weight * probability * (1 - probability), the second derivative. */
  toCurvatures(): void;
  /** Adds to the sum of each column factor * (value - mean) of the block's rows, and to a last sum the factors. */
  addTo(sums: Float64Array): void;
  /** Adds the block's factor * x * x^T, where x holds the columns less their means, then a 1. */
  addProducts(): void;
  /** What addProducts has added up: lower triangle, row after row, as many to a row as columns and one; begins anew at 0. */
  takeProducts(): Float64Array;
}

/** In TypeScript. */
export function plainRowSums({ columns: { matrix, used, means, scales }, labels, weights }: LabelledRows): RowSums {
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
    takeValues(column, positions, taken) {
      for (let i = 0; i < positions.length; i++) taken[i] = columns[column]![start + positions[i]!]!;
    },
    leverages() {
      const sums = new Float64Array(count).fill(1);
      columns.forEach((column, j) => {
        addSquares(sums, column.subarray(start, start + count), centers[j]!, 1 / scales[used[j]!]!);
      });
      return sums;
    },
    toResiduals() {
      const blockLabels = labels.subarray(start, start + count);
      if (weights) return toWeightedResiduals(factors, blockLabels, weights.subarray(start, start + count));
      let loss = 0;
      for (let from = 0; from < count; from += PRODUCT_ROWS) {
        loss += toResiduals(factors.subarray(from), blockLabels.subarray(from, from + PRODUCT_ROWS));
      }
      return loss;
    },
    toCurvatures: () => toCurvatures(factors.subarray(0, count), weights?.subarray(start, start + count)),
    addTo(sums) {
      columns.forEach((column, j) => (sums[j]! += sumAlong(factors, column.subarray(start, start + count), centers[j]!)));
      sums[columns.length]! += sumOfFactors(factors.subarray(0, count));
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

function addSquares(sums: Float64Array, values: Float32Array, mean: number, scale: number): void {
  for (let i = 0; i < values.length; i++) {
    const distance = scale * (values[i]! - mean);
    if (!Number.isNaN(distance)) sums[i]! += distance * distance;
  }
}

/** One logarithm of a product, of 1 + small of every fourth row, serves many rows. */
function toResiduals(factors: Float64Array, labels: Uint8Array): number {
  const products = [1, 1, 1, 1];
  const losses = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    const margin = factors[i]!;
    const label = labels[i]!;
    const small = exponential(-Math.abs(margin));
    products[i % 4]! *= 1 + small;
    losses[i % 4]! += linearLoss(margin, label);
    factors[i] = probability(margin, small) - label;
  }
  return sumOfFour(losses) + logOfProducts(products);
}

/** Log loss less log(1 + e^-|margin|). */
const linearLoss = (margin: number, label: number): number => (margin < 0 ? 0 : margin) - label * margin;

/** 1 / (1 + e^-margin), where small is e^-|margin|: nothing overflows. */
function probability(margin: number, small: number): number {
  const larger = 1 / (1 + small);
  return margin >= 0 ? larger : small * larger;
}

const sumOfFour = (four: ArrayLike<number>): number => four[0]! + four[2]! + (four[1]! + four[3]!);

/** Of four products. */
export const logOfProducts = (four: ArrayLike<number>): number =>
  Math.log(four[0]!) + Math.log(four[2]!) + (Math.log(four[1]!) + Math.log(four[3]!));

/** Weights differ, so each row has a logarithm of its own. */
function toWeightedResiduals(factors: Float64Array, labels: Uint8Array, weights: Float64Array): number {
  const losses = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    const margin = factors[i]!;
    const label = labels[i]!;
    const small = exponential(-Math.abs(margin));
    losses[i % 4]! += weights[i]! * (logOfOnePlus(small) + linearLoss(margin, label));
    factors[i] = weights[i]! * (probability(margin, small) - label);
  }
  return sumOfFour(losses);
}

function toCurvatures(factors: Float64Array, weights: Float64Array | undefined): void {
  for (let i = 0; i < factors.length; i++) {
    const small = exponential(-Math.abs(factors[i]!));
    factors[i] = ((weights ? weights[i]! : 1) * small) / ((1 + small) * (1 + small));
  }
}

/** Every fourth row has a sum of its own, since each addition waits for the one before. */
function sumAlong(factors: Float64Array, values: Float32Array, mean: number): number {
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) sums[i % 4]! += factors[i]! * (value - mean);
  }
  return sumOfFour(sums);
}

function sumOfFactors(factors: Float64Array): number {
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < factors.length; i++) sums[i % 4]! += factors[i]!;
  return sumOfFour(sums);
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
