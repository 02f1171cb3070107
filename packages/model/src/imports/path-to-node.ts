/** Values that lead a row to a node of a tree. */
import type { Random } from '@fraudops/core';
import type { TreeArrays } from '../tree-arrays.js';
import { MAX_FLOAT32, nextFloat32Above } from '../float32-neighbours.js';

/** What a path demands of one feature: low < value <= high, or one code of a set. */
interface Demand {
  low: number;
  high: number;
  codes: Set<number> | undefined;
  readonly refused: Set<number>;
}

export class PathToNode {
  readonly #parents: Int32Array;

  constructor(readonly tree: TreeArrays) {
    this.#parents = new Int32Array(tree.feature.length).fill(-1);
    tree.feature.forEach((feature, node) => {
      if (feature === -1) return;
      this.#parents[tree.left[node]!] = node;
      this.#parents[tree.right[node]!] = node;
    });
  }

  /** Writes values that lead to the node into the row. Where the tree asks for what can't be, the value is missing. */
  follow(node: number, row: number[], random: Random): void {
    const demands = new Map<number, Demand>();
    for (let child = node, parent = this.#parents[node]!; parent !== -1; child = parent, parent = this.#parents[parent]!) {
      const feature = this.tree.feature[parent]!;
      let demand = demands.get(feature);
      if (!demand)
        demands.set(feature, (demand = { low: -MAX_FLOAT32, high: MAX_FLOAT32, codes: undefined, refused: new Set() }));
      this.#add(demand, parent, this.tree.left[parent] === child);
    }
    for (const [feature, demand] of demands) row[feature] = valueFor(demand, random);
  }

  #add(demand: Demand, split: number, goesLeft: boolean): void {
    const begin = this.tree.categoryStarts?.[split] ?? 0;
    const end = this.tree.categoryStarts?.[split + 1] ?? 0;
    if (end === begin) {
      const threshold = this.tree.threshold[split]!;
      if (goesLeft) demand.high = Math.min(demand.high, threshold);
      else demand.low = Math.max(demand.low, threshold);
      return;
    }
    const codes = this.tree.categories!.subarray(begin, end);
    if (!goesLeft) for (const code of codes) demand.refused.add(code);
    else demand.codes = new Set(demand.codes ? codes.filter((code) => demand.codes!.has(code)) : codes);
  }
}

function valueFor({ low, high, codes, refused }: Demand, random: Random): number {
  if (codes) {
    const allowed = [...codes].filter((code) => !refused.has(code));
    return allowed.length > 0 ? allowed[random.integer(allowed.length)]! : Number.NaN;
  }
  if (refused.size > 0) {
    let code = 0;
    while (refused.has(code)) code++;
    return code;
  }
  const lowest = nextFloat32Above(low);
  if (lowest > high) return Number.NaN;
  // An edge of the interval half of the time: that is where another library may turn off the path.
  if (random.next() < 0.5) return random.next() < 0.5 && low > -MAX_FLOAT32 ? lowest : high < MAX_FLOAT32 ? high : lowest;
  const within = Math.fround(Math.max(low, -1e6) + random.next() * (Math.min(high, 1e6) - Math.max(low, -1e6)));
  return Math.min(high, Math.max(lowest, within));
}
