/**
 * Grows one tree of a forest (Breiman 2001): at each node a few features are drawn, and the best threshold among them parts the rows.
 * Draws go on past features that allow no split. A node is left alone when its rows are of one class, when it lies at the greatest
 * depth, or when no feature allows a split.
 *
 * With a bound on leaves the node whose split gains most is split first; else the order makes no difference to what a tree can be.
 */
import type { Random } from '@fraudops/core';
import { type Bag, TIMES_BITS } from './bag.js';
import { type ColumnBins, MISSING } from './column-bins.js';
import { type GiniSplit, GiniSearch, type NodeRows } from './gini-split.js';

/** What a tree may be. */
export interface GiniTreeRules {
  /** Splits on the longest path. */
  readonly depth: number;
  /** Leaves at most; undefined for no bound. */
  readonly maxLeaves: number | undefined;
  /** Least number of drawn rows on either side of a split. */
  readonly minRowsPerLeaf: number;
  /** Features drawn at each node. */
  readonly columnsPerSplit: number;
}

/** A grown tree in terms of bins; children stand after their parent. */
export interface GiniTree {
  /** -1 at a leaf. */
  readonly feature: number[];
  /** Last bin that goes left. */
  readonly bin: number[];
  readonly missingLeft: boolean[];
  readonly left: number[];
  readonly right: number[];
  /** Weights of the rows that came by. */
  readonly genuine: number[];
  readonly fraud: number[];
}

interface OpenNode extends NodeRows {
  readonly node: number;
  readonly depth: number;
  readonly split: GiniSplit;
}

/** Grows trees, one after the other, over one bag that its caller fills. Memory is bounded by the rows and the open nodes. */
export class GiniTreeGrower {
  readonly #bins: ColumnBins;
  readonly #bag: Bag;
  readonly #weights: Float64Array | undefined;
  readonly #rules: GiniTreeRules;
  readonly #search: GiniSearch;
  readonly #features: Int32Array;
  readonly #scratch: Int32Array;
  #open: OpenNode[] = [];

  constructor(bins: ColumnBins, bag: Bag, weights: Float64Array | undefined, rules: GiniTreeRules) {
    this.#bins = bins;
    this.#bag = bag;
    this.#weights = weights;
    this.#rules = rules;
    this.#search = new GiniSearch(bins, bag, weights, rules.minRowsPerLeaf);
    this.#features = new Int32Array(bins.columns.length);
    this.#scratch = new Int32Array(Math.max(bag.genuine.length, bag.fraud.length));
  }

  /** @param random draws the features */
  grow(random: Random): GiniTree {
    const tree: GiniTree = { feature: [], bin: [], missingLeft: [], left: [], right: [], genuine: [], fraud: [] };
    this.#features.forEach((_, i, features) => (features[i] = i));
    this.#open = [];
    this.#add(tree, this.#allRows(), 0, random);
    for (let leaves = 1; this.#open.length > 0 && leaves < (this.#rules.maxLeaves ?? Number.POSITIVE_INFINITY); leaves++) {
      this.#split(tree, this.#next(), random);
    }
    return tree;
  }

  #allRows(): NodeRows {
    const { genuineCount, fraudCount } = this.#bag;
    return {
      genuineStart: 0,
      genuineEnd: genuineCount,
      fraudStart: 0,
      fraudEnd: fraudCount,
      genuine: this.#weigh(this.#bag.genuine, genuineCount),
      fraud: this.#weigh(this.#bag.fraud, fraudCount),
    };
  }

  #weigh(entries: Int32Array, count: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const entry = entries[i]!;
      const row = entry >>> TIMES_BITS;
      sum += (entry - (row << TIMES_BITS)) * (this.#weights ? this.#weights[row]! : 1);
    }
    return sum;
  }

  /** Adds a node, which stays open if it can be split. */
  #add(tree: GiniTree, rows: NodeRows, depth: number, random: Random): number {
    const node = tree.feature.push(-1) - 1;
    tree.bin.push(0);
    tree.missingLeft.push(false);
    tree.left.push(-1);
    tree.right.push(-1);
    tree.genuine.push(rows.genuine);
    tree.fraud.push(rows.fraud);
    if (depth === this.#rules.depth || rows.genuine === 0 || rows.fraud === 0) return node;
    const split = this.#findSplit(rows, random);
    if (split) this.#open.push({ ...rows, node, depth, split });
    return node;
  }

  #findSplit(rows: NodeRows, random: Random): GiniSplit | undefined {
    if (!this.#search.begin(rows)) return undefined;
    const features = this.#features;
    let useful = 0;
    for (let drawn = 0; drawn < features.length && useful < this.#rules.columnsPerSplit; drawn++) {
      const place = drawn + random.integer(features.length - drawn);
      const feature = features[place]!;
      features[place] = features[drawn]!;
      features[drawn] = feature;
      if (this.#search.tryFeature(feature, rows)) useful++;
    }
    return this.#search.best();
  }

  #next(): OpenNode {
    const open = this.#open;
    if (this.#rules.maxLeaves === undefined) return open.pop()!;
    let best = 0;
    for (let i = 1; i < open.length; i++) if (open[i]!.split.gain > open[best]!.split.gain) best = i;
    return open.splice(best, 1)[0]!;
  }

  #split(tree: GiniTree, open: OpenNode, random: Random): void {
    const { node, split, depth } = open;
    const column = this.#bins.columns[split.feature]!;
    const genuineMiddle = this.#part(this.#bag.genuine, open.genuineStart, open.genuineEnd, column, split);
    const fraudMiddle = this.#part(this.#bag.fraud, open.fraudStart, open.fraudEnd, column, split);
    tree.feature[node] = split.feature;
    tree.bin[node] = split.bin;
    tree.missingLeft[node] = split.missingLeft;
    const leftRows = {
      genuineStart: open.genuineStart,
      genuineEnd: genuineMiddle,
      fraudStart: open.fraudStart,
      fraudEnd: fraudMiddle,
      genuine: split.genuine,
      fraud: split.fraud,
    };
    const rightRows = {
      genuineStart: genuineMiddle,
      genuineEnd: open.genuineEnd,
      fraudStart: fraudMiddle,
      fraudEnd: open.fraudEnd,
      genuine: open.genuine - split.genuine,
      fraud: open.fraud - split.fraud,
    };
    tree.left[node] = this.#add(tree, leftRows, depth + 1, random);
    tree.right[node] = this.#add(tree, rightRows, depth + 1, random);
  }

  /** Moves the entries that go left before the others, keeping the order on both sides; returns where the right ones begin. */
  #part(entries: Int32Array, start: number, end: number, column: Uint8Array, { bin, missingLeft }: GiniSplit): number {
    const scratch = this.#scratch;
    const missingGoes = missingLeft ? 1 : 0;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const entry = entries[i]!;
      const rowBin = column[entry >>> TIMES_BITS]!;
      const goesLeft = rowBin === MISSING ? missingGoes : Number(rowBin <= bin);
      // Written to both places, kept in one: no branch to predict.
      entries[left] = entry;
      scratch[right] = entry;
      left += goesLeft;
      right += 1 - goesLeft;
    }
    entries.set(scratch.subarray(0, right), left);
    return left;
  }
}
