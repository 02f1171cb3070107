/**
 * The memory that a crew of threads trains in: one shared buffer with everything that more than one of them reads or the kernel touches.
 * Its layout follows from the shape of the task alone, so each thread works it out for itself.
 *
 * It holds at most 2 GB; room that is laid out but never written to costs nothing.
 */
import type { SharedKernelMemory } from '@fraudops/core/kernels';
import { TrainError } from '../train-error.js';
import { type FillBinsKernel, fillBinsKernel } from './fill-bins-wasm.js';
import { type GrowTreesKernel, growTreesKernel, growTreesKernelMemory } from './grow-trees-wasm.js';
import { CELLS, DIGITS_BYTES, plainBinning } from './plain-binning.js';
import { COLUMN_BYTES, FEATURE_BYTES, ORDERS_BYTES, plainKernel, writeOrders } from './plain-kernel.js';

/** What the layout depends on. */
export interface TrainingShape {
  readonly rowCount: number;
  readonly featureCount: number;
  /** Most bins of a feature, those for missing and for rare values not counted. */
  readonly bins: number;
  /** Histograms that the threads together would like to hold at a time. */
  readonly histograms: number;
  readonly threads: number;
  readonly weighted: boolean;
  /** Whether histograms count rows as well. */
  readonly counted: boolean;
}

/** Addresses in bytes, all multiples of 64. */
export interface TrainingLayout extends TrainingShape {
  readonly totalBytes: number;
  /** Ints by which threads wait for each other; see `CrewMember`. */
  readonly control: number;
  /**
   * NOTE_FLOATS float64 a thread that the others read once they have met: two bounds of the sums of its derivatives; gradient, hessian and
   * number of its rows in the root; where its rows of the children at hand start, part and end.
   */
  readonly notes: number;
  /** Bins of each feature as int32: how many cuts, or how many categories. */
  readonly cutCounts: number;
  /** CUT_STRIDE float32 a feature: its cuts, or its categories. */
  readonly cuts: number;
  /** What the kernel knows of each feature, FEATURE_BYTES each; see `writeFeatures`. */
  readonly features: number;
  /** Positions of features as uint32: those of the tree at hand that a thread searches, at `searched + 4 * featureCount * thread`. */
  readonly searched: number;
  /** Positions as uint32 of all features that a thread works on, at `owned + 4 * featureCount * thread`. */
  readonly owned: number;
  /** A byte a bin: whether it goes left in the split at hand. A thread's are at `goesLeft + 256 * thread`. */
  readonly goesLeft: number;
  /** See `writeOrders`. */
  readonly orders: number;
  /** Two for each thread, RECORD_BYTES each: the best splits by its features of the two nodes at hand. */
  readonly records: number;
  readonly margins: number;
  readonly labels: number;
  /** float32, or 0 when all rows weigh the same. */
  readonly weights: number;
  readonly derivatives: number;
  readonly index: number;
  readonly moved: number;
  /** Bins feature after feature, columnStride bytes each. */
  readonly columns: number;
  readonly columnStride: number;
  /** Codes row after row; how many bytes a row, `BinTable` says. */
  readonly rows: number;
  /** Room of each thread, blockBytes, for a block of rows. */
  readonly block: number;
  readonly blockBytes: number;
  /** Sums of each thread by column of the rows, columnBytes, zero between one histogram and the next. */
  readonly columnSums: number;
  readonly columnBytes: number;
  /** Where each thread bins. */
  readonly binning: readonly BinningLayout[];
  /** slotCount histograms of histogramBytes. */
  readonly firstHistogram: number;
  readonly histogramBytes: number;
  readonly slotCount: number;
}

/** Room in which a thread bins one feature after the other. */
interface BinningLayout {
  /** CHUNK_ROWS values. */
  readonly chunk: number;
  /** Values as they are sorted, and room for as many. */
  readonly keys: number;
  readonly otherKeys: number;
  readonly digits: number;
  readonly cells: number;
  /** The feature's cuts as float32, then infinity. */
  readonly bounds: number;
}

/** Cuts come from this many rows at most, drawn by the seed; more would not move them enough to matter. */
export const MAX_SAMPLED_ROWS = 200_000;
/** Values of a feature on their way to bins: few enough that they stay in the cache. */
export const CHUNK_ROWS = 16_384;
/** What WebAssembly lets threads share. */
const MAX_TRAINING_BYTES = 32768 * 65536;
/** Floats of a feature's cuts. */
export const CUT_STRIDE = 256;
/** Notes of a thread: a line of the cache. */
export const NOTE_FLOATS = 8;
/** Bytes of a split on its way between threads; see `SplitRecords`. */
export const RECORD_BYTES = 128;
/** All histograms together, unless four need more; nodes beyond build theirs again. */
const MAX_HISTOGRAM_BYTES = 256 * 1024 * 1024;
/** A block of rows should stay in the first cache. */
const BLOCK_BYTES = 4096;
const MAX_BLOCK_ROWS = 128;
const MIN_BLOCK_ROWS = 8;

const upTo = (multiple: number, value: number) => Math.ceil(value / multiple) * multiple;

/** Bytes of a row of so many columns: whole vectors. */
export const rowStrideOf = (columnCount: number) => upTo(16, columnCount);

/** Rows of that length that make a block. */
export function blockRowsOf(rowStride: number): number {
  return Math.max(MIN_BLOCK_ROWS, Math.min(MAX_BLOCK_ROWS, Math.floor(BLOCK_BYTES / rowStride)));
}

/** @throws {TrainError} INVALID_OPTION when the rows don't fit */
export function layOut(shape: TrainingShape): TrainingLayout {
  const { rowCount, featureCount, threads } = shape;
  let end = 64;
  const take = (bytes: number) => {
    const place = end;
    end += upTo(64, bytes);
    return place;
  };
  const sizes = sizesOf(shape);
  const layout: TrainingLayout = {
    ...shape,
    ...sizes,
    control: take(64),
    notes: take(8 * NOTE_FLOATS * threads),
    cutCounts: take(4 * featureCount),
    cuts: take(4 * CUT_STRIDE * featureCount),
    features: take(FEATURE_BYTES * featureCount),
    searched: take(4 * featureCount * threads),
    owned: take(4 * featureCount * threads),
    goesLeft: take(256 * threads),
    orders: take(ORDERS_BYTES),
    records: take(2 * RECORD_BYTES * threads),
    margins: take(8 * rowCount),
    labels: take(rowCount),
    weights: shape.weighted ? take(4 * rowCount) : 0,
    derivatives: take(8 * rowCount),
    index: take(4 * rowCount),
    // A thread's partition may write a few rows beyond its own.
    moved: take(4 * (rowCount + 16 * threads)),
    columns: take(sizes.columnStride * featureCount),
    rows: take(longestRow(shape) * rowCount),
    block: take(sizes.blockBytes * threads),
    columnSums: take(sizes.columnBytes * threads),
    binning: Array.from({ length: threads }, () => layOutBinning(Math.min(rowCount, MAX_SAMPLED_ROWS), take)),
    firstHistogram: take(sizes.histogramBytes * sizes.slotCount),
    totalBytes: 0,
  };
  requireFit(shape, end);
  return { ...layout, totalBytes: end };
}

/** Bytes of a row if each feature has a column of its own. */
const longestRow = ({ featureCount }: TrainingShape) => rowStrideOf(featureCount);

function sizesOf(shape: TrainingShape) {
  const { rowCount, featureCount } = shape;
  // A pair for each bin, for missing and for rare values, in whole vectors.
  const pairs = featureCount * (shape.bins + 5);
  const histogramBytes = upTo(64, pairs * (shape.counted ? 12 : 8) + 64);
  const affordable = Math.floor(MAX_HISTOGRAM_BYTES / histogramBytes);
  return {
    columnStride: upTo(64, rowCount),
    // Rows and a pair for each of them.
    blockBytes: upTo(64, Math.max(BLOCK_BYTES, MIN_BLOCK_ROWS * longestRow(shape)) + 8 * MAX_BLOCK_ROWS),
    columnBytes: upTo(64, COLUMN_BYTES * featureCount),
    histogramBytes,
    slotCount: Math.max(4, Math.min(shape.histograms, affordable)),
  };
}

const layOutBinning = (sampledRows: number, take: (bytes: number) => number): BinningLayout => ({
  chunk: take(4 * CHUNK_ROWS),
  // A missing value may be written behind the last key.
  keys: take(4 * sampledRows + 4),
  otherKeys: take(4 * sampledRows),
  digits: take(DIGITS_BYTES),
  cells: take(CELLS),
  bounds: take(4 * 257),
});

function requireFit({ rowCount, featureCount }: TrainingShape, bytes: number): void {
  if (bytes <= MAX_TRAINING_BYTES) return;
  const gigabytes = (bytes / 2 ** 30).toFixed(1);
  throw new TrainError(
    'INVALID_OPTION',
    `trainBoosting: ${rowCount} rows of ${featureCount} features take ${gigabytes} GB to train, at most 2 GB are allowed; sample the genuine rows and pass weights`,
    { details: { rowCount, featureCount, bytes, limit: MAX_TRAINING_BYTES } },
  );
}

/** Memory as it is sent to other threads: of WebAssembly, or a plain buffer where there is none. */
export type SharedMemory = SharedKernelMemory | { readonly buffer: SharedArrayBuffer };

/** Memory for a layout, all zero. */
export function allocate(layout: TrainingLayout): SharedMemory {
  const memory = growTreesKernelMemory(Math.ceil(layout.totalBytes / 65536));
  return memory && growTreesKernel(memory) ? memory : { buffer: new SharedArrayBuffer(upTo(64, layout.totalBytes)) };
}

/**
 * Compiles the kernel in this thread. While it is there, threads that are started for a training find it compiled, and after the first
 * training optimised.
 */
export function keepKernelCompiled(): void {
  const memory = growTreesKernelMemory(1);
  if (!memory) return;
  fillBinsKernel(memory);
  growTreesKernel(memory);
}

/** The memory with its layout, its kernel, and views of it. */
export class TrainingMemory {
  readonly bytes: Uint8Array;
  readonly ints: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly kernel: GrowTreesKernel;
  readonly binning: FillBinsKernel;

  constructor(
    readonly layout: TrainingLayout,
    memory: SharedMemory,
    kernel: KernelChoice = 'fastest',
  ) {
    this.bytes = new Uint8Array(memory.buffer);
    this.ints = new Int32Array(memory.buffer);
    this.float32 = new Float32Array(memory.buffer);
    this.float64 = new Float64Array(memory.buffer);
    const compiled = kernel === 'fastest' && 'grow' in memory ? memory : undefined;
    // The same bytes by each thread.
    writeOrders(this.bytes, layout.orders);
    this.kernel = (compiled && growTreesKernel(compiled)) ?? plainKernel(memory.buffer);
    this.binning = (compiled && fillBinsKernel(compiled)) ?? plainBinning(memory.buffer);
  }
}

/** `plain` is for tests: models are the same either way. */
export type KernelChoice = 'fastest' | 'plain';
