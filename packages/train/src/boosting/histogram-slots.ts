/**
 * Histograms of a crew in its memory. A node that may still be split holds one slot, with the sums over the rows of all members. Every
 * member works out the sums of its share of the features; nobody looks at other features in a slot.
 *
 * Of many rows, each member adds its own to the sums by column, and when all have done so each adds up the members' sums in its share of
 * the columns. Of few rows, each adds all of them in its share alone: one meeting less, and nothing goes from one processor's cache to
 * another's, for what it costs to read each row once a member.
 *
 * A histogram is a pair of sums for each bin of each feature, followed, if rows are counted, by a uint32 for each. There are as many
 * slots as the layout affords; when they are all taken, nodes give theirs back and build it again later.
 */
import type { BinTable } from './bin-table.js';
import type { FeatureShare } from './feature-share.js';
import { COLUMN_BYTES } from './plain-kernel.js';
import type { NodeSums } from './split-record.js';
import type { CrewMember } from './training-crew.js';
import { NOTE_FLOATS, type TrainingMemory, blockRowsOf } from './training-memory.js';

/** Rows index[start .. end) of a member; without an index, rows start to end themselves. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Up to this many rows of the crew are few. Between 3,000 and 16,000 it makes little difference. */
const FEW_ROWS = 6000;

/** Where in a member's notes the others find the sums of its rows, and the rows of two children. */
const ROOT_NOTE = 2;
const CHILDREN_NOTE = 5;

/** See the module's comment. Members take and give slots in the same order, so that a slot is the same node's for all of them. */
export class HistogramSlots {
  readonly #memory: TrainingMemory;
  readonly #table: BinTable;
  readonly #member: CrewMember;
  readonly #share: FeatureShare;
  /** Address of the positions of this member's features. */
  readonly #owned: number;
  readonly #free: number[];

  constructor(memory: TrainingMemory, table: BinTable, member: CrewMember, share: FeatureShare) {
    const { layout, ints } = memory;
    this.#memory = memory;
    this.#table = table;
    this.#member = member;
    this.#share = share;
    this.#owned = layout.owned + 4 * layout.featureCount * member.index;
    ints.set(share.features, this.#owned / 4);
    this.#free = Array.from({ length: layout.slotCount }, (_, slot) => layout.slotCount - 1 - slot);
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

  /** Address of a histogram, in which this member's features have their sums. */
  addressOf(slot: number): number {
    const { firstHistogram, histogramBytes } = this.#memory.layout;
    return firstHistogram + histogramBytes * slot;
  }

  /**
   * Sums over the rows of all members; returns their total. The crew meets once, and has to meet again before the next histogram is built.
   *
   * @param rows of this member
   * @param index 0: the rows are start to end themselves
   */
  buildRoot(slot: number, rows: RowRange, index: number): NodeSums {
    const { float64, layout } = this.#memory;
    this.#addOwnRows(rows, index);
    const { gradient, hessian } = this.#ownTotal();
    this.#note(ROOT_NOTE, [gradient, hessian, layout.counted ? rows.end - rows.start : 0]);
    this.#note(CHILDREN_NOTE, [rows.start, rows.end, rows.end]);
    this.#member.meet();
    this.#addColumnsOfOthers();
    this.#takeColumns(slot, this.#rangesOf(0), index);
    const total = { gradient: 0, hessian: 0, rows: 0 };
    for (let m = 0; m < this.#member.size; m++) {
      const at = layout.notes / 8 + NOTE_FLOATS * m + ROOT_NOTE;
      total.gradient += float64[at]!;
      total.hessian += float64[at + 1]!;
      total.rows += float64[at + 2]!;
    }
    return total;
  }

  /**
   * Makes two histograms of one, of which one takes the parent's slot and one the other; returns whose is which, left first. Only the side
   * with fewer rows is built. The crew meets, and has to meet again before the next histogram is built.
   *
   * @param left rows of this member, right behind which are those of the right child
   */
  part(parent: number, other: number, left: RowRange, right: RowRange): [number, number] {
    this.#noteChildren(left, right);
    const sides = [this.#rangesOf(0), this.#rangesOf(1)] as const;
    const leftIsSmaller = countOf(sides[0]) < countOf(sides[1]);
    this.#build(other, leftIsSmaller ? sides[0] : sides[1]);
    const { kernel } = this.#memory;
    this.#forOwnSums((at, bytes) => kernel.subtract(this.addressOf(parent) + at, this.addressOf(other) + at, bytes));
    return leftIsSmaller ? [other, parent] : [parent, other];
  }

  /** Builds the histograms of two children. The crew meets, and has to meet again before the next histogram is built. */
  buildBoth(slots: readonly [number, number], left: RowRange, right: RowRange): void {
    this.#noteChildren(left, right);
    this.#build(slots[0], this.#rangesOf(0));
    this.#member.meet();
    this.#build(slots[1], this.#rangesOf(1));
  }

  #noteChildren(left: RowRange, right: RowRange): void {
    this.#note(CHILDREN_NOTE, [left.start, left.end, right.end]);
    this.#member.meet();
  }

  #note(at: number, values: readonly number[]): void {
    const { float64, layout } = this.#memory;
    float64.set(values, layout.notes / 8 + NOTE_FLOATS * this.#member.index + at);
  }

  /** The rows of each member that its notes say go to the left child, 0, or to the right one, 1. */
  #rangesOf(side: 0 | 1): RowRange[] {
    const { float64, layout } = this.#memory;
    return Array.from({ length: this.#member.size }, (_, m) => {
      const at = layout.notes / 8 + NOTE_FLOATS * m + CHILDREN_NOTE + side;
      return { start: float64[at]!, end: float64[at + 1]! };
    });
  }

  /** Sums over the rows of all members. Where they are many the crew meets once. */
  #build(slot: number, ranges: readonly RowRange[]): void {
    const { index } = this.#memory.layout;
    if (countOf(ranges) > FEW_ROWS) {
      this.#addOwnRows(ranges[this.#member.index]!, index);
      this.#member.meet();
      this.#addColumnsOfOthers();
    } else {
      const { firstColumn, endColumn } = this.#share;
      for (const rows of ranges) this.#addRows(rows, index, firstColumn, endColumn);
    }
    this.#takeColumns(slot, ranges, index);
  }

  #addOwnRows(rows: RowRange, index: number): void {
    this.#addRows(rows, index, 0, this.#table.columnCount);
  }

  #addRows({ start, end }: RowRange, index: number, firstColumn: number, endColumn: number): void {
    if (firstColumn === endColumn) return;
    const { kernel, layout } = this.#memory;
    const { rowStride } = this.#table;
    const block = layout.block + layout.blockBytes * this.#member.index;
    const { rows, derivatives } = layout;
    const columns = this.#columnsOf(this.#member.index);
    const blockRows = blockRowsOf(rowStride);
    kernel.addToColumns(columns, rows, rowStride, derivatives, index, start, end, firstColumn, endColumn, block, blockRows);
  }

  /** Sums over this member's rows: each is in exactly one code of the first column. */
  #ownTotal(): { gradient: number; hessian: number } {
    const { ints } = this.#memory;
    const first = this.#columnsOf(this.#member.index) / 4;
    const total = { gradient: 0, hessian: 0 };
    for (let at = first; at < first + COLUMN_BYTES / 4; at += 2) {
      total.hessian += ints[at]!;
      total.gradient += ints[at + 1]!;
    }
    return total;
  }

  /** Moves what the others have in this member's columns to its own sums. */
  #addColumnsOfOthers(): void {
    const { kernel } = this.#memory;
    const { firstColumn, endColumn } = this.#share;
    const [at, bytes] = [COLUMN_BYTES * firstColumn, COLUMN_BYTES * (endColumn - firstColumn)];
    const own = this.#columnsOf(this.#member.index) + at;
    for (let m = 0; m < this.#member.size; m++) {
      if (m === this.#member.index) continue;
      kernel.add(own, this.#columnsOf(m) + at, bytes);
      kernel.clear(this.#columnsOf(m) + at, bytes);
    }
  }

  /** From the columns to this member's features, whose rows it counts too if rows are counted. */
  #takeColumns(slot: number, ranges: readonly RowRange[], index: number): void {
    const { kernel, layout } = this.#memory;
    const histogram = this.addressOf(slot);
    const ownedCount = this.#share.features.length;
    kernel.takeFromColumns(histogram, this.#columnsOf(this.#member.index), layout.features, this.#owned, ownedCount);
    if (!layout.counted || ownedCount === 0) return;
    const { columns, columnStride, features } = layout;
    const counts = histogram + this.#table.pairBytes;
    kernel.clear(counts + this.#share.place / 2, this.#share.bytes / 2);
    for (const { start, end } of ranges) {
      kernel.addCounts(counts, columns, columnStride, index, start, end, features, this.#owned, ownedCount);
    }
  }

  /** Calls back for the pairs of this member's features, then for their counts if rows are counted: where in a histogram, and how long. */
  #forOwnSums(work: (at: number, bytes: number) => void): void {
    const { place, bytes } = this.#share;
    if (bytes === 0) return;
    work(place, bytes);
    if (this.#memory.layout.counted) work(this.#table.pairBytes + place / 2, bytes / 2);
  }

  #columnsOf(memberIndex: number): number {
    const { columnSums, columnBytes } = this.#memory.layout;
    return columnSums + columnBytes * memberIndex;
  }
}

/** Rows of all members together. */
function countOf(ranges: readonly RowRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
