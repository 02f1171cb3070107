/**
 * Exact path-dependent TreeSHAP by quadrature, O(nodes * path features) a row.
 *
 * The Shapley weight of a subset of s out of n - 1 other features, s! (n - 1 - s)! / n!, is the integral of t^s (1 - t)^(n - 1 - s) over
 * [0, 1]. So a feature's contribution is the integral of a product over the features of a path, each with the factor t + (1 - t) z when
 * the row passes the path's splits on it and (1 - t) z when not, where z is the share of training weight that these splits let through. The
 * products are polynomials, which Gauss-Legendre points integrate exactly.
 *
 * For each point t one pass down a tree and one up are enough. Down go products P of the factors above a node, times the point's weight;
 * up come values U of a node given t: what the tree gives when each feature is known with probability t. At a split that the row passes
 * towards child a, away from child b, with f = t + (1 - t) z for what z was above (1 where the feature is new) and k = z_b / f:
 *
 *     P_b = P (1 - t) k,   P_a = P - P_b,   U = U_a - (1 - t) k (U_a - U_b),   contribution += P (k / f) (U_a - U_b)
 *
 * A split whose feature already led away from the row above shares out as training rows did, contributes nothing, and fits the same
 * formulas with 1 - t and f replaced by 1 and k by the share of b.
 *
 * This is the kernel in TypeScript; the one in WebAssembly does the same steps in the same order, so that both give the same bits.
 */
import { ZERO_SIZE, isListed } from '../scoring/split-rule.js';
import {
  LEAF_WORDS,
  MISSING_LEFT,
  type QuadratureTables,
  SPLIT,
  SPLIT_WORDS,
  TREE,
  TREE_WORDS,
  ZERO_IS_MISSING,
} from './quadrature-tables.js';

/** Pairs of quadrature points that pass over a tree together; trees that need more are passed over several times. */
export const CHUNK_PAIRS = 4;

/** States of a split for a row: the child that the row goes to, or neither since its feature led away above. */
export const LEFT = 0;
export const RIGHT = 1;
export const AWAY = 2;

/** The tables, and working memory whose size is bounded by their largest tree. */
interface Views {
  readonly words: Int32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  /** P of a node on the way down, U on the way up. */
  readonly slots: Float64Array;
  readonly states: Uint8Array;
  /** Position of the row of ones in `doubles`. */
  readonly ones: number;
}

/** What is passed over: a tree, by the position of its header, and a chunk of its quadrature points. */
interface Pass {
  header: number;
  firstPoint: number;
  points: number;
}

/** A function that adds the contributions of all packed trees to those of a row. It allocates nothing a row. */
export function quadratureTreeShap(tables: QuadratureTables): (row: Float32Array, contributions: Float64Array) => void {
  const words = new Int32Array(tables.buffer);
  const views: Views = {
    words,
    floats: new Float32Array(tables.buffer),
    doubles: new Float64Array(tables.buffer),
    slots: new Float64Array(tables.maxSlots * 2 * CHUNK_PAIRS),
    states: new Uint8Array(tables.maxSplits + 1),
    ones: tables.onesAt / 8,
  };
  const pass: Pass = { header: 0, firstPoint: 0, points: 0 };
  return (row, contributions) => {
    for (let t = 0; t < tables.treeCount; t++) {
      pass.header = tables.treesAt / 4 + t * TREE_WORDS;
      findStates(views, pass.header, row);
      const points = 2 * words[pass.header + TREE.pairs]!;
      for (pass.firstPoint = 0; pass.firstPoint < points; pass.firstPoint += pass.points) {
        pass.points = Math.min(2 * CHUNK_PAIRS, points - pass.firstPoint);
        passDown(views, pass);
        fillLeaves(views, pass);
        passUp(views, pass, contributions);
      }
    }
  };
}

/** Where the row goes at each split. A split's record comes after those of the splits above it. */
function findStates({ words, floats, states }: Views, header: number, row: Float32Array): void {
  const count = words[header + TREE.splitCount]!;
  let record = words[header + TREE.splitsAt]! / 4;
  // What a split without another one above on its feature looks at.
  states[count] = LEFT;
  for (let split = 0; split < count; split++, record += SPLIT_WORDS) {
    if (states[words[record + SPLIT.above]!] !== words[record + SPLIT.aboveSide]) {
      states[split] = AWAY;
      continue;
    }
    const x = row[words[record + SPLIT.feature]!]!;
    const flags = words[record + SPLIT.flags]!;
    let isLeft = x <= floats[record + SPLIT.threshold]!;
    const categoryCount = words[record + SPLIT.categoryCount]!;
    if (categoryCount > 0) {
      const begin = words[record + SPLIT.categoriesAt]! / 4;
      isLeft = isListed(words, begin, begin + categoryCount, Math.trunc(x));
    }
    if (Number.isNaN(x) || ((flags & ZERO_IS_MISSING) !== 0 && Math.abs(x) <= ZERO_SIZE)) isLeft = (flags & MISSING_LEFT) !== 0;
    states[split] = isLeft ? LEFT : RIGHT;
  }
}

function passDown({ words, doubles, slots, states, ones }: Views, { header, firstPoint, points }: Pass): void {
  const count = words[header + TREE.splitCount]!;
  const complementsAt = words[header + TREE.complementsAt]! / 8 + firstPoint;
  const weightsAt = words[header + TREE.weightsAt]! / 8 + firstPoint;
  for (let q = 0; q < points; q++) slots[q] = doubles[weightsAt + q]!;
  let record = words[header + TREE.splitsAt]! / 4;
  for (let split = 0; split < count; split++, record += SPLIT_WORDS) {
    const state = states[split]!;
    const parent = words[record + SPLIT.slot]! * points;
    const left = parent + points;
    const right = words[record + SPLIT.rightSlot]! * points;
    const a = state === RIGHT ? right : left;
    const b = state === RIGHT ? left : right;
    const zero = doubles[(record + zeroOfB(state)) >> 1]!;
    const complements = state === AWAY ? ones : complementsAt;
    const inverses = state === AWAY ? ones : words[record + SPLIT.inversesAt]! / 8 + firstPoint;
    for (let q = 0; q < points; q++) {
      const product = slots[parent + q]!;
      const away = product * (doubles[complements + q]! * (zero * doubles[inverses + q]!));
      slots[b + q] = away;
      slots[a + q] = product - away;
    }
  }
}

/** Which field of a split holds z_b: what is let through towards the child that the row does not go to. */
function zeroOfB(state: number): number {
  if (state === AWAY) return SPLIT.rightShare;
  return state === RIGHT ? SPLIT.zeroLeft : SPLIT.zeroRight;
}

function fillLeaves({ words, doubles, slots }: Views, { header, points }: Pass): void {
  const count = words[header + TREE.leafCount]!;
  let record = words[header + TREE.leavesAt]! / 4;
  for (let leaf = 0; leaf < count; leaf++, record += LEAF_WORDS) {
    const slot = words[record]! * points;
    const value = doubles[record / 2 + 1]!;
    for (let q = 0; q < points; q++) slots[slot + q] = value;
  }
}

function passUp(
  { words, doubles, slots, states, ones }: Views,
  { header, firstPoint, points }: Pass,
  contributions: Float64Array,
) {
  const complementsAt = words[header + TREE.complementsAt]! / 8 + firstPoint;
  const first = words[header + TREE.splitsAt]! / 4;
  let split = words[header + TREE.splitCount]! - 1;
  for (let record = first + split * SPLIT_WORDS; split >= 0; split--, record -= SPLIT_WORDS) {
    const state = states[split]!;
    const parent = words[record + SPLIT.slot]! * points;
    const left = parent + points;
    const right = words[record + SPLIT.rightSlot]! * points;
    const a = state === RIGHT ? right : left;
    const b = state === RIGHT ? left : right;
    const zero = doubles[(record + zeroOfB(state)) >> 1]!;
    const complements = state === AWAY ? ones : complementsAt;
    const inverses = state === AWAY ? ones : words[record + SPLIT.inversesAt]! / 8 + firstPoint;
    // Two sums, as the two lanes of the kernel's vectors.
    let evenSum = 0;
    let oddSum = 0;
    for (let q = 0; q < points; q += 2) {
      const evenK = zero * doubles[inverses + q]!;
      const oddK = zero * doubles[inverses + q + 1]!;
      const evenDifference = slots[a + q]! - slots[b + q]!;
      const oddDifference = slots[a + q + 1]! - slots[b + q + 1]!;
      evenSum += slots[parent + q]! * (evenK * doubles[inverses + q]!) * evenDifference;
      oddSum += slots[parent + q + 1]! * (oddK * doubles[inverses + q + 1]!) * oddDifference;
      slots[parent + q] = slots[a + q]! - doubles[complements + q]! * evenK * evenDifference;
      slots[parent + q + 1] = slots[a + q + 1]! - doubles[complements + q + 1]! * oddK * oddDifference;
    }
    if (state !== AWAY) contributions[words[record + SPLIT.feature]!]! += evenSum + oddSum;
  }
}
