/**
 * Scores rows by leaf masks; `packages/model/src/scoring/mask-tables.ts` says what the tables hold, and `mask-kernel.ts` puts them into
 * memory as described here. All addresses are in bytes, and trusted: the caller lays everything out and checks sizes.
 *
 * A tile is up to `TILE_ROWS` rows, a column a feature: value i of feature j stands at tile + 4 * (TILE_ROWS * j + i).
 *
 * A block of trees is described by 32-bit words: number of trees, number of its features, bytes of a row of masks (a multiple of 64),
 * address of the leaf values, then four words a feature: its position, the address of its cuts, the number of their levels, and the address
 * of its masks. Cuts are a search tree: level l has 5^l nodes of four ascending cuts, each with five children; nodes follow one another level
 * by level, without gaps.
 */

const TILE_ROWS: i32 = 64;
const BLOCK_HEADER: usize = 16;
const FEATURE_BYTES: usize = 16;

/** Adds the leaves of a block of trees with at most 32 leaves each to the margins of a tile's rows. */
export function addNarrowLeaves(block: usize, tile: usize, rowCount: i32, margins: usize, scratch: usize): void {
  const treeCount = load<i32>(block);
  const featureCount = load<i32>(block, 4);
  const maskBytes = load<i32>(block, 8);
  const leaves = load<usize>(block, 12);
  findMaskRows(block, tile, rowCount, scratch);
  const alive = scratch + <usize>(featureCount * TILE_ROWS * 4);
  for (let i: i32 = 0; i < rowCount; i++) {
    intersect(scratch + <usize>(i * featureCount * 4), featureCount, maskBytes, alive);
    let margin = load<f64>(margins + <usize>(i << 3));
    let value = leaves;
    let word = alive;
    for (let t: i32 = 0; t < treeCount; t++) {
      margin += load<f64>(value + <usize>(ctz<i32>(load<i32>(word)) << 3));
      value += 256;
      word += 4;
    }
    store<f64>(margins + <usize>(i << 3), margin);
  }
}

/** The same for trees with at most 64 leaves each. */
export function addWideLeaves(block: usize, tile: usize, rowCount: i32, margins: usize, scratch: usize): void {
  const treeCount = load<i32>(block);
  const featureCount = load<i32>(block, 4);
  const maskBytes = load<i32>(block, 8);
  const leaves = load<usize>(block, 12);
  findMaskRows(block, tile, rowCount, scratch);
  const alive = scratch + <usize>(featureCount * TILE_ROWS * 4);
  for (let i: i32 = 0; i < rowCount; i++) {
    intersect(scratch + <usize>(i * featureCount * 4), featureCount, maskBytes, alive);
    let margin = load<f64>(margins + <usize>(i << 3));
    let value = leaves;
    let word = alive;
    for (let t: i32 = 0; t < treeCount; t++) {
      margin += load<f64>(value + <usize>(<i32>ctz<i64>(load<i64>(word)) << 3));
      value += 512;
      word += 8;
    }
    store<f64>(margins + <usize>(i << 3), margin);
  }
}

/**
 * For every row and feature, the address of the masks that the feature's value selects; to scratch, row after row. The number of cuts below
 * a value is found digit by digit, in base 5: of a node's four cuts as many are below it as the digit says.
 */
// @ts-ignore: decorators are AssemblyScript's
@inline
function findMaskRows(block: usize, tile: usize, rowCount: i32, scratch: usize): void {
  const featureCount = load<i32>(block, 4);
  const maskBytes = load<i32>(block, 8);
  let feature = block + BLOCK_HEADER;
  for (let f: i32 = 0; f < featureCount; f++) {
    const values = tile + <usize>(load<i32>(feature) * TILE_ROWS * 4);
    const cuts = load<usize>(feature, 4);
    const levels = load<i32>(feature, 8);
    const masks = load<usize>(feature, 12);
    let out = scratch + <usize>(f << 2);
    for (let i: i32 = 0; i < rowCount; i++) {
      const x = load<f32>(values + <usize>(i << 2));
      const four = f32x4.splat(x);
      let below: i32 = 0;
      let level = cuts;
      let nodes: i32 = 1;
      for (let l: i32 = 0; l < levels; l++) {
        const nodeCuts = v128.load(level + <usize>(below << 4));
        below = below * 5 + popcnt<i32>(i32x4.bitmask(f32x4.lt(nodeCuts, four)));
        level += <usize>(nodes << 4);
        nodes *= 5;
      }
      // Row 0 is for missing values, and only they differ from themselves.
      store<usize>(out, masks + <usize>((below + i32(x == x)) * maskBytes));
      out += <usize>(featureCount << 2);
    }
    feature += FEATURE_BYTES;
  }
}

/** The leaves that all of a row's masks leave, tree after tree, to alive. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function intersect(maskRows: usize, featureCount: i32, maskBytes: i32, alive: usize): void {
  const end = maskRows + <usize>(featureCount << 2);
  for (let offset: i32 = 0; offset < maskBytes; offset += 64) {
    let a = i32x4.splat(-1);
    let b = a;
    let c = a;
    let d = a;
    for (let at = maskRows; at < end; at += 4) {
      const masks = load<usize>(at) + <usize>offset;
      a = v128.and(a, v128.load(masks));
      b = v128.and(b, v128.load(masks, 16));
      c = v128.and(c, v128.load(masks, 32));
      d = v128.and(d, v128.load(masks, 48));
    }
    const to = alive + <usize>offset;
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
}
