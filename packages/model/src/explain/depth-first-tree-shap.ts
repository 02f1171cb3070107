/**
 * TreeSHAP by quadrature without tables, for trees that are too large for them: the formulas of `quadrature-tree-shap.ts`, on the nodes of
 * the tree itself. One walk down and up serves a chunk of the quadrature points; what tables would hold is computed at each split again.
 *
 * Working memory is a few numbers a level of the walk and a feature, however many nodes there are. Right subtrees are walked before left
 * ones, which is the order in which the kernels pass up, so that all of them give the same bits.
 */
import { goesLeft } from '../scoring/split-rule.js';
import { type QuadratureRule, gaussLegendre } from './gauss-legendre.js';
import { pairsFor } from './quadrature-tables.js';
import { AWAY, CHUNK_PAIRS, LEFT, RIGHT } from './quadrature-tree-shap.js';
import type { TreeShape } from './tree-shape.js';

/** Quadrature points of a walk, at most. */
const CHUNK_POINTS = 2 * CHUNK_PAIRS;

/** A walk through a tree. Rows of quadrature points lie CHUNK_POINTS apart. */
interface Walk {
  /** Points of this chunk, and their complements 1 - t. */
  pointCount: number;
  readonly points: Float64Array;
  readonly complements: Float64Array;
  /** By level: the node, where the row goes at it, and which child is being walked. */
  readonly nodes: Int32Array;
  readonly states: Uint8Array;
  readonly sides: Uint8Array;
  /** By level: P of the node, (1 where the split is first on its feature) 1 / f, and U of the right child once it is known. */
  readonly products: Float64Array;
  readonly inverses: Float64Array;
  readonly rightValues: Float64Array;
  /** By level: what the splits above on this split's feature let through. */
  readonly zeroAbove: Float64Array;
  /** U of the node that was left last. */
  readonly values: Float64Array;
  /** By feature: what the splits on it above let through, and whether the row passed all of them. All 1 before a walk and after. */
  readonly zero: Float64Array;
  readonly passed: Uint8Array;
}

/** A function that adds the contributions of all these trees to those of a row. It allocates nothing a row. Trees have a split at least. */
export function depthFirstTreeShap(
  shapes: readonly TreeShape[],
  featureCount: number,
): (row: Float32Array, contributions: Float64Array) => void {
  const rules = new Map<number, QuadratureRule>();
  for (const { pathFeatures } of shapes) {
    const pairs = pairsFor(pathFeatures);
    if (!rules.has(pairs)) rules.set(pairs, gaussLegendre(2 * pairs));
  }
  const walk = newWalk(
    shapes.reduce((most, { depth }) => Math.max(most, depth), 0),
    featureCount,
  );
  return (row, contributions) => {
    for (const shape of shapes) {
      const rule = rules.get(pairsFor(shape.pathFeatures))!;
      for (let first = 0; first < rule.points.length; first += CHUNK_POINTS) {
        takeChunk(walk, rule, first);
        walkTree(walk, shape, row, contributions);
      }
    }
  };
}

function newWalk(depth: number, featureCount: number): Walk {
  const levels = depth + 1;
  return {
    pointCount: 0,
    points: new Float64Array(CHUNK_POINTS),
    complements: new Float64Array(CHUNK_POINTS),
    nodes: new Int32Array(levels),
    states: new Uint8Array(levels),
    sides: new Uint8Array(levels),
    products: new Float64Array(levels * CHUNK_POINTS),
    inverses: new Float64Array(levels * CHUNK_POINTS),
    rightValues: new Float64Array(levels * CHUNK_POINTS),
    zeroAbove: new Float64Array(levels),
    values: new Float64Array(CHUNK_POINTS),
    zero: new Float64Array(featureCount).fill(1),
    passed: new Uint8Array(featureCount).fill(1),
  };
}

/** Points of the rule from the first on; P of the root is their weights. */
function takeChunk(walk: Walk, { points, weights }: QuadratureRule, first: number): void {
  const last = points.length - 1;
  walk.pointCount = Math.min(CHUNK_POINTS, points.length - first);
  for (let q = 0; q < walk.pointCount; q++) {
    walk.points[q] = points[first + q]!;
    // The points lie symmetrically around 1/2.
    walk.complements[q] = points[last - first - q]!;
    walk.products[q] = weights[first + q]!;
  }
}

function walkTree(walk: Walk, shape: TreeShape, row: Float32Array, contributions: Float64Array): void {
  const { nodes, sides, values, rightValues } = walk;
  const { feature, value } = shape.tree;
  nodes[0] = 0;
  let level = 0;
  while (level >= 0) {
    const node = nodes[level]!;
    if (feature[node] !== -1) {
      meetSplit(walk, shape, level, row);
      enterChild(walk, shape, level++, RIGHT);
      continue;
    }
    values.fill(value[node]!);
    // Up to the nearest split whose left child is still to be walked.
    while (--level >= 0) {
      if (sides[level] === RIGHT) {
        for (let q = 0; q < CHUNK_POINTS; q++) rightValues[level * CHUNK_POINTS + q] = values[q]!;
        enterChild(walk, shape, level++, LEFT);
        break;
      }
      leaveSplit(walk, shape, level, contributions);
    }
  }
}

/** Where the row goes at the split of a level, and what the split divides by. */
function meetSplit(walk: Walk, { tree, sameAbove }: TreeShape, level: number, row: Float32Array): void {
  const node = walk.nodes[level]!;
  const feature = tree.feature[node]!;
  const zero = walk.zero[feature]!;
  walk.zeroAbove[level] = zero;
  if (walk.passed[feature] === 0) walk.states[level] = AWAY;
  else walk.states[level] = goesLeft(tree, node, row[feature]!) ? LEFT : RIGHT;
  const isPlain = walk.states[level] === AWAY || sameAbove[node] === -1;
  const begin = level * CHUNK_POINTS;
  for (let q = 0; q < walk.pointCount; q++) {
    walk.inverses[begin + q] = isPlain ? 1 : 1 / (walk.points[q]! + walk.complements[q]! * zero);
  }
}

/** z_b of the split of a level: what is let through towards the child that the row does not go to. */
function zeroOfB({ nodes, states, zeroAbove }: Walk, { leftShare }: TreeShape, level: number): number {
  const left = leftShare[nodes[level]!]!;
  if (states[level] === AWAY) return 1 - left;
  return zeroAbove[level]! * (states[level] === RIGHT ? left : 1 - left);
}

/** Goes on to a child of the split of a level, with its P. */
function enterChild(walk: Walk, shape: TreeShape, level: number, side: typeof LEFT | typeof RIGHT): void {
  const { nodes, states, products, inverses, complements } = walk;
  const { tree, leftShare } = shape;
  const node = nodes[level]!;
  const feature = tree.feature[node]!;
  const state = states[level]!;
  walk.sides[level] = side;
  nodes[level + 1] = side === LEFT ? tree.left[node]! : tree.right[node]!;
  walk.zero[feature] = walk.zeroAbove[level]! * (side === LEFT ? leftShare[node]! : 1 - leftShare[node]!);
  walk.passed[feature] = Number(state === side);
  // Where the row went neither way, the right child is b.
  const isB = side !== (state === AWAY ? LEFT : state);
  const zero = zeroOfB(walk, shape, level);
  const begin = level * CHUNK_POINTS;
  for (let q = 0; q < walk.pointCount; q++) {
    const product = products[begin + q]!;
    const complement = state === AWAY ? 1 : complements[q]!;
    const away = product * (complement * (zero * inverses[begin + q]!));
    products[begin + CHUNK_POINTS + q] = isB ? away : product - away;
  }
}

/** Adds what the split of a level contributes, once `values` hold U of its left child, and leaves U of the split there. */
function leaveSplit(walk: Walk, shape: TreeShape, level: number, contributions: Float64Array): void {
  const { states, products, inverses, complements, rightValues, values } = walk;
  const feature = shape.tree.feature[walk.nodes[level]!]!;
  const state = states[level]!;
  walk.zero[feature] = walk.zeroAbove[level]!;
  walk.passed[feature] = Number(state !== AWAY);
  const zero = zeroOfB(walk, shape, level);
  const begin = level * CHUNK_POINTS;
  // Two sums, as the two lanes of the kernel's vectors.
  let evenSum = 0;
  let oddSum = 0;
  for (let q = 0; q < walk.pointCount; q++) {
    const inverse = inverses[begin + q]!;
    const k = zero * inverse;
    const towards = state === RIGHT ? rightValues[begin + q]! : values[q]!;
    const difference = towards - (state === RIGHT ? values[q]! : rightValues[begin + q]!);
    const part = products[begin + q]! * (k * inverse) * difference;
    if (q % 2 === 0) evenSum += part;
    else oddSum += part;
    values[q] = towards - (state === AWAY ? 1 : complements[q]!) * k * difference;
  }
  if (state !== AWAY) contributions[feature]! += evenSum + oddSum;
}
