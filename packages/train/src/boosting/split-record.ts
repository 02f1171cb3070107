/**
 * A split on its way between the members of a crew: the best one by the features that a member searches, read by all. In memory it is gain
 * and sums of the left side as float64; whether there is one and the direction of missing values as int32; rows of the left side as float64;
 * bin and feature as int32; then a bit a bin that goes left (categories). Behind it there is room that the kernel works in.
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
  ints[record / 4 + 11] = split.feature;
  if (split.categoryBits) ints.set(split.categoryBits, record / 4 + 12);
}

/** Gain and feature of the split at `record`; a gain of 0 means that there is none. */
export function readGain({ float64, ints }: TrainingMemory, record: number): { gain: number; feature: number } {
  if (ints[record / 4 + 6] === 0) return { gain: 0, feature: -1 };
  return { gain: float64[record / 8]!, feature: ints[record / 4 + 11]! };
}

export function readSplit(memory: TrainingMemory, record: number, features: readonly FeatureBins[]): Split {
  const { float64, ints } = memory;
  const bits = record / 4 + 12;
  const feature = ints[record / 4 + 11]!;
  return {
    gain: float64[record / 8]!,
    feature,
    bin: ints[record / 4 + 10]!,
    missingLeft: ints[record / 4 + 7] === 1,
    left: { gradient: float64[record / 8 + 1]!, hessian: float64[record / 8 + 2]!, rows: float64[record / 8 + 4]! },
    categoryBits: features[feature]!.isCategory ? Uint32Array.from(ints.subarray(bits, bits + BIT_WORDS)) : undefined,
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
