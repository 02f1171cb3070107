/**
 * The training rows as bins, in shared memory: feature after feature, for parting rows, and row after row, for histograms. The members
 * of a crew bin a share of the features each, then turn a share of the rows each.
 */
import { type FeatureMatrix, seededRandom } from '@fraudops/core';
import { chooseCategories, chooseCuts } from './feature-bins.js';
import { COLUMN_BYTES, FEATURE_BYTES } from './plain-kernel.js';
import { type SharedColumn, shareColumns } from './shared-columns.js';
import type { CrewMember } from './training-crew.js';
import { CHUNK_ROWS, CUT_STRIDE, MAX_SAMPLED_ROWS, type TrainingMemory, rowStrideOf } from './training-memory.js';

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
  /** Of the binned rows, where it is, alone or with others. */
  readonly column: number;
  /** Where the feature's sums begin in a histogram, in bytes. */
  readonly place: number;
  /** Bytes of these sums. */
  readonly bytes: number;
}

/** The features' bins, how they lie in rows, and how long a histogram is. */
export interface BinTable {
  readonly features: readonly FeatureBins[];
  /** Bytes of a row that count; features of few bins share one. */
  readonly columnCount: number;
  readonly rowStride: number;
  /** Bytes of the pairs of a histogram, a multiple of 32. Where rows are counted too, half as many follow. */
  readonly pairBytes: number;
}

/** Bins the matrix together with the other members; when it returns, all of memory's bins are there. */
export function fillBinTable(matrix: FeatureMatrix, rules: BinRules, memory: TrainingMemory, member: CrewMember): BinTable {
  binColumns(matrix, rules, memory, member);
  member.meet();
  const counts = memory.ints.subarray(memory.layout.cutCounts / 4).subarray(0, memory.layout.featureCount);
  const shared = shareColumns(Array.from(counts, (count) => count + 2));
  const features = readFeatures(shared, memory, rules);
  const columnCount = Math.max(...shared.map(({ column }) => column)) + 1;
  const pairBytes = features.reduce((sum, { bytes }) => sum + bytes, 0);
  const table = { features, columnCount, rowStride: rowStrideOf(columnCount), pairBytes };
  // The same numbers by each member: it does not matter who comes last.
  writeFeatures(features, shared, memory);
  turnRows(table, shared, memory, member);
  return table;
}

function binColumns(matrix: FeatureMatrix, rules: BinRules, memory: TrainingMemory, member: CrewMember): void {
  const sample = sampleRows(matrix.rowCount, rules.seed);
  matrix.columns.forEach((column, feature) => {
    if (!member.owns(feature)) return;
    if (rules.categorical.has(feature)) binCategories(column, feature, sample, rules, memory);
    else binNumbers(column, feature, sample, rules, memory, member.index);
  });
}

/** Positions of the rows that cuts are chosen from; undefined means all. */
function sampleRows(rowCount: number, seed: number): Uint32Array | undefined {
  if (rowCount <= MAX_SAMPLED_ROWS) return undefined;
  const random = seededRandom(seed);
  return Uint32Array.from({ length: MAX_SAMPLED_ROWS }, () => random.integer(rowCount));
}

function binCategories(
  column: Float32Array,
  feature: number,
  sample: Uint32Array | undefined,
  rules: BinRules,
  memory: TrainingMemory,
): void {
  const values = sample ? Float32Array.from(sample, (row) => column[row]!) : column;
  const codes = chooseCategories(values, rules.bins);
  writeCuts(codes, feature, memory);
  const bins = binsOf(feature, memory);
  const binOfCode = new Map(Array.from(codes, (code, bin) => [code, bin]));
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    bins[i] = Number.isNaN(value) ? codes.length + 1 : (binOfCode.get(Math.trunc(value)) ?? codes.length);
  }
}

function binNumbers(
  column: Float32Array,
  feature: number,
  sample: Uint32Array | undefined,
  rules: BinRules,
  memory: TrainingMemory,
  memberIndex: number,
): void {
  const { layout, float32, binning } = memory;
  const { chunk, keys, otherKeys, digits, cells, bounds } = layout.binning[memberIndex]!;
  let present = 0;
  for (let start = 0; start < (sample ?? column).length; start += CHUNK_ROWS) {
    const count = sample ? copySampled(column, sample, start, float32, chunk) : copyChunk(column, start, float32, chunk);
    present += binning.sortKeys(chunk, count, keys + 4 * present);
  }
  const sorted = binning.sortByKeys(keys, otherKeys, present, digits) / 4;
  const cuts = chooseCuts(float32.subarray(sorted, sorted + present), rules.bins);
  writeCuts(cuts, feature, memory);
  float32.fill(Number.POSITIVE_INFINITY, bounds / 4, bounds / 4 + 257);
  float32.set(cuts, bounds / 4);
  binning.fillCells(cells, bounds, cuts.length + 1);
  const bins = layout.columns + feature * layout.columnStride;
  for (let start = 0; start < column.length; start += CHUNK_ROWS) {
    const count = copyChunk(column, start, float32, chunk);
    binning.binValues(chunk, count, cells, bounds, bins + start);
  }
}

/** Copies values from `start` on to the chunk; returns how many. */
function copyChunk(column: Float32Array, start: number, float32: Float32Array, chunk: number): number {
  const values = column.subarray(start, start + CHUNK_ROWS);
  float32.set(values, chunk / 4);
  return values.length;
}

function copySampled(column: Float32Array, sample: Uint32Array, start: number, float32: Float32Array, chunk: number): number {
  const count = Math.min(CHUNK_ROWS, sample.length - start);
  for (let i = 0; i < count; i++) float32[chunk / 4 + i] = column[sample[start + i]!]!;
  return count;
}

function writeCuts(cuts: Float32Array, feature: number, { layout, ints, float32 }: TrainingMemory): void {
  ints[layout.cutCounts / 4 + feature] = cuts.length;
  float32.set(cuts, layout.cuts / 4 + feature * CUT_STRIDE);
}

function binsOf(feature: number, { layout, bytes }: TrainingMemory): Uint8Array {
  const start = layout.columns + feature * layout.columnStride;
  return bytes.subarray(start, start + layout.rowCount);
}

/** In a histogram features lie column after column, as they are divided among the crew. */
function readFeatures(
  shared: readonly SharedColumn[],
  { layout, ints, float32 }: TrainingMemory,
  rules: BinRules,
): FeatureBins[] {
  const features = new Array<FeatureBins>(layout.featureCount);
  let place = 0;
  const byColumn = shared.map((_, feature) => feature).sort((a, b) => shared[a]!.column - shared[b]!.column || a - b);
  for (const feature of byColumn) {
    const count = ints[layout.cutCounts / 4 + feature]!;
    const first = layout.cuts / 4 + feature * CUT_STRIDE;
    // Whole vectors of pairs, and of counts, which are half as long.
    const bytes = Math.ceil((count + 2) / 4) * 32;
    features[feature] = {
      isCategory: rules.categorical.has(feature),
      count,
      cuts: float32.slice(first, first + count),
      missingBin: count + 1,
      column: shared[feature]!.column,
      place,
      bytes,
    };
    place += bytes;
  }
  return features;
}

/** For the kernel, int32 each: where the feature's sums begin in a histogram, its cuts, and where and how it is in the rows' columns. */
function writeFeatures(
  features: readonly FeatureBins[],
  shared: readonly SharedColumn[],
  { layout, ints }: TrainingMemory,
): void {
  features.forEach(({ place, count }, feature) => {
    const { column, step, codes, isLast } = shared[feature]!;
    ints.set([place, count, column * COLUMN_BYTES, step, codes, Number(isLast)], (layout.features + FEATURE_BYTES * feature) / 4);
  });
}

/** Rows turned at a time: few enough that they stay in the first cache while feature after feature is written into them. */
const TURNED_ROWS = 256;

function turnRows(table: BinTable, shared: readonly SharedColumn[], memory: TrainingMemory, member: CrewMember): void {
  const { layout, binning } = memory;
  const { columns, columnStride, rows } = layout;
  const { rowStride } = table;
  // The first of those that share a column, whose step is 1, writes; the others add.
  const features = shared.map((_, feature) => feature).sort((a, b) => shared[a]!.step - shared[b]!.step);
  const [first, end] = member.share(layout.rowCount);
  for (let start = first; start < end; start += TURNED_ROWS) {
    const count = Math.min(TURNED_ROWS, end - start);
    for (const feature of features) {
      const { column, step } = shared[feature]!;
      const bins = columns + feature * columnStride + start;
      binning.turn(rows + start * rowStride + column, rowStride, bins, count, step, Number(step > 1));
    }
  }
}
