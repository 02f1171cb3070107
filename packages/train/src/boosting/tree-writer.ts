import { MAX_NODES, type TreeArrays } from '@fraudops/model/forms';
import { TrainError } from '../train-error.js';

/** The rule at a split, and where it leads. */
export interface WrittenSplit {
  readonly feature: number;
  readonly threshold: number;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly right: number;
  /** Codes that go left, ascending; none for a split by threshold. */
  readonly categories: readonly number[];
}

/** Collects the nodes of a growing tree; children have higher numbers than their parents. */
export class TreeWriter {
  readonly #splits: (WrittenSplit | undefined)[] = [];
  readonly #values: number[] = [];
  readonly #covers: number[] = [];

  /**
   * A new node, a leaf until it is split; returns its number.
   *
   * @throws {TrainError} INVALID_OPTION beyond what a model holds
   */
  add(cover: number): number {
    if (this.#covers.length === MAX_NODES) {
      throw new TrainError(
        'INVALID_OPTION',
        `trainBoosting: a tree has more than ${MAX_NODES} nodes, which no model holds; lower depth, or set maxLeaves`,
        { details: { limit: MAX_NODES } },
      );
    }
    this.#splits.push(undefined);
    this.#values.push(0);
    return this.#covers.push(cover) - 1;
  }

  /** Makes a node a split. */
  split(node: number, split: WrittenSplit): void {
    this.#splits[node] = split;
  }

  /** Gives a leaf its value. */
  close(node: number, value: number): void {
    this.#values[node] = value;
  }

  toArrays(): TreeArrays {
    const splits = this.#splits;
    return {
      feature: Int32Array.from(splits, (split) => split?.feature ?? -1),
      threshold: Float32Array.from(splits, (split) => split?.threshold ?? 0),
      left: Int32Array.from(splits, (split) => split?.left ?? -1),
      right: Int32Array.from(splits, (split) => split?.right ?? -1),
      missingLeft: Uint8Array.from(splits, (split) => Number(split?.missingLeft ?? false)),
      value: Float64Array.from(this.#values),
      cover: Float64Array.from(this.#covers),
      ...categoriesOf(splits),
    };
  }
}

function categoriesOf(splits: readonly (WrittenSplit | undefined)[]): Pick<TreeArrays, 'categoryStarts' | 'categories'> {
  const categories = splits.flatMap((split) => split?.categories ?? []);
  if (categories.length === 0) return {};
  let start = 0;
  const starts = [0, ...splits.map((split) => (start += split?.categories.length ?? 0))];
  return { categoryStarts: Int32Array.from(starts), categories: Int32Array.from(categories) };
}
