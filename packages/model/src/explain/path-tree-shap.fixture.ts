/**
 * Exact path-dependent TreeSHAP by Algorithm 2 of Lundberg, Erion and Lee (2018), "Consistent individualized feature attribution for tree
 * ensembles": it walks all paths, and keeps for each the weights of the feature subsets by size. O(leaves * depth^2) a row.
 *
 * It is another way than quadrature, to test that against on short paths. It takes weights apart at each split whose feature was met before,
 * and the errors of that multiply: on long paths that repeat features it loses all digits.
 */
import { goesLeft } from '../scoring/split-rule.js';
import type { TreeShape } from './tree-shape.js';

/** Elements of a path: one a distinct feature, after a first one that stands for none. */
interface Path {
  readonly feature: Int32Array;
  /** Share of training rows that the splits on this feature let through. */
  readonly zero: Float64Array;
  /** 1 when the row itself passes all splits on this feature, else 0. */
  readonly one: Float64Array;
  /** Shapley weights of the subsets of the path, by size. */
  readonly weight: Float64Array;
}

/** Subtrees still to walk: the node, its depth, and the element that its edge adds to the path. */
interface Stack {
  readonly node: Int32Array;
  readonly depth: Int32Array;
  readonly feature: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
}

/** Working memory for trees up to a size: (depth + 1) * (min(depth, features) + 2) path elements of 28 bytes. */
export class PathScratch {
  readonly path: Path;
  readonly stack: Stack;
  /** Length of the path at each depth. */
  readonly lengths: Int32Array;
  /** Elements from the path of one depth to that of the next. */
  readonly stride: number;

  constructor(depth: number, pathFeatures: number) {
    this.stride = pathFeatures + 2;
    const elements = (depth + 1) * this.stride;
    this.lengths = new Int32Array(depth + 1);
    this.path = {
      feature: new Int32Array(elements),
      zero: new Float64Array(elements),
      one: new Float64Array(elements),
      weight: new Float64Array(elements),
    };
    this.stack = {
      node: new Int32Array(depth + 2),
      depth: new Int32Array(depth + 2),
      feature: new Int32Array(depth + 2),
      zero: new Float64Array(depth + 2),
      one: new Float64Array(depth + 2),
    };
  }
}

/**
 * Adds to contributions[j] what feature j contributes to this tree's value for the row.
 *
 * @param shape tree whose depth and path features the scratch was made for, or fewer
 * @param row one float32 value a feature, NaN when missing
 */
export function pathTreeShap(shape: TreeShape, scratch: PathScratch, row: Float32Array, contributions: Float64Array): void {
  const { tree, leftShare } = shape;
  const { path, stack, lengths, stride } = scratch;
  let top = push(stack, 0, 0, 0, -1, 1, 1);
  while (top > 0) {
    top--;
    const node = stack.node[top]!;
    const depth = stack.depth[top]!;
    const begin = depth * stride;
    let length = 0;
    if (depth > 0) {
      length = lengths[depth - 1]!;
      copyPath(path, begin - stride, begin, length);
    }
    extend(path, begin, length++, stack.feature[top]!, stack.zero[top]!, stack.one[top]!);
    const feature = tree.feature[node]!;
    if (feature === -1) {
      addLeaf(path, begin, length, tree.value[node]!, contributions);
      continue;
    }
    let zero = 1;
    let one = 1;
    const position = indexOfFeature(path, begin, length, feature);
    if (position >= 0) {
      zero = path.zero[begin + position]!;
      one = path.one[begin + position]!;
      unwind(path, begin, length--, position);
    }
    lengths[depth] = length;
    const hotIsLeft = goesLeft(tree, node, row[feature]!);
    const left = leftShare[node]!;
    const hotShare = hotIsLeft ? left : 1 - left;
    // What neither training rows nor this row reach weighs nothing in any subset.
    const coldZero = zero * (1 - hotShare);
    const hotZero = zero * hotShare;
    const hot = hotIsLeft ? tree.left[node]! : tree.right[node]!;
    const cold = hotIsLeft ? tree.right[node]! : tree.left[node]!;
    if (coldZero > 0) top = push(stack, top, cold, depth + 1, feature, coldZero, 0);
    if (hotZero > 0 || one > 0) top = push(stack, top, hot, depth + 1, feature, hotZero, one);
  }
}

function push(stack: Stack, top: number, node: number, depth: number, feature: number, zero: number, one: number): number {
  stack.node[top] = node;
  stack.depth[top] = depth;
  stack.feature[top] = feature;
  stack.zero[top] = zero;
  stack.one[top] = one;
  return top + 1;
}

function copyPath(path: Path, from: number, to: number, length: number): void {
  for (let i = 0; i < length; i++) {
    path.feature[to + i] = path.feature[from + i]!;
    path.zero[to + i] = path.zero[from + i]!;
    path.one[to + i] = path.one[from + i]!;
    path.weight[to + i] = path.weight[from + i]!;
  }
}

function indexOfFeature({ feature }: Path, begin: number, length: number, wanted: number): number {
  for (let i = 1; i < length; i++) if (feature[begin + i] === wanted) return i;
  return -1;
}

/** The paper's EXTEND: the path with one element more. */
function extend({ feature, zero, one, weight }: Path, begin: number, length: number, d: number, z: number, o: number): void {
  feature[begin + length] = d;
  zero[begin + length] = z;
  one[begin + length] = o;
  weight[begin + length] = length === 0 ? 1 : 0;
  for (let i = length - 1; i >= 0; i--) {
    const before = weight[begin + i]!;
    weight[begin + i + 1]! += (o * before * (i + 1)) / (length + 1);
    weight[begin + i] = (z * before * (length - i)) / (length + 1);
  }
}

/**
 * Where the two ends from which weights are taken apart meet. A weight follows from the one above it with its error times
 * z (last - i) / i, from the one below it with its error times i / (z (last - i)): on either side of this position errors shrink.
 */
const meetingPoint = (zero: number, last: number): number => Math.floor((zero * last) / (1 + zero));

/** The paper's UNWIND: the path without the element at a position. */
function unwind({ feature, zero, one, weight }: Path, begin: number, length: number, position: number): void {
  const last = length - 1;
  const z = zero[begin + position]!;
  if (one[begin + position] === 0) {
    for (let i = 0; i < last; i++) weight[begin + i] = (weight[begin + i]! * length) / (z * (last - i));
  } else {
    const meeting = meetingPoint(z, last);
    let unwound = 0;
    for (let i = 0; i < meeting; i++) {
      unwound = (weight[begin + i]! * length - unwound * i) / (z * (last - i));
      weight[begin + i] = unwound;
    }
    let next = weight[begin + last]!;
    for (let i = last - 1; i >= meeting; i--) {
      unwound = (next * length) / (i + 1);
      next = weight[begin + i]! - (unwound * z * (last - i)) / length;
      weight[begin + i] = unwound;
    }
  }
  for (let i = begin + position; i < begin + last; i++) {
    feature[i] = feature[i + 1]!;
    zero[i] = zero[i + 1]!;
    one[i] = one[i + 1]!;
  }
}

/** A leaf's part in the contributions of the features on its path. */
function addLeaf(path: Path, begin: number, length: number, value: number, contributions: Float64Array): void {
  for (let i = 1; i < length; i++) {
    const share = unwoundSum(path, begin, length, i) * (path.one[begin + i]! - path.zero[begin + i]!);
    contributions[path.feature[begin + i]!]! += share * value;
  }
}

/** Sum of the weights that {@link unwind} would leave. */
function unwoundSum({ zero, one, weight }: Path, begin: number, length: number, position: number): number {
  const last = length - 1;
  const z = zero[begin + position]!;
  let sum = 0;
  if (one[begin + position] === 0) {
    for (let i = 0; i < last; i++) sum += weight[begin + i]! / (z * (last - i));
    return sum * length;
  }
  const meeting = meetingPoint(z, last);
  let unwound = 0;
  for (let i = 0; i < meeting; i++) {
    unwound = (weight[begin + i]! * length - unwound * i) / (z * (last - i));
    sum += unwound;
  }
  let next = weight[begin + last]!;
  for (let i = last - 1; i >= meeting; i--) {
    unwound = (next * length) / (i + 1);
    next = weight[begin + i]! - (unwound * z * (last - i)) / length;
    sum += unwound;
  }
  return sum;
}
