/**
 * A tree in the making: nodes in the order in which they are added, the root first, then all of them as {@link TreeArrays}. Whether they
 * make one tree is checked by `treeModel`.
 */
import { MAX_FLOAT32 } from '../float32-neighbours.js';
import { ModelError } from '../model-error.js';
import type { TreeArrays } from '../tree-arrays.js';

/** What all splits have. */
interface SplitParts {
  readonly feature: number;
  readonly left: number;
  readonly right: number;
  readonly missingLeft: boolean;
  readonly cover: number;
}

/** A split of numbers: `x <= threshold` goes left. */
interface NumericSplit extends SplitParts {
  /** A float32. */
  readonly threshold: number;
  readonly zeroIsMissing?: boolean;
}

/** A split of categories: listed codes go left. */
interface CategorySplit extends SplitParts {
  /** Whole numbers, ascending, at least one. */
  readonly codes: ArrayLike<number>;
}

export class TreeBuilder {
  readonly #feature: Int32Array;
  readonly #threshold: Float32Array;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #missingLeft: Uint8Array;
  readonly #value: Float64Array;
  readonly #cover: Float64Array;
  readonly #zeroIsMissing: Uint8Array;
  readonly #codes = new Map<number, ArrayLike<number>>();

  /** @param place name for messages, such as `trees[3]` */
  constructor(
    readonly place: string,
    readonly nodeCount: number,
  ) {
    this.#feature = new Int32Array(nodeCount).fill(-1);
    this.#threshold = new Float32Array(nodeCount);
    this.#left = new Int32Array(nodeCount).fill(-1);
    this.#right = new Int32Array(nodeCount).fill(-1);
    this.#missingLeft = new Uint8Array(nodeCount);
    this.#value = new Float64Array(nodeCount);
    this.#cover = new Float64Array(nodeCount);
    this.#zeroIsMissing = new Uint8Array(nodeCount);
  }

  setLeaf(node: number, value: number, cover: number): void {
    this.#value[node] = value;
    this.#cover[node] = cover;
  }

  /**
   * @throws {ModelError} UNSUPPORTED_MODEL for a threshold of -Infinity, INVALID_MODEL for others that are no finite float32: no such split
   * sends finite values both ways
   */
  setNumericSplit(node: number, split: NumericSplit): void {
    if (split.threshold === Number.NEGATIVE_INFINITY) {
      throw new ModelError(
        'UNSUPPORTED_MODEL',
        `${this.place}: node ${node} tells -Infinity from all other values, which no float32 threshold can do; train with features that ` +
          'are finite or missing',
        { details: { place: this.place, node } },
      );
    }
    if (!(Math.abs(split.threshold) <= MAX_FLOAT32)) {
      throw new ModelError(
        'INVALID_MODEL',
        `${this.place}: node ${node} splits at ${split.threshold}, expected a threshold that a finite float32 can reach`,
        { details: { place: this.place, node, threshold: split.threshold } },
      );
    }
    this.#setSplit(node, split);
    this.#threshold[node] = split.threshold;
    this.#zeroIsMissing[node] = Number(split.zeroIsMissing ?? false);
  }

  setCategorySplit(node: number, split: CategorySplit): void {
    if (split.codes.length === 0) {
      throw new ModelError('INVALID_MODEL', `${this.place}: node ${node} splits by no categories, expected at least one`, {
        details: { place: this.place, node },
      });
    }
    this.#setSplit(node, split);
    this.#codes.set(node, split.codes);
  }

  #setSplit(node: number, split: SplitParts): void {
    this.#feature[node] = split.feature;
    this.#left[node] = split.left;
    this.#right[node] = split.right;
    this.#missingLeft[node] = Number(split.missingLeft);
    this.#cover[node] = split.cover;
  }

  build(): TreeArrays {
    return {
      feature: this.#feature,
      threshold: this.#threshold,
      left: this.#left,
      right: this.#right,
      missingLeft: this.#missingLeft,
      value: this.#value,
      cover: this.#cover,
      ...(this.#codes.size > 0 && this.#categories()),
      ...(this.#zeroIsMissing.includes(1) && { zeroIsMissing: this.#zeroIsMissing }),
    };
  }

  #categories(): { categoryStarts: Int32Array; categories: Int32Array } {
    const categoryStarts = new Int32Array(this.nodeCount + 1);
    for (let node = 0; node < this.nodeCount; node++) {
      categoryStarts[node + 1] = categoryStarts[node]! + (this.#codes.get(node)?.length ?? 0);
    }
    const categories = new Int32Array(categoryStarts[this.nodeCount]!);
    for (const [node, codes] of this.#codes) categories.set(codes, categoryStarts[node]);
    return { categoryStarts, categories };
  }
}
