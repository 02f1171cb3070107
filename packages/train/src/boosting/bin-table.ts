/**
 * The training rows as bins, in shared memory: feature after feature, for parting rows, and row after row, for histograms. The members
 * of a crew bin a share of the features each, then turn a share of the rows each.
 */
import { type FeatureMatrix, seededRandom } from '@fraudops/core';
import { BinLookup } from './bin-lookup.js';
import { chooseCategories, chooseCuts } from './feature-bins.js';
import { FloatSorter } from './sorted-floats.js';
import type { CrewMember } from './training-crew.js';
import { CUT_STRIDE, type TrainingMemory } from './training-memory.js';

/** Cuts come from this many rows at most, drawn by the seed; more would not move them enough to matter. */
const SAMPLED_ROWS = 200_000;

/** What to bin, and how. */
export interface BinRules {
  readonly bins: number;
  readonly seed: number;
  /** Positions of the features that hold category codes. */
  readonly categorical: ReadonlySet<number>;
}

/** The bins of one feature. Bins 0 to `count` hold values (for categories, `count` the rare ones), the next one the missing values. */
export interface FeatureBins {
  readonly isCategory: boolean;
  /** Cuts, or categories that have a bin of their own. */
  readonly count: number;
  /** The cuts ascending, or the categories' codes by bin. */
  readonly cuts: Float32Array;
  readonly missingBin: number;
  /** Where the feature's sums begin in a histogram, in bytes. */
  readonly place: number;
  /** Bytes of these sums. */
  readonly bytes: number;
}

/** The features' bins, and how long a histogram is. */
export interface BinTable {
  readonly features: readonly FeatureBins[];
  /** Bytes of the pairs of a histogram, a multiple of 32. Where rows are counted too, half as many follow. */
  readonly pairBytes: number;
}

/** Bins the matrix together with the other members; when it returns, all of memory's bins are there. */
export function fillBinTable(matrix: FeatureMatrix, rules: BinRules, memory: TrainingMemory, member: CrewMember): BinTable {
  binColumns(matrix, rules, memory, member);
  member.meet();
  const table = readTable(memory, rules);
  // The same numbers by each member: it does not matter who comes last.
  writePlaces(table, memory);
  turnRows(memory, member);
  return table;
}

function binColumns(matrix: FeatureMatrix, rules: BinRules, memory: TrainingMemory, member: CrewMember): void {
  const { layout } = memory;
  const sample = sampleRows(matrix.rowCount, rules.seed);
  const lookup = new BinLookup();
  const sorter = new FloatSorter();
  const room = new Float32Array(sample?.length ?? matrix.rowCount);
  matrix.columns.forEach((column, feature) => {
    if (!member.owns(feature)) return;
    const values = sampled(column, sample, room);
    const isCategory = rules.categorical.has(feature);
    if (!isCategory) sorter.sort(values, values.length);
    const cuts = isCategory ? chooseCategories(values, rules.bins) : chooseCuts(values, rules.bins);
    memory.ints[layout.cutCounts / 4 + feature] = cuts.length;
    memory.float32.set(cuts, layout.cuts / 4 + feature * CUT_STRIDE);
    const start = layout.columns + feature * layout.columnStride;
    const bins = memory.bytes.subarray(start, start + matrix.rowCount);
    if (isCategory) binCategories(column, cuts, bins);
    else lookup.binColumn(column, cuts, cuts.length + 1, bins);
  });
}

function binCategories(column: Float32Array, codes: Float32Array, bins: Uint8Array): void {
  const binOfCode = new Map(Array.from(codes, (code, bin) => [code, bin]));
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    bins[i] = Number.isNaN(value) ? codes.length + 1 : (binOfCode.get(Math.trunc(value)) ?? codes.length);
  }
}

/** Positions of the rows that cuts are chosen from; undefined means all. */
function sampleRows(rowCount: number, seed: number): Uint32Array | undefined {
  if (rowCount <= SAMPLED_ROWS) return undefined;
  const random = seededRandom(seed);
  return Uint32Array.from({ length: SAMPLED_ROWS }, () => random.integer(rowCount));
}

/** The sampled values that aren't missing, in `room`. */
function sampled(column: Float32Array, sample: Uint32Array | undefined, room: Float32Array): Float32Array {
  let values = column;
  if (sample) {
    for (let i = 0; i < sample.length; i++) room[i] = column[sample[i]!]!;
    values = room;
  }
  let present = 0;
  for (let i = 0; i < room.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) room[present++] = value;
  }
  return room.subarray(0, present);
}

function readTable({ layout, ints, float32 }: TrainingMemory, rules: BinRules): BinTable {
  const features: FeatureBins[] = [];
  let place = 0;
  for (let feature = 0; feature < layout.featureCount; feature++) {
    const count = ints[layout.cutCounts / 4 + feature]!;
    const first = layout.cuts / 4 + feature * CUT_STRIDE;
    // Whole vectors of pairs, and of counts, which are half as long.
    const bytes = Math.ceil((count + 2) / 4) * 32;
    features.push({
      isCategory: rules.categorical.has(feature),
      count,
      cuts: float32.slice(first, first + count),
      missingBin: count + 1,
      place,
      bytes,
    });
    place += bytes;
  }
  return { features, pairBytes: place + PADDING_BYTES };
}

/** Pairs of up to three features that fill the last group of four. */
const PADDING_BYTES = 32;

function writePlaces({ features, pairBytes }: BinTable, { layout, ints }: TrainingMemory): void {
  features.forEach(({ place }, feature) => (ints[layout.places / 4 + feature] = place));
  for (let feature = features.length; feature % 4 !== 0; feature++) {
    ints[layout.places / 4 + feature] = pairBytes - PADDING_BYTES + 8 * (feature % 4);
  }
}

/** Rows turned at a time: few enough that they stay in the first cache while feature after feature is written into them. */
const TURNED_ROWS = 256;

function turnRows({ layout, bytes }: TrainingMemory, member: CrewMember): void {
  const { columns, columnStride, rows, rowStride, featureCount } = layout;
  const [first, end] = member.share(layout.rowCount);
  for (let start = first; start < end; start += TURNED_ROWS) {
    const stop = Math.min(start + TURNED_ROWS, end);
    for (let feature = 0; feature < featureCount; feature++) {
      const column = columns + feature * columnStride;
      let at = rows + start * rowStride + feature;
      for (let row = start; row < stop; row++, at += rowStride) bytes[at] = bytes[column + row]!;
    }
  }
}
