/**
 * Histograms of a crew in its memory. A node that may still be split holds one slot: in it every member has the sums over its own rows,
 * and whoever searches a feature adds up those of all members.
 *
 * A histogram is a pair of sums for each bin of each feature, followed, if rows are counted, by a uint32 for each. There are as many
 * slots as the layout affords; when they are all taken, nodes give theirs back and build it again later.
 */
import type { BinTable } from './bin-table.js';
import type { CrewMember } from './training-crew.js';
import type { TrainingMemory } from './training-memory.js';

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
    const { rows, rowStride, derivatives, places, featureCount, blockRows, blockBytes } = layout;
    const histogram = this.#addressOf(this.#member.index, slot);
    const placeCount = Math.ceil(featureCount / 4) * 4;
    const block = layout.block + blockBytes * this.#member.index;
    kernel.clear(histogram, this.#bytes);
    kernel.addHistogram(histogram, rows, rowStride, derivatives, index, start, end, places, placeCount, block, blockRows);
    if (!layout.counted) return;
    const counts = histogram + this.#table.pairBytes;
    kernel.addCounts(counts, rows, rowStride, index, start, end, places, featureCount);
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

  /** Addresses of a feature's pairs and counts over the rows of all members; good until the next call. */
  sumsOf(slot: number, feature: number): { sums: number; counts: number } {
    const { place, bytes } = this.#table.features[feature]!;
    if (this.#member.size === 1) return this.#placesOf(this.#addressOf(0, slot), place);
    const { kernel, layout } = this.#memory;
    const total = this.#placesOf(this.#addressOf(this.#member.index, layout.slotCount), place);
    for (let m = 0; m < this.#member.size; m++) {
      const part = this.#placesOf(this.#addressOf(m, slot), place);
      if (m === 0) kernel.copy(total.sums, part.sums, bytes);
      else kernel.add(total.sums, part.sums, bytes);
      if (!layout.counted) continue;
      if (m === 0) kernel.copy(total.counts, part.counts, bytes / 2);
      else kernel.add(total.counts, part.counts, bytes / 2);
    }
    return total;
  }

  #placesOf(histogram: number, place: number): { sums: number; counts: number } {
    return { sums: histogram + place, counts: histogram + this.#table.pairBytes + place / 2 };
  }

  #addressOf(memberIndex: number, slot: number): number {
    const { firstHistogram, histogramBytes, slotCount } = this.#memory.layout;
    return firstHistogram + histogramBytes * (memberIndex * (slotCount + 1) + slot);
  }
}
