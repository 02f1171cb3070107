/**
 * Histograms of a crew in its memory. A node that may still be split holds one slot: in it every member has the sums over its own rows,
 * and whoever searches a feature adds up those of all members.
 *
 * A histogram is a pair of sums for each bin of each feature, followed, if rows are counted, by a uint32 for each. There are as many
 * slots as the layout affords; when they are all taken, nodes give theirs back and build it again later.
 */
import type { BinTable } from './bin-table.js';
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
  readonly #bytes: number;
  readonly #free: number[];

  constructor(memory: TrainingMemory, table: BinTable, member: CrewMember) {
    this.#memory = memory;
    this.#table = table;
    this.#member = member;
    this.#bytes = memory.layout.counted ? table.pairBytes * 1.5 : table.pairBytes;
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

  /** This member's sums over the rows. */
  build(slot: number, { start, end }: RowRange, index: number): void {
    const { kernel, layout } = this.#memory;
    const { rows, derivatives, features, featureCount, columns, columnStride } = layout;
    const { columnCount, rowStride, pairBytes } = this.#table;
    const histogram = this.#addressOf(this.#member.index, slot);
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

  /**
   * Makes two histograms of one, of which the parent's slot becomes the left child's and `right` the right child's. Only the smaller side
   * is built; each member decides by its own rows.
   */
  part(parent: number, right: number, leftRows: RowRange, rightRows: RowRange, index: number): void {
    const { kernel } = this.#memory;
    const whole = this.#addressOf(this.#member.index, parent);
    const part = this.#addressOf(this.#member.index, right);
    if (leftRows.end - leftRows.start < rightRows.end - rightRows.start) {
      this.build(right, leftRows, index);
      kernel.subtractAndSwap(whole, part, this.#bytes);
    } else {
      this.build(right, rightRows, index);
      kernel.subtract(whole, part, this.#bytes);
    }
  }

  /** Address of a histogram over the rows of all members, as far as these features go; good until the next call. */
  totalOf(slot: number, features: Int32Array): number {
    if (this.#member.size === 1) return this.#addressOf(0, slot);
    const total = this.#addressOf(this.#member.index, this.#memory.layout.slotCount);
    for (const feature of features) {
      const { place, bytes } = this.#table.features[feature]!;
      this.#addUp(slot, total, place, bytes);
      if (this.#memory.layout.counted) this.#addUp(slot, total, this.#table.pairBytes + place / 2, bytes / 2);
    }
    return total;
  }

  #addUp(slot: number, total: number, place: number, bytes: number): void {
    const { kernel } = this.#memory;
    for (let m = 0; m < this.#member.size; m++) {
      const part = this.#addressOf(m, slot) + place;
      if (m === 0) kernel.copy(total + place, part, bytes);
      else kernel.add(total + place, part, bytes);
    }
  }

  #addressOf(memberIndex: number, slot: number): number {
    const { firstHistogram, histogramBytes, slotCount } = this.#memory.layout;
    return firstHistogram + histogramBytes * (memberIndex * (slotCount + 1) + slot);
  }
}
