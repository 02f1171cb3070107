/**
 * Scores rows by the tables of mask-tables.ts in WebAssembly, 16 words at once; the same bits as flat-scorer.ts.
 *
 * Memory holds, one after the other: the blocks with their tables, laid out as the kernel's source says; a tile of 64 rows; the tile's
 * margins; and scratch space of the kernel. Its size is the tables' and 64 rows'; it doesn't grow when rows are scored.
 */
import type { MaskBlock } from './mask-tables.js';
import { type ScoreMasksKernel, scoreMasksKernel } from './score-masks-wasm.js';
import type { TreeScorer } from './tree-scorer.js';

const TILE_ROWS = 64;
const HEADER_WORDS = 4;
const FEATURE_WORDS = 4;

/** See {@link TreeScorer}; undefined where WebAssembly is not to be had, or has no memory to give. */
export function maskKernel(blocks: readonly MaskBlock[], baseMargin: number): TreeScorer | undefined {
  const features = [...new Set(blocks.flatMap((block) => block.features.map(({ feature }) => feature)))];
  const layout = planLayout(blocks, features.length);
  const kernel = scoreMasksKernel(layout.bytes);
  if (!kernel) return undefined;
  const columns = new Map(features.map((feature, column) => [feature, column]));
  layout.blocks.forEach((place, i) => writeBlock(kernel.memory.buffer, place, { block: blocks[i]!, columns }));
  return kernelScorer(kernel, layout, { isWide: blocks[0]?.wordsPerTree === 2, baseMargin, features: Int32Array.from(features) });
}

/** Addresses in bytes. */
interface Layout {
  readonly blocks: readonly BlockPlace[];
  readonly tile: number;
  readonly margins: number;
  readonly scratch: number;
  readonly bytes: number;
}

interface BlockPlace {
  readonly header: number;
  readonly leaves: number;
  readonly features: readonly { readonly cuts: number; readonly masks: number }[];
}

function planLayout(blocks: readonly MaskBlock[], columnCount: number): Layout {
  // Address 0 stays unused. Everything starts where a line of the cache does.
  let end = 64;
  const reserve = (bytes: number): number => {
    const start = end;
    end = Math.ceil((start + bytes) / 64) * 64;
    return start;
  };
  const places = blocks.map(({ features, leaves }) => ({
    header: reserve((HEADER_WORDS + FEATURE_WORDS * features.length) * 4),
    leaves: reserve(leaves.byteLength),
    features: features.map(({ cuts, masks }) => ({
      cuts: reserve((5 ** levelsFor(cuts.length) - 1) * 4),
      masks: reserve(masks.byteLength),
    })),
  }));
  const tile = reserve(TILE_ROWS * columnCount * 4);
  const margins = reserve(TILE_ROWS * 8);
  const widest = Math.max(0, ...blocks.map((block) => TILE_ROWS * block.features.length + block.wordsPerRow));
  const scratch = reserve(widest * 4);
  return { blocks: places, tile, margins, scratch, bytes: end };
}

/** Levels of a search tree of so many cuts: with L levels it holds 5^L - 1. */
function levelsFor(count: number): number {
  let levels = 0;
  while (5 ** levels - 1 < count) levels++;
  return levels;
}

/** @param columns column of the tile by feature */
function writeBlock(
  buffer: ArrayBuffer,
  place: BlockPlace,
  { block, columns }: { block: MaskBlock; columns: ReadonlyMap<number, number> },
): void {
  const header = new Int32Array(buffer, place.header, HEADER_WORDS + FEATURE_WORDS * block.features.length);
  header.set([block.treeCount, block.features.length, block.wordsPerRow * 4, place.leaves]);
  new Float64Array(buffer, place.leaves, block.leaves.length).set(block.leaves);
  block.features.forEach(({ feature, cuts, masks }, f) => {
    const at = place.features[f]!;
    const levels = levelsFor(cuts.length);
    header.set([columns.get(feature)!, at.cuts, levels, at.masks], HEADER_WORDS + FEATURE_WORDS * f);
    writeCuts(new Float32Array(buffer, at.cuts, 5 ** levels - 1), cuts, levels);
    new Uint32Array(buffer, at.masks, masks.length).set(masks);
  });
}

/** A search tree in which the cuts have their order from left to right; what is left of it holds Infinity, above which nothing is. */
function writeCuts(into: Float32Array, cuts: Float32Array, levels: number): void {
  let at = 0;
  for (let level = 0; level < levels; level++) {
    // Cuts on the far side of a node's first child and of each further one.
    const step = 5 ** (levels - level - 1);
    for (let node = 0; node < 5 ** level; node++) {
      for (let slot = 1; slot <= 4; slot++) into[at++] = cuts[(node * 5 + slot) * step - 1] ?? Number.POSITIVE_INFINITY;
    }
  }
}

function kernelScorer(
  kernel: ScoreMasksKernel,
  layout: Layout,
  { isWide, baseMargin, features }: { isWide: boolean; baseMargin: number; features: Int32Array },
): TreeScorer {
  const { buffer } = kernel.memory;
  const featureCount = features.length;
  const tile = new Float32Array(buffer, layout.tile, TILE_ROWS * featureCount);
  const tileMargins = new Float64Array(buffer, layout.margins, TILE_ROWS);
  const addLeaves = isWide ? kernel.addWideLeaves : kernel.addNarrowLeaves;
  const headers = layout.blocks.map(({ header }) => header);
  const scoreTile = (rows: number): void => {
    for (let b = 0; b < headers.length; b++) addLeaves(headers[b]!, layout.tile, rows, layout.margins, layout.scratch);
  };
  return {
    marginOf(row) {
      for (let j = 0; j < featureCount; j++) tile[j * TILE_ROWS] = row[features[j]!]!;
      tileMargins[0] = baseMargin;
      scoreTile(1);
      return tileMargins[0];
    },
    addMargins({ columns, rowCount }, margins) {
      for (let start = 0; start < rowCount; start += TILE_ROWS) {
        const rows = Math.min(TILE_ROWS, rowCount - start);
        for (let j = 0; j < featureCount; j++) {
          const column = columns[features[j]!]!;
          for (let i = 0; i < rows; i++) tile[j * TILE_ROWS + i] = column[start + i]!;
        }
        for (let i = 0; i < rows; i++) tileMargins[i] = margins[start + i]!;
        scoreTile(rows);
        for (let i = 0; i < rows; i++) margins[start + i] = tileMargins[i]!;
      }
    },
  };
}
