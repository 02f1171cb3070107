/**
 * A split on its way between the members of a crew: found by the one who owns the feature, read by all. In memory it is gain, sums and
 * rows of the left side as float64, then bin and direction of missing values as int32, then a bit a bin that goes left (categories).
 */
import type { FeatureBins } from './bin-table.js';
import type { TrainingMemory } from './training-memory.js';

/** Whole numbers of quanta over the rows of a node, and how many rows they are; 0 where rows aren't counted. */
export interface NodeSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

/** The best way to part a node's rows by one feature. */
export interface Split {
  readonly gain: number;
  readonly feature: number;
  /** Bins up to this one go left; ignored for categories. */
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly left: NodeSums;
  /** A bit a bin that goes left; undefined for numbers. */
  readonly categoryBits: Uint32Array | undefined;
}

/** Words of 32 bits for 256 bins. */
export const BIT_WORDS = 8;

export function writeSplit(memory: TrainingMemory, record: number, split: Split | undefined): void {
  const { float64, ints } = memory;
  ints[record / 4 + 6] = split ? 1 : 0;
  if (!split) return;
  float64[record / 8] = split.gain;
  float64[record / 8 + 1] = split.left.gradient;
  float64[record / 8 + 2] = split.left.hessian;
  ints[record / 4 + 7] = Number(split.missingLeft);
  float64[record / 8 + 4] = split.left.rows;
  ints[record / 4 + 10] = split.bin;
  if (split.categoryBits) ints.set(split.categoryBits, record / 4 + 12);
}

/** The gain of the split at `record`, or 0. */
export function readGain({ float64, ints }: TrainingMemory, record: number): number {
  return ints[record / 4 + 6] === 0 ? 0 : float64[record / 8]!;
}

export function readSplit(memory: TrainingMemory, record: number, feature: number, isCategory: boolean): Split | undefined {
  const { float64, ints } = memory;
  if (ints[record / 4 + 6] === 0) return undefined;
  const bits = record / 4 + 12;
  return {
    gain: float64[record / 8]!,
    feature,
    bin: ints[record / 4 + 10]!,
    missingLeft: ints[record / 4 + 7] === 1,
    left: { gradient: float64[record / 8 + 1]!, hessian: float64[record / 8 + 2]!, rows: float64[record / 8 + 4]! },
    categoryBits: isCategory ? Uint32Array.from(ints.subarray(bits, bits + BIT_WORDS)) : undefined,
  };
}

/** Writes for each bin whether it goes left. */
export function writeGoesLeft(split: Split, bins: FeatureBins, goesLeft: Uint8Array): void {
  const { categoryBits, bin, missingLeft } = split;
  for (let b = 0; b < bins.missingBin; b++) {
    goesLeft[b] = categoryBits ? (categoryBits[b >>> 5]! >>> (b & 31)) & 1 : Number(b <= bin);
  }
  goesLeft[bins.missingBin] = Number(missingLeft);
}
