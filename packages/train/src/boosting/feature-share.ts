import type { BinTable } from './bin-table.js';
import type { CrewMember } from './training-crew.js';

/** Neighbouring columns of the binned rows, and the features in them: what one member of a crew sums up and searches. */
export interface FeatureShare {
  readonly firstColumn: number;
  readonly endColumn: number;
  /** Positions of the features, ascending. */
  readonly features: Int32Array;
  /** Where their sums begin in a histogram, and how long they are, in bytes. */
  readonly place: number;
  readonly bytes: number;
}

/** What a column costs besides its features' bins, in bins: rows are added to it. */
const BINS_PER_COLUMN = 64;

/** This member's features: each member's take about as much work. */
export function featureShare({ features, columnCount }: BinTable, { index, size }: CrewMember): FeatureShare {
  const work = new Float64Array(columnCount).fill(BINS_PER_COLUMN);
  for (const { column, count } of features) work[column]! += count;
  const total = work.reduce((sum, value) => sum + value, 0);
  // A column goes to the member in whose share of the work its middle lies.
  let before = 0;
  const owners = Array.from(work, (value) => {
    before += value;
    return Math.min(size - 1, Math.floor(((before - value / 2) * size) / total));
  });
  const firstFrom = (member: number) => {
    const found = owners.findIndex((owner) => owner >= member);
    return found < 0 ? columnCount : found;
  };
  const [firstColumn, endColumn] = [firstFrom(index), firstFrom(index + 1)];
  const own = features.flatMap(({ column }, feature) => (column >= firstColumn && column < endColumn ? [feature] : []));
  return {
    firstColumn,
    endColumn,
    features: Int32Array.from(own),
    place: own.reduce((least, feature) => Math.min(least, features[feature]!.place), Number.POSITIVE_INFINITY),
    bytes: own.reduce((sum, feature) => sum + features[feature]!.bytes, 0),
  };
}
