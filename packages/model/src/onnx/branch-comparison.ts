/** Turns the comparisons of ONNX, of a feature as the operator sees it, into those of {@link BranchGraph}, of the feature itself. */
import { largestFloat32AtMost, largestFloat32Below } from '../float32-neighbours.js';
import { ModelError } from '../model-error.js';
import { type emptyBranchGraph, NODE_KINDS } from './branch-graph.js';
import { type FeatureColumn, limitOfColumn } from './feature-column.js';

/** `feature <comparison> value`. */
export type Comparison = 'atMost' | 'below' | 'atLeast' | 'above' | 'equals' | 'differs' | 'isMember';

/** A branch as a file says it. */
export interface Branch {
  readonly comparison: Comparison;
  /** Undefined when the file names a feature that does not exist. */
  readonly column: FeatureColumn | undefined;
  readonly value: number;
  /** Of `isMember`. */
  readonly members?: readonly number[];
  /** Positions in the graph. */
  readonly yes: number;
  readonly no: number;
  /** Whether a missing value goes where the comparison holds. */
  readonly missingTracksTrue: boolean;
}

/** Writes a branch at a node. @throws {ModelError} INVALID_MODEL or UNSUPPORTED_MODEL */
export function setBranch(graph: ReturnType<typeof emptyBranchGraph>, node: number, branch: Branch): void {
  const { column } = branch;
  if (!column) throw new ModelError('INVALID_MODEL', `onnx: node ${node} of a tree looks at a feature that does not exist`);
  if (Number.isNaN(branch.value)) throw new ModelError('INVALID_MODEL', `onnx: node ${node} of a tree compares with NaN`);
  graph.feature[node] = column.feature;
  if (branch.comparison === 'equals' || branch.comparison === 'differs' || branch.comparison === 'isMember') {
    setEquality(graph, node, branch, column);
  } else {
    setLimit(graph, node, branch, column);
  }
}

function setLimit(graph: ReturnType<typeof emptyBranchGraph>, node: number, branch: Branch, column: FeatureColumn): void {
  const { comparison, value } = branch;
  const isAbove = comparison === 'atLeast' || comparison === 'above';
  const isStrict = comparison === 'below' || comparison === 'atLeast';
  const found = limitOfColumn(column, isStrict ? largestFloat32Below(value) : largestFloat32AtMost(value));
  if (!found || found.limit === Number.NEGATIVE_INFINITY) {
    throw new ModelError(
      'UNSUPPORTED_MODEL',
      `onnx: node ${node} of a tree compares with ${value}, which decides nothing but infinite or missing features; expected a finite limit`,
      { details: { value } },
    );
  }
  // "At most" is the comparison here, so what asks for more takes its branches the other way round.
  const isSwapped = isAbove !== found.isReversed;
  graph.kind[node] = NODE_KINDS.atMost;
  graph.limit[node] = found.limit;
  graph.yes[node] = isSwapped ? branch.no : branch.yes;
  graph.no[node] = isSwapped ? branch.yes : branch.no;
  const missingTrue = found.missingHolds === undefined ? branch.missingTracksTrue : found.missingHolds !== isAbove;
  graph.missingYes[node] = missingTrue !== isSwapped ? 1 : 0;
}

function setEquality(graph: ReturnType<typeof emptyBranchGraph>, node: number, branch: Branch, column: FeatureColumn): void {
  if (column.steps.length > 0 || !Number.isNaN(column.missingValue)) {
    throw new ModelError(
      'UNSUPPORTED_MODEL',
      `onnx: node ${node} of a tree looks for a category in a feature that is scaled or filled in`,
    );
  }
  const isDiffers = branch.comparison === 'differs';
  graph.kind[node] = branch.comparison === 'isMember' ? NODE_KINDS.isMember : NODE_KINDS.equals;
  graph.limit[node] = branch.value;
  if (branch.members) graph.members.set(node, branch.members);
  graph.yes[node] = isDiffers ? branch.no : branch.yes;
  graph.no[node] = isDiffers ? branch.yes : branch.no;
  // NaN differs from everything, whatever the file says of missing values.
  graph.missingYes[node] = !isDiffers && branch.missingTracksTrue ? 1 : 0;
}
