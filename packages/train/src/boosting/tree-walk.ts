import type { RowRange } from './histogram-slots.js';
import type { TrainingMemory } from './training-memory.js';

/** A split by bins. */
export interface WalkedSplit {
  readonly column: number;
  /** 1 for each bin that goes left. */
  readonly goesLeft: Uint8Array;
  readonly left: number;
  readonly right: number;
}

/** A tree by bins, for rows that it did not learn from: it takes them to their leaves. */
export class TreeWalk {
  readonly #splits = new Map<number, WalkedSplit>();
  readonly #values = new Map<number, number>();

  split(node: number, split: WalkedSplit): void {
    this.#splits.set(node, split);
  }

  close(node: number, value: number): void {
    this.#values.set(node, value);
  }

  /** Adds the value of its leaf to the margin of each of the rows that `walks`. */
  addToMargins(memory: TrainingMemory, { start, end }: RowRange, walks: (row: number) => boolean): void {
    const { layout, bytes, float64 } = memory;
    for (let row = start; row < end; row++) {
      if (!walks(row)) continue;
      let node = 0;
      for (let split = this.#splits.get(0); split; split = this.#splits.get(node)) {
        const bin = bytes[layout.columns + split.column * layout.columnStride + row]!;
        node = split.goesLeft[bin] === 1 ? split.left : split.right;
      }
      float64[layout.margins / 8 + row]! += this.#values.get(node)!;
    }
  }
}
