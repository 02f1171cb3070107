/**
 * The memory that a crew of threads trains in: one shared buffer with everything that more than one of them reads or the kernel touches.
 * Its layout follows from the shape of the task alone, so each thread works it out for itself.
 *
 * It holds at most 2 GB; room that is laid out but never written to costs nothing.
 */
import { TrainError } from '../train-error.js';
import { type GrowTreesKernel, type GrowTreesKernelMemory, growTreesKernel, growTreesKernelMemory } from './grow-trees-wasm.js';
import { plainKernel } from './plain-kernel.js';

/** What the layout depends on. */
export interface TrainingShape {
  readonly rowCount: number;
  readonly featureCount: number;
  /** Most bins of a feature, those for missing and for rare values not counted. */
  readonly bins: number;
  /** Histograms that every thread would like to hold at a time. */
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
  /** Four float64 a thread: bounds of the sums of its derivatives, and their units. */
  readonly sums: number;
  /** Bins of each feature as int32: how many cuts, or how many categories. */
  readonly cutCounts: number;
  /** CUT_STRIDE float32 a feature: its cuts, or its categories. */
  readonly cuts: number;
  /** Where the sums of each feature begin in a histogram, as uint32. */
  readonly places: number;
  /** A byte a bin: whether it goes left in the split at hand. A thread's are at `goesLeft + 256 * thread`. */
  readonly goesLeft: number;
  /** Two for each feature, RECORD_BYTES each: the best splits of the two nodes at hand. */
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
  /** Bins row after row, rowStride bytes each. */
  readonly rows: number;
  readonly rowStride: number;
  /** Room of each thread for a block of rows. */
  readonly block: number;
  readonly blockRows: number;
  readonly blockBytes: number;
  /** Histograms of each thread, slotCount + 1 of histogramBytes; the last one is for sums over threads. */
  readonly firstHistogram: number;
  readonly histogramBytes: number;
  readonly slotCount: number;
}

/** What WebAssembly lets threads share. */
const MAX_TRAINING_BYTES = 32768 * 65536;
/** Floats of a feature's cuts. */
export const CUT_STRIDE = 256;
/** Bytes of a split on its way between threads; see `SplitRecords`. */
export const RECORD_BYTES = 128;
/** All histograms together, unless four a thread need more; nodes beyond build theirs again. */
const MAX_HISTOGRAM_BYTES = 256 * 1024 * 1024;
/** A block of rows should stay in the first cache. */
const BLOCK_BYTES = 4096;

const upTo = (multiple: number, value: number) => Math.ceil(value / multiple) * multiple;

/** @throws {TrainError} INVALID_OPTION when the rows don't fit */
export function layOut(shape: TrainingShape): TrainingLayout {
  const { rowCount, featureCount, threads } = shape;
  let end = 64;
  const take = (bytes: number) => {
    const place = end;
    end += upTo(64, bytes);
    return place;
  };
  const rowStride = upTo(16, featureCount);
  const columnStride = upTo(64, rowCount);
  const blockRows = Math.max(8, Math.min(128, Math.floor(BLOCK_BYTES / rowStride)));
  const blockBytes = upTo(64, blockRows * (rowStride + 8));
  // A pair for each bin, for missing and for rare values, in whole vectors; padding features have one pair each.
  const pairs = featureCount * (shape.bins + 5) + 4;
  const histogramBytes = upTo(64, pairs * (shape.counted ? 12 : 8) + 64);
  const affordable = Math.floor(MAX_HISTOGRAM_BYTES / (histogramBytes * threads)) - 1;
  const slotCount = Math.max(4, Math.min(shape.histograms, affordable));
  const layout: TrainingLayout = {
    ...shape,
    control: take(64),
    sums: take(32 * threads),
    cutCounts: take(4 * featureCount),
    cuts: take(4 * CUT_STRIDE * featureCount),
    places: take(4 * upTo(4, featureCount)),
    goesLeft: take(256 * threads),
    records: take(2 * RECORD_BYTES * featureCount),
    margins: take(8 * rowCount),
    labels: take(rowCount),
    weights: shape.weighted ? take(4 * rowCount) : 0,
    derivatives: take(8 * rowCount),
    index: take(4 * rowCount),
    // A thread's partition may write one row beyond its own.
    moved: take(4 * (rowCount + 16 * threads)),
    columns: take(columnStride * featureCount),
    columnStride,
    rows: take(rowStride * rowCount),
    rowStride,
    block: take(blockBytes * threads),
    blockRows,
    blockBytes,
    firstHistogram: take(histogramBytes * (slotCount + 1) * threads),
    histogramBytes,
    slotCount,
    totalBytes: 0,
  };
  requireFit(shape, end);
  return { ...layout, totalBytes: end };
}

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
export type SharedMemory = GrowTreesKernelMemory | { readonly buffer: SharedArrayBuffer };

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
  if (memory) growTreesKernel(memory);
}

/** The memory with its layout, its kernel, and views of it. */
export class TrainingMemory {
  readonly bytes: Uint8Array;
  readonly ints: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly kernel: GrowTreesKernel;

  constructor(
    readonly layout: TrainingLayout,
    memory: SharedMemory,
    kernel: KernelChoice = 'fastest',
  ) {
    this.bytes = new Uint8Array(memory.buffer);
    this.ints = new Int32Array(memory.buffer);
    this.float32 = new Float32Array(memory.buffer);
    this.float64 = new Float64Array(memory.buffer);
    const compiled = kernel === 'fastest' && 'grow' in memory ? growTreesKernel(memory) : undefined;
    this.kernel = compiled ?? plainKernel(memory.buffer);
  }
}

/** `plain` is for tests: models are the same either way. */
export type KernelChoice = 'fastest' | 'plain';
