/**
 * TreeSHAP by quadrature in WebAssembly: the same bits as `quadrature-tree-shap.ts`, several times as fast.
 *
 * The kernel's memory holds the tables, then the row, its contributions, and working memory for the largest tree. Its size is fixed when it is
 * made: at most `MAX_TABLE_BYTES` and `MAX_TREE_SLOTS` * 65 bytes, plus a row.
 */
import type { QuadratureTables } from './quadrature-tables.js';
import { CHUNK_PAIRS } from './quadrature-tree-shap.js';
import { treeShapKernel } from './tree-shap-wasm.js';

const LINE_BYTES = 64;
/** P or U of a node at the quadrature points of a pass. */
const SLOT_BYTES = CHUNK_PAIRS * 16;

/**
 * A function that adds the contributions of all packed trees to those of a row and allocates nothing a row; undefined where WebAssembly is
 * not to be had, or has no memory to give.
 */
export function kernelTreeShap(
  tables: QuadratureTables,
  featureCount: number,
): ((row: Float32Array, contributions: Float64Array) => void) | undefined {
  let end = 0;
  const reserve = (bytes: number): number => {
    const start = end;
    end = Math.ceil((start + bytes) / LINE_BYTES) * LINE_BYTES;
    return start;
  };
  reserve(tables.buffer.byteLength);
  const rowAt = reserve(featureCount * 4);
  const sumsAt = reserve((featureCount + 1) * 8);
  const slotsAt = reserve(tables.maxSlots * SLOT_BYTES);
  const statesAt = reserve(tables.maxSplits + 1);
  const kernel = treeShapKernel(end);
  if (!kernel) return undefined;
  const { buffer } = kernel.memory;
  new Uint8Array(buffer).set(new Uint8Array(tables.buffer));
  const kernelRow = new Float32Array(buffer, rowAt, featureCount);
  const sums = new Float64Array(buffer, sumsAt, featureCount);
  const { treesAt, treeCount, onesAt } = tables;
  return (row, contributions) => {
    kernelRow.set(row);
    sums.set(contributions);
    kernel.addContributions(treesAt, treeCount, onesAt, rowAt, sumsAt, featureCount, slotsAt, statesAt);
    contributions.set(sums);
  };
}
