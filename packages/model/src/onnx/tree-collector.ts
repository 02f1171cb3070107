/** Collects the nodes of a tree, one after the other, into the arrays of {@link TreeArrays}. */
import type { TreeArrays } from '../tree-arrays.js';

/** A split; see {@link TreeArrays}. */
export interface CollectedSplit {
  readonly feature: number;
  readonly threshold: number;
  readonly left: number;
  readonly right: number;
  readonly missingLeft: boolean;
  readonly cover: number;
  readonly zeroIsMissing: boolean;
  /** Ascending; none for a split by threshold. */
  readonly categories: readonly number[];
}

export class TreeCollector {
  readonly #nodes: (CollectedSplit | { readonly value: number; readonly cover: number })[] = [];
  #hasZeros = false;

  addLeaf(value: number, cover: number): void {
    this.#nodes.push({ value, cover });
  }

  addSplit(split: CollectedSplit): void {
    this.#nodes.push(split);
    this.#hasZeros ||= split.zeroIsMissing;
  }

  arrays(): TreeArrays {
    const nodeCount = this.#nodes.length;
    const tree = {
      feature: new Int32Array(nodeCount).fill(-1),
      threshold: new Float32Array(nodeCount),
      left: new Int32Array(nodeCount).fill(-1),
      right: new Int32Array(nodeCount).fill(-1),
      missingLeft: new Uint8Array(nodeCount),
      value: new Float64Array(nodeCount),
      cover: new Float64Array(nodeCount),
    };
    const categories: number[] = [];
    const categoryStarts = new Int32Array(nodeCount + 1);
    const zeroIsMissing = new Uint8Array(nodeCount);
    this.#nodes.forEach((node, i) => {
      tree.cover[i] = node.cover;
      if ('value' in node) tree.value[i] = node.value;
      else {
        tree.feature[i] = node.feature;
        tree.threshold[i] = node.threshold;
        tree.left[i] = node.left;
        tree.right[i] = node.right;
        tree.missingLeft[i] = Number(node.missingLeft);
        zeroIsMissing[i] = Number(node.zeroIsMissing);
        for (const code of node.categories) categories.push(code);
      }
      categoryStarts[i + 1] = categories.length;
    });
    return {
      ...tree,
      ...(categories.length > 0 && { categoryStarts, categories: Int32Array.from(categories) }),
      ...(this.#hasZeros && { zeroIsMissing }),
    };
  }
}
