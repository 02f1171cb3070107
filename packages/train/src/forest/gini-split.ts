/**
 * The best way to part a node's rows by one threshold, after Gini's impurity (Breiman et al. 1984): the split is the better the less
 *
 *     F_left G_left / N_left + F_right G_right / N_right
 *
 * is left, where F, G and N = F + G are the weights of frauds, genuine rows and both. They are sums of whole multiples of one power of
 * two and stay exact, so the split does not depend on the order of rows.
 */
import { TIMES_BITS } from './bag.js';
import { type ColumnBins, MISSING } from './column-bins.js';

/** Rows of a node: positions in the bag's two lists, and what they weigh. */
export interface NodeRows {
  readonly genuineStart: number;
  readonly genuineEnd: number;
  readonly fraudStart: number;
  readonly fraudEnd: number;
  readonly genuine: number;
  readonly fraud: number;
}

/** Bins up to `bin` of `feature` go left, later ones right. */
export interface GiniSplit {
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  /** Weights on the left. */
  readonly genuine: number;
  readonly fraud: number;
  /** By how much F G / N falls. */
  readonly gain: number;
}

/** Entries of a bag, as {@link GiniSearch} reads them. */
export interface BagEntries {
  readonly genuine: Int32Array;
  readonly fraud: Int32Array;
}

const TIMES_MASK = 2 ** TIMES_BITS - 1;

/** Searches one node after another; holds one feature's histogram. */
export class GiniSearch {
  readonly #bins: ColumnBins;
  readonly #entries: BagEntries;
  readonly #weights: Float64Array | undefined;
  readonly #leastRows: number;
  readonly #genuine = new Float64Array(MISSING + 1);
  readonly #fraud = new Float64Array(MISSING + 1);
  /** Drawn rows of each bin; undefined where weights tell enough: all are 1, or a side must only not be empty. */
  readonly #rows: Float64Array | undefined;
  #nodeGenuine = 0;
  #nodeFraud = 0;
  #nodeRows = 0;
  #left = Number.POSITIVE_INFINITY;
  #feature = -1;
  #bin = -1;
  #missingLeft = false;
  #bestGenuine = 0;
  #bestFraud = 0;

  /**
   * @param weights above 0 for each row of an entry
   * @param leastRows least number of drawn rows on either side of a split; no side is ever empty
   */
  constructor(bins: ColumnBins, entries: BagEntries, weights: Float64Array | undefined, leastRows: number) {
    this.#bins = bins;
    this.#entries = entries;
    this.#weights = weights;
    const isCounted = weights !== undefined && leastRows > 1;
    this.#rows = isCounted ? new Float64Array(MISSING + 1) : undefined;
    // A weight of any size stands for a row.
    this.#leastRows = weights === undefined || isCounted ? Math.max(leastRows, Number.MIN_VALUE) : Number.MIN_VALUE;
  }

  /** Forgets the node before. Returns false when this one has too few rows for two sides. */
  begin(rows: NodeRows): boolean {
    this.#nodeGenuine = rows.genuine;
    this.#nodeFraud = rows.fraud;
    this.#nodeRows = this.#rows ? this.#drawnRows(rows) : rows.genuine + rows.fraud;
    this.#left = Number.POSITIVE_INFINITY;
    this.#feature = -1;
    return this.#nodeRows >= 2 * this.#leastRows;
  }

  #drawnRows({ genuineStart, genuineEnd, fraudStart, fraudEnd }: NodeRows): number {
    const { genuine, fraud } = this.#entries;
    let rows = 0;
    for (let i = genuineStart; i < genuineEnd; i++) rows += genuine[i]! & TIMES_MASK;
    for (let i = fraudStart; i < fraudEnd; i++) rows += fraud[i]! & TIMES_MASK;
    return rows;
  }

  /** Tries all thresholds of a feature. Returns false when the feature allows no split of these rows. */
  tryFeature(feature: number, rows: NodeRows): boolean {
    const column = this.#bins.columns[feature]!;
    const binCount = this.#bins.cuts[feature]!.length + 1;
    this.#genuine.fill(0);
    this.#fraud.fill(0);
    addEntries(this.#genuine, this.#entries.genuine, rows.genuineStart, rows.genuineEnd, column, this.#weights);
    addEntries(this.#fraud, this.#entries.fraud, rows.fraudStart, rows.fraudEnd, column, this.#weights);
    if (this.#rows) {
      this.#rows.fill(0);
      addEntries(this.#rows, this.#entries.genuine, rows.genuineStart, rows.genuineEnd, column, undefined);
      addEntries(this.#rows, this.#entries.fraud, rows.fraudStart, rows.fraudEnd, column, undefined);
    }
    return this.#scan(feature, binCount);
  }

  /** The best split of the features tried; of equal ones the first. */
  best(): GiniSplit | undefined {
    if (this.#feature < 0) return undefined;
    return {
      feature: this.#feature,
      bin: this.#bin,
      missingLeft: this.#missingLeft,
      genuine: this.#bestGenuine,
      fraud: this.#bestFraud,
      gain: (this.#nodeFraud * this.#nodeGenuine) / (this.#nodeFraud + this.#nodeGenuine) - this.#left,
    };
  }

  #scan(feature: number, binCount: number): boolean {
    const missingGenuine = this.#genuine[MISSING]!;
    const missingFraud = this.#fraud[MISSING]!;
    const anyMissing = missingGenuine + missingFraud > 0;
    const counted = this.#rows;
    const missingRows = counted ? counted[MISSING]! : missingGenuine + missingFraud;
    let rows = 0;
    let genuine = 0;
    let fraud = 0;
    let lastBin = -1;
    let found = false;
    for (let bin = 0; bin < binCount; bin++) {
      const binGenuine = this.#genuine[bin]!;
      const binFraud = this.#fraud[bin]!;
      if (binGenuine + binFraud === 0) continue;
      if (lastBin >= 0) {
        // Halfway between the bins that hold rows, as a threshold between two values would be.
        const cut = (lastBin + bin - 1) >> 1;
        if (this.#tryCut(feature, cut, anyMissing ? 0 : undefined, rows, genuine, fraud)) found = true;
        if (anyMissing && this.#tryCut(feature, cut, 1, rows + missingRows, genuine + missingGenuine, fraud + missingFraud))
          found = true;
      }
      genuine += binGenuine;
      fraud += binFraud;
      rows += counted ? counted[bin]! : binGenuine + binFraud;
      lastBin = bin;
    }
    // All present values against the missing ones.
    if (anyMissing && lastBin >= 0 && this.#tryCut(feature, binCount - 1, 0, rows, genuine, fraud)) found = true;
    return found;
  }

  /**
   * @param missingLeft undefined where no row misses the feature: those to come follow the heavier side
   * @param rows drawn rows on the left; genuine and fraud are weights there
   */
  #tryCut(feature: number, bin: number, missingLeft: 0 | 1 | undefined, rows: number, genuine: number, fraud: number): boolean {
    if (rows < this.#leastRows || this.#nodeRows - rows < this.#leastRows) return false;
    const left = genuine + fraud;
    const rightGenuine = this.#nodeGenuine - genuine;
    const rightFraud = this.#nodeFraud - fraud;
    const right = rightGenuine + rightFraud;
    const impurity = (fraud * genuine) / left + (rightFraud * rightGenuine) / right;
    if (impurity < this.#left) {
      this.#left = impurity;
      this.#feature = feature;
      this.#bin = bin;
      this.#missingLeft = missingLeft === undefined ? left >= right : missingLeft === 1;
      this.#bestGenuine = genuine;
      this.#bestFraud = fraud;
    }
    return true;
  }
}

/** Adds the entries' weights to the bins that they fall into. */
function addEntries(
  histogram: Float64Array,
  entries: Int32Array,
  start: number,
  end: number,
  column: Uint8Array,
  weights: Float64Array | undefined,
): void {
  if (weights === undefined) {
    for (let i = start; i < end; i++) {
      const entry = entries[i]!;
      histogram[column[entry >>> TIMES_BITS]!]! += entry & TIMES_MASK;
    }
    return;
  }
  for (let i = start; i < end; i++) {
    const entry = entries[i]!;
    const row = entry >>> TIMES_BITS;
    histogram[column[row]!]! += (entry & TIMES_MASK) * weights[row]!;
  }
}
