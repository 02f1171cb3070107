/**
 * Exact TreeSHAP by quadrature, two points a vector. The formulas stand in `src/explain/quadrature-tree-shap.ts`, the layout of the tables
 * in `src/explain/quadrature-tables.ts`; steps and their order are those of the TypeScript kernel, so both give the same bits.
 *
 * Where a feature already led away from the row, the row of ones takes the place of complements and inverses by choice of pointer, and
 * the contribution goes to a place that nobody reads: that costs less than branches that no processor can foretell.
 */

// Byte offsets in a tree's header and a split's record.
const TREE_BYTES: usize = 32;
const SPLIT_BYTES: usize = 64;
const LEAF_BYTES: usize = 16;

const LEFT: i32 = 0;
const RIGHT: i32 = 1;
const AWAY: i32 = 2;

const MISSING_LEFT: i32 = 1;
const ZERO_IS_MISSING: i32 = 2;
const TINY: f32 = 1e-35;

/**
 * Adds the contributions of all trees.
 *
 * @param rowAt features as float32
 * @param contributionsAt one float64 a feature, then the one that nobody reads
 * @param slotsAt 64 bytes a node of the largest tree
 * @param statesAt a byte a split of the largest tree, and one more
 */
export function addContributions(
  treesAt: usize,
  treeCount: i32,
  onesAt: usize,
  rowAt: usize,
  contributionsAt: usize,
  featureCount: i32,
  slotsAt: usize,
  statesAt: usize,
): void {
  const unreadAt = contributionsAt + ((<usize>featureCount) << 3);
  let tree = treesAt;
  const end = treesAt + <usize>treeCount * TREE_BYTES;
  while (tree < end) {
    const splitsAt = <usize>load<i32>(tree, 0);
    const splitCount = load<i32>(tree, 4);
    const leavesAt = <usize>load<i32>(tree, 8);
    const leafCount = load<i32>(tree, 12);
    let pairs = load<i32>(tree, 16);
    let complementsAt = <usize>load<i32>(tree, 20);
    let weightsAt = <usize>load<i32>(tree, 24);
    let offset: usize = 0;
    findStates(splitsAt, splitCount, rowAt, statesAt);
    while (pairs > 0) {
      if (pairs >= 4) {
        pass(4, splitsAt, splitCount, leavesAt, leafCount, complementsAt, weightsAt, offset, onesAt, contributionsAt, unreadAt, slotsAt, statesAt);
      } else if (pairs == 3) {
        pass(3, splitsAt, splitCount, leavesAt, leafCount, complementsAt, weightsAt, offset, onesAt, contributionsAt, unreadAt, slotsAt, statesAt);
      } else if (pairs == 2) {
        pass(2, splitsAt, splitCount, leavesAt, leafCount, complementsAt, weightsAt, offset, onesAt, contributionsAt, unreadAt, slotsAt, statesAt);
      } else {
        pass(1, splitsAt, splitCount, leavesAt, leafCount, complementsAt, weightsAt, offset, onesAt, contributionsAt, unreadAt, slotsAt, statesAt);
      }
      pairs -= 4;
      offset += 64;
    }
    tree += TREE_BYTES;
  }
}

/** Where the row goes at each split. A split's record comes after those of the splits above it. */
function findStates(splitsAt: usize, splitCount: i32, rowAt: usize, statesAt: usize): void {
  // What a split without another one above on its feature looks at.
  store<u8>(statesAt + <usize>splitCount, LEFT);
  let record = splitsAt;
  let state = statesAt;
  const end = statesAt + <usize>splitCount;
  do {
    const x = load<f32>(rowAt + ((<usize>load<i32>(record, 0)) << 2));
    const flags = load<i32>(record, 8);
    let isLeft = i32(x <= load<f32>(record, 4));
    const categoryCount = load<i32>(record, 36);
    if (categoryCount > 0) isLeft = isListed(<usize>load<i32>(record, 32), categoryCount, trunc<f32>(x));
    const isMissing = i32(x != x) | (i32(abs<f32>(x) <= TINY) & ((flags & ZERO_IS_MISSING) >> 1));
    isLeft = select(flags & MISSING_LEFT, isLeft, isMissing);
    const above = <i32>load<u8>(statesAt + <usize>load<i32>(record, 20));
    store<u8>(state, select(RIGHT - isLeft, AWAY, above == load<i32>(record, 24)));
    record += SPLIT_BYTES;
    state++;
  } while (state < end);
}

/** Whether a code is listed; codes ascend, and float32 holds them exactly. */
function isListed(categoriesAt: usize, count: i32, code: f32): i32 {
  let low: i32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (<f32>load<i32>(categoriesAt + ((<usize>middle) << 2)) < code) low = middle + 1;
    else high = middle;
  }
  if (low >= count) return 0;
  return i32(<f32>load<i32>(categoriesAt + ((<usize>low) << 2)) == code);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function pass(
  pairs: i32,
  splitsAt: usize,
  splitCount: i32,
  leavesAt: usize,
  leafCount: i32,
  complementsAt: usize,
  weightsAt: usize,
  offset: usize,
  onesAt: usize,
  contributionsAt: usize,
  unreadAt: usize,
  slotsAt: usize,
  statesAt: usize,
): void {
  const stride = <usize>pairs * 16;
  store128(slotsAt, pairs, weightsAt + offset);
  const complements = complementsAt + offset;
  let record = splitsAt;
  let state = statesAt;
  const end = statesAt + <usize>splitCount;
  do {
    const goes = <i32>load<u8>(state);
    const parent = slotsAt + <usize>load<i32>(record, 12) * stride;
    const left = parent + stride;
    const right = slotsAt + <usize>load<i32>(record, 16) * stride;
    const a = select(right, left, goes == RIGHT);
    const b = select(left, right, goes == RIGHT);
    // zeroLeft, zeroRight and rightShare lie side by side at 40, 48 and 56: the row goes left, right or away.
    const zero = v128.load64_splat(record + ((<usize>zeroOfB(goes)) << 3), 40);
    const y = select(onesAt, complements, goes == AWAY);
    const inverses = select(onesAt, <usize>load<i32>(record, 28) + offset, goes == AWAY);
    down(parent, a, b, zero, y, inverses, 0);
    if (pairs > 1) down(parent, a, b, zero, y, inverses, 16);
    if (pairs > 2) down(parent, a, b, zero, y, inverses, 32);
    if (pairs > 3) down(parent, a, b, zero, y, inverses, 48);
    record += SPLIT_BYTES;
    state++;
  } while (state < end);

  let leaf = leavesAt;
  const leavesEnd = leavesAt + <usize>leafCount * LEAF_BYTES;
  do {
    const slot = slotsAt + <usize>load<i32>(leaf, 0) * stride;
    const value = v128.load64_splat(leaf, 8);
    v128.store(slot, value, 0);
    if (pairs > 1) v128.store(slot, value, 16);
    if (pairs > 2) v128.store(slot, value, 32);
    if (pairs > 3) v128.store(slot, value, 48);
    leaf += LEAF_BYTES;
  } while (leaf < leavesEnd);

  do {
    record -= SPLIT_BYTES;
    state--;
    const goes = <i32>load<u8>(state);
    const parent = slotsAt + <usize>load<i32>(record, 12) * stride;
    const left = parent + stride;
    const right = slotsAt + <usize>load<i32>(record, 16) * stride;
    const a = select(right, left, goes == RIGHT);
    const b = select(left, right, goes == RIGHT);
    const zero = v128.load64_splat(record + ((<usize>zeroOfB(goes)) << 3), 40);
    const y = select(onesAt, complements, goes == AWAY);
    const inverses = select(onesAt, <usize>load<i32>(record, 28) + offset, goes == AWAY);
    let sum = up(parent, a, b, zero, y, inverses, 0);
    if (pairs > 1) sum = f64x2.add(sum, up(parent, a, b, zero, y, inverses, 16));
    if (pairs > 2) sum = f64x2.add(sum, up(parent, a, b, zero, y, inverses, 32));
    if (pairs > 3) sum = f64x2.add(sum, up(parent, a, b, zero, y, inverses, 48));
    const contribution = select(unreadAt, contributionsAt + ((<usize>load<i32>(record, 0)) << 3), goes == AWAY);
    store<f64>(contribution, load<f64>(contribution) + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
  } while (state > statesAt);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function zeroOfB(goes: i32): i32 {
  // left: zeroRight (1), right: zeroLeft (0), away: rightShare (2).
  return select(2, 1 - goes, goes == AWAY);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function store128(to: usize, pairs: i32, from: usize): void {
  v128.store(to, v128.load(from));
  if (pairs > 1) v128.store(to, v128.load(from, 16), 16);
  if (pairs > 2) v128.store(to, v128.load(from, 32), 32);
  if (pairs > 3) v128.store(to, v128.load(from, 48), 48);
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function down(parent: usize, a: usize, b: usize, zero: v128, y: usize, inverses: usize, at: usize): void {
  const product = v128.load(parent + at);
  const away = f64x2.mul(product, f64x2.mul(v128.load(y + at), f64x2.mul(zero, v128.load(inverses + at))));
  v128.store(b + at, away);
  v128.store(a + at, f64x2.sub(product, away));
}

/** The pair's part of the contribution. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function up(parent: usize, a: usize, b: usize, zero: v128, y: usize, inverses: usize, at: usize): v128 {
  const inverse = v128.load(inverses + at);
  const k = f64x2.mul(zero, inverse);
  const known = v128.load(a + at);
  const difference = f64x2.sub(known, v128.load(b + at));
  const part = f64x2.mul(f64x2.mul(v128.load(parent + at), f64x2.mul(k, inverse)), difference);
  v128.store(parent + at, f64x2.sub(known, f64x2.mul(f64x2.mul(v128.load(y + at), k), difference)));
  return part;
}
