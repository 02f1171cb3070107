/**
 * The nodes from a margin to the output `probability`: a link or a calibration.
 *
 * The logistic and the identity link of float32 margins are one operator, Sigmoid or Clip. Everything else is computed in float64.
 */
import type { Calibration } from '../calibration.js';
import type { Link } from '../link.js';
import { ModelError } from '../model-error.js';
import type { GraphBuilder } from './graph-builder.js';
import { ELEMENT_TYPES } from './onnx-graph.js';

/** The value that the nodes start from. */
export interface MarginValue {
  readonly name: string;
  /** Whether it is float64; float32 otherwise. */
  readonly isDouble: boolean;
  /** How far it may be from the margin of the model. */
  readonly largestError: number;
  /** Where that error comes from, for messages. */
  readonly errorSource: string;
}

/** How much calibration may magnify the error of a margin. */
const LARGEST_PROBABILITY_ERROR = 1e-6;

/** @throws {ModelError} UNSUPPORTED_MODEL for an isotonic calibration that is too steep for the error of the margin */
export function addProbability(graph: GraphBuilder, margin: MarginValue, how: Link | Calibration): void {
  if (!margin.isDouble && how === 'logistic') {
    graph.add('Sigmoid', [margin.name], 'probability');
  } else if (!margin.isDouble && how === 'identity') {
    addClip(graph, margin.name);
  } else if (how === 'exp2') {
    graph.add('Pow', [graph.doubles('two', [], [2]), asDouble(graph, margin)], 'power');
    addCast(graph, 'power', 'power_float', ELEMENT_TYPES.float);
    addClip(graph, 'power_float');
  } else {
    addCast(graph, addDouble(graph, margin, how), 'probability', ELEMENT_TYPES.float);
  }
}

function addDouble(graph: GraphBuilder, margin: MarginValue, how: Exclude<Link, 'exp2'> | Calibration): string {
  const name = asDouble(graph, margin);
  if (typeof how === 'object' && how.kind === 'isotonic') return addInterpolation(graph, name, margin, how);
  let logOdds = name;
  if (typeof how === 'object') {
    if (how.kind === 'platt') {
      graph.add('Mul', [logOdds, graph.doubles('calibration_slope', [1], [how.slope])], 'scaled_margin');
      logOdds = 'scaled_margin';
    }
    const shift = how.kind === 'platt' ? how.intercept : how.logOddsShift;
    graph.add('Add', [logOdds, graph.doubles('calibration_shift', [1], [shift])], 'calibrated_margin');
    logOdds = 'calibrated_margin';
  }
  graph.add('Sigmoid', [logOdds], 'probability_double');
  return 'probability_double';
}

/** First probability + sum over the segments of slope * (the part of the segment below the margin). */
function addInterpolation(
  graph: GraphBuilder,
  name: string,
  margin: MarginValue,
  { margins, probabilities }: Extract<Calibration, { kind: 'isotonic' }>,
): string {
  const segments = Math.max(1, margins.length - 1);
  const widths = Array.from({ length: segments }, (_, k) => (margins[k + 1] ?? margins[k]! + 1) - margins[k]!);
  const slopes = widths.map((width, k) => ((probabilities[k + 1] ?? probabilities[k]!) - probabilities[k]!) / width);
  requireFlatEnough(
    slopes.reduce((most, slope) => Math.max(most, slope), 0),
    margin,
  );
  graph.add('Sub', [name, graph.doubles('segment_starts', [1, segments], margins.slice(0, segments))], 'beyond_starts');
  graph.add('Max', ['beyond_starts', graph.doubles('nothing', [1], [0])], 'beyond_starts_only');
  graph.add('Min', ['beyond_starts_only', graph.doubles('segment_widths', [1, segments], widths)], 'parts_below');
  graph.add('MatMul', ['parts_below', graph.doubles('segment_slopes', [segments, 1], slopes)], 'climb');
  graph.add('Add', ['climb', graph.doubles('first_probability', [1], [probabilities[0]!])], 'probability_double');
  return 'probability_double';
}

function requireFlatEnough(slope: number, { largestError: marginError, errorSource }: MarginValue): void {
  const error = slope * marginError;
  if (error <= LARGEST_PROBABILITY_ERROR) return;
  throw new ModelError(
    'UNSUPPORTED_MODEL',
    `toOnnx: isotonic calibration climbs by up to ${slope} per unit of margin, and ${errorSource} may be ${marginError} off, ` +
      `which makes ${error}, expected at most ${LARGEST_PROBABILITY_ERROR}; use Platt calibration, or take it away by withCalibration`,
    { details: { slope, marginError } },
  );
}

function asDouble(graph: GraphBuilder, margin: MarginValue): string {
  if (margin.isDouble) return margin.name;
  addCast(graph, margin.name, 'margin_double', ELEMENT_TYPES.double);
  return 'margin_double';
}

function addCast(graph: GraphBuilder, from: string, to: string, elementType: number): void {
  graph.add('Cast', [from], to, { to: { kind: 'int', value: elementType } });
}

function addClip(graph: GraphBuilder, from: string): void {
  graph.add('Clip', [from, graph.floats('zero', [], [0]), graph.floats('one', [], [1])], 'probability');
}
