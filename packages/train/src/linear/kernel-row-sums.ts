/**
 * The sums of row-sums.ts in WebAssembly, two rows at once; the same bits.
 *
 * Memory holds, one after the other: a block of rows of the columns, their slopes, means and scales, the rows' leverages,
 * factors, weights and labels, the columns' sums, a tile of centred rows, and the products. Its size doesn't grow with the number of rows: 17 KB a column, and
 * 8 bytes a pair of columns.
 */
import { BLOCK_ROWS, type LabelledRows, PRODUCT_ROWS, type RowSums, TILE_ROWS, logOfProducts, plainRowSums } from './row-sums.js';
import { type RowSumsKernel, rowSumsKernel } from './row-sums-wasm.js';

/** Distance of two columns; see the kernel's source. */
const COLUMN_BYTES = 16_448;

/** In WebAssembly, or where that is not to be had in TypeScript. */
export function rowSums(rows: LabelledRows): RowSums {
  return kernelRowSums(rows) ?? plainRowSums(rows);
}

/** In WebAssembly; undefined where that is not to be had, or has no memory to give. */
export function kernelRowSums(rows: LabelledRows): RowSums | undefined {
  const layout = planLayout(rows.columns.used.length);
  const kernel = rowSumsKernel(layout.bytes);
  return kernel && new KernelRowSums(kernel, layout, rows);
}

/** Addresses in bytes, and numbers that are a multiple of 4. */
interface Layout {
  readonly columnCount: number;
  /** Entries of a row of the products. */
  readonly size: number;
  readonly columns: number;
  readonly lines: number;
  readonly scales: number;
  readonly leverages: number;
  readonly factors: number;
  readonly weights: number;
  readonly labels: number;
  /** Of every fourth row. */
  readonly fourProducts: number;
  readonly sums: number;
  readonly tile: number;
  readonly products: number;
  readonly bytes: number;
}

const multipleOfFour = (count: number): number => 4 * Math.ceil(count / 4);

function planLayout(usedCount: number): Layout {
  const columnCount = multipleOfFour(usedCount);
  const size = multipleOfFour(usedCount + 1);
  // Address 0 stays unused. Everything starts where a line of the cache does.
  const columns = 64;
  const lines = columns + COLUMN_BYTES * columnCount;
  const scales = lines + 16 * columnCount;
  const leverages = scales + 64 * Math.ceil(columnCount / 8);
  const factors = leverages + 8 * BLOCK_ROWS;
  const weights = factors + 8 * BLOCK_ROWS;
  const labels = weights + 8 * BLOCK_ROWS;
  const fourProducts = labels + BLOCK_ROWS;
  const sums = fourProducts + 64;
  const tile = sums + 64 * Math.ceil(columnCount / 8);
  const products = tile + 8 * TILE_ROWS * (size + 2);
  const bytes = products + 8 * size * size;
  const ofRows = { leverages, factors, weights, labels, fourProducts };
  return { columnCount, size, columns, lines, scales, ...ofRows, sums, tile, products, bytes };
}

/** Margin of a row beyond the last, whose label and weight are 0: its loss is 0 exactly. */
const MARGIN_BEYOND = -1_000;

class KernelRowSums implements RowSums {
  readonly factors: Float64Array;
  readonly #kernel: RowSumsKernel;
  readonly #layout: Layout;
  readonly #rows: LabelledRows;
  readonly #columns: readonly Float32Array[];
  readonly #block: Float32Array;
  /** Slope and mean of each column. */
  readonly #lines: Float64Array;
  readonly #leverages: Float64Array;
  readonly #weights: Float64Array;
  readonly #labels: Uint8Array;
  readonly #fourProducts: Float64Array;
  readonly #sums: Float64Array;
  readonly #products: Float64Array;
  #count = 0;

  constructor(kernel: RowSumsKernel, layout: Layout, rows: LabelledRows) {
    const { buffer } = kernel.memory;
    const { matrix, used, means, scales } = rows.columns;
    this.#kernel = kernel;
    this.#layout = layout;
    this.#rows = rows;
    this.#columns = used.map((feature) => matrix.columns[feature]!);
    this.#block = new Float32Array(buffer, layout.columns, (COLUMN_BYTES / 4) * layout.columnCount);
    this.#lines = new Float64Array(buffer, layout.lines, 2 * layout.columnCount);
    this.factors = new Float64Array(buffer, layout.factors, BLOCK_ROWS);
    this.#leverages = new Float64Array(buffer, layout.leverages, BLOCK_ROWS);
    this.#weights = new Float64Array(buffer, layout.weights, BLOCK_ROWS).fill(1);
    this.#labels = new Uint8Array(buffer, layout.labels, BLOCK_ROWS);
    this.#fourProducts = new Float64Array(buffer, layout.fourProducts, 4);
    this.#sums = new Float64Array(buffer, layout.sums, layout.columnCount);
    this.#products = new Float64Array(buffer, layout.products, layout.size * layout.size);
    used.forEach((feature, j) => (this.#lines[2 * j + 1] = means[feature]!));
    new Float64Array(buffer, layout.scales, used.length).set(used.map((feature) => 1 / scales[feature]!));
    new Float64Array(buffer, layout.tile + 8 * TILE_ROWS * used.length, TILE_ROWS).fill(1);
  }

  load(start: number, count: number, slopes: Float64Array, intercept: number): void {
    const { columnCount, columns, lines, factors } = this.#layout;
    const { labels, weights } = this.#rows;
    const { completeCount } = this.#rows.columns;
    this.#count = count;
    this.#columns.forEach((column, j) => {
      this.#block.set(column.subarray(start, start + count), (COLUMN_BYTES / 4) * j);
      this.#lines[2 * j] = slopes[j]!;
    });
    this.#labels.set(labels.subarray(start, start + count));
    if (weights) this.#weights.set(weights.subarray(start, start + count));
    this.#kernel.margins(columns, completeCount, columnCount, lines, intercept, factors, count);
    if (count < BLOCK_ROWS) {
      this.factors.fill(MARGIN_BEYOND, count);
      this.#labels.fill(0, count);
      if (weights) this.#weights.fill(0, count);
    }
  }

  takeValues(column: number, positions: Uint32Array, taken: Float32Array): void {
    const offset = (COLUMN_BYTES / 4) * column;
    const block = this.#block;
    for (let i = 0; i < positions.length; i++) taken[i] = block[offset + positions[i]!]!;
  }

  leverages(): Float64Array {
    const { columnCount, columns, lines, scales, leverages } = this.#layout;
    this.#kernel.leverages(columns, columnCount, lines, scales, leverages, this.#count);
    return this.#leverages;
  }

  toResiduals(): number {
    const { factors, labels, weights, fourProducts } = this.#layout;
    if (this.#rows.weights) return this.#kernel.toWeightedResiduals(factors, labels, weights, this.#count);
    let loss = 0;
    for (let start = 0; start < this.#count; start += PRODUCT_ROWS) {
      const count = Math.min(PRODUCT_ROWS, this.#count - start);
      loss +=
        this.#kernel.toResiduals(factors + 8 * start, labels + start, count, fourProducts) + logOfProducts(this.#fourProducts);
    }
    return loss;
  }

  toCurvatures(): void {
    this.#kernel.toCurvatures(this.#layout.factors, this.#layout.weights, this.#count);
  }

  addTo(sums: Float64Array): void {
    const { columnCount, columns, lines, factors, sums: ours } = this.#layout;
    const { completeCount } = this.#rows.columns;
    this.#clearBeyond();
    this.#sums.set(sums.subarray(0, this.#columns.length));
    this.#kernel.addSums(columns, completeCount, columnCount, lines, factors, this.#count, ours);
    sums.set(this.#sums.subarray(0, this.#columns.length));
    sums[this.#columns.length]! += this.#kernel.sumOfFactors(factors, this.#count);
  }

  addProducts(): void {
    const { size, columns, lines, factors, tile, products } = this.#layout;
    this.#clearBeyond();
    this.#kernel.addProducts(columns, this.#columns.length, size, lines, factors, this.#count, tile, products);
  }

  takeProducts(): Float64Array {
    const { size } = this.#layout;
    const width = this.#columns.length + 1;
    const taken = new Float64Array(width * width);
    for (let j = 0; j < width; j++) taken.set(this.#products.subarray(j * size, j * size + j + 1), j * width);
    this.#products.fill(0);
    return taken;
  }

  /** The kernel takes several rows at once: those beyond the last count nothing. */
  #clearBeyond(): void {
    if (this.#count < BLOCK_ROWS) this.factors.fill(0, this.#count);
  }
}
