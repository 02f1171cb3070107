/**
 * Histograms of a crew in its memory. A node that may still be split holds one slot, with the sums over the rows of all members. Every
 * member adds up its own rows in a histogram of its own, then for its share of the features the parts of all members; nobody looks at
 * other features in a slot.
 *
 * A histogram is a pair of sums for each bin of each feature, followed, if rows are counted, by a uint32 for each. There are as many
 * slots as the layout affords; when they are all taken, nodes give theirs back and build it again later.
 */
import type { BinTable } from './bin-table.js';
import type { FeatureShare } from './feature-share.js';
import type { CrewMember } from './training-crew.js';
import { type TrainingMemory, blockRowsOf } from './training-memory.js';

/** Rows index[start .. end) of a member; without an index, rows start to end themselves. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** See the module's comment. Members take and give slots in the same order, so that a slot is the same node's for all of them. */
export class HistogramSlots {
  readonly #memory: TrainingMemory;
  readonly #table: BinTable;
  readonly #member: CrewMember;
  readonly #features: FeatureShare;
  readonly #free: number[];

  constructor(memory: TrainingMemory, table: BinTable, member: CrewMember, features: FeatureShare) {
    this.#memory = memory;
    this.#table = table;
    this.#member = member;
    this.#features = features;
    this.#free = Array.from({ length: memory.layout.slotCount }, (_, slot) => memory.layout.slotCount - 1 - slot);
  }

  /** Whether lending more would leave a split without the two that it needs. */
  get scarce(): boolean {
    return this.#free.length < 3;
  }

  take(): number {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error('HistogramSlots: all are taken; a defect');
    return slot;
  }

  give(slot: number): void {
    this.#free.push(slot);
  }

  /**
   * Sums over the rows of all members, in the slot those of this member's features. The crew meets once; before the next histogram is built
   * it has to meet again.
   *
   * @param rows of this member
   */
  build(slot: number, rows: RowRange, index: number): void {
    this.#buildPart(this.#partOf(slot, this.#member.index), rows, index);
    this.#member.meet();
    this.#addParts(slot);
  }

  /**
   * Makes two histograms of one, of which one takes the parent's slot and one the other; returns whose is which, left first. Only the side
   * with fewer rows is built. The crew meets twice, and has to meet again before the next histogram is built.
   */
  part(parent: number, other: number, left: RowRange, right: RowRange, index: number): [number, number] {
    const leftIsSmaller = this.#isSmaller(left, right);
    this.build(other, leftIsSmaller ? left : right, index);
    this.#forOwnSums((at, bytes) =>
      this.#memory.kernel.subtract(this.#addressOf(parent) + at, this.#addressOf(other) + at, bytes),
    );
    return leftIsSmaller ? [other, parent] : [parent, other];
  }

  /** Address of a histogram, in which sums of this member's features are those over the rows of all members. */
  totalOf(slot: number): number {
    return this.#addressOf(slot);
  }

  /** Addresses of the histograms over the rows of each member, of which the slot was built; good until the crew meets. */
  partsOf(slot: number): number[] {
    return Array.from({ length: this.#member.size }, (_, m) => this.#partOf(slot, m));
  }

  /** Whether fewer rows of the crew go left than right. */
  #isSmaller(left: RowRange, right: RowRange): boolean {
    const own = left.end - left.start - (right.end - right.start);
    if (this.#member.size === 1) return own < 0;
    const { layout, float64 } = this.#memory;
    const differences = layout.sums / 8 + 2;
    float64[differences + 4 * this.#member.index] = own;
    this.#member.meet();
    let difference = 0;
    for (let m = 0; m < this.#member.size; m++) difference += float64[differences + 4 * m]!;
    return difference < 0;
  }

  #buildPart(histogram: number, { start, end }: RowRange, index: number): void {
    const { kernel, layout } = this.#memory;
    const { rows, derivatives, features, featureCount, columns, columnStride } = layout;
    const { columnCount, rowStride, pairBytes } = this.#table;
    const columnSums = layout.columnSums + layout.columnBytes * this.#member.index;
    const block = layout.block + layout.blockBytes * this.#member.index;
    const blockRows = blockRowsOf(rowStride);
    kernel.addToColumns(columnSums, rows, rowStride, derivatives, index, start, end, columnCount, block, blockRows);
    kernel.takeFromColumns(histogram, columnSums, features, featureCount);
    if (!layout.counted) return;
    const counts = histogram + pairBytes;
    kernel.clear(counts, pairBytes / 2);
    kernel.addCounts(counts, columns, columnStride, index, start, end, features, featureCount);
  }

  #addParts(slot: number): void {
    const { size } = this.#member;
    // A single member builds in the slot itself.
    if (size === 1) return;
    const { kernel } = this.#memory;
    const sum = this.#addressOf(slot);
    this.#forOwnSums((at, bytes) => {
      kernel.copy(sum + at, this.#partOf(slot, 0) + at, bytes);
      for (let m = 1; m < size; m++) kernel.add(sum + at, this.#partOf(slot, m) + at, bytes);
    });
  }

  /** Calls back for the pairs of this member's features, then for their counts if rows are counted: where in a histogram, and how long. */
  #forOwnSums(work: (at: number, bytes: number) => void): void {
    const { features, pairBytes } = this.#table;
    const first = features[this.#features.start];
    const last = features[this.#features.end - 1];
    if (!first || !last || this.#features.start === this.#features.end) return;
    const bytes = last.place + last.bytes - first.place;
    work(first.place, bytes);
    if (this.#memory.layout.counted) work(pairBytes + first.place / 2, bytes / 2);
  }

  #addressOf(slot: number): number {
    const { firstHistogram, histogramBytes } = this.#memory.layout;
    return firstHistogram + histogramBytes * slot;
  }

  /** Where a member adds up its own rows. */
  #partOf(slot: number, memberIndex: number): number {
    return this.#addressOf(this.#member.size === 1 ? slot : this.#memory.layout.slotCount + memberIndex);
  }
}
