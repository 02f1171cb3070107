/**
 * What is known of a value of a graph while it is read: not numbers, but how it comes from the features. A model of this package is
 * found when an output turns out to be a score.
 */
import type { Calibration } from '../calibration.js';
import type { Link } from '../link.js';
import type { FeatureColumn } from './feature-column.js';
import type { OnnxTensor } from './onnx-graph.js';
import type { TreeArrays } from '../tree-arrays.js';

/** The sum of a model, before any probability. */
export type ModelSum =
  | { readonly kind: 'trees'; readonly baseMargin: number; readonly trees: readonly TreeArrays[] }
  | {
      readonly kind: 'linear';
      readonly intercept: number;
      /** One a feature of the file; those that are not used have 0. */
      readonly weights: readonly number[];
      /** NaN where the file says nothing of missing values. */
      readonly missingValues: readonly number[];
      /** Whether an intercept was added, so that what is added next is calibration. */
      readonly isComplete: boolean;
    };

/** A column of scores of the second class. */
export interface Score {
  readonly sum: ModelSum;
  readonly link: Link;
  readonly calibration: Calibration | undefined;
}

/** See the module's comment. */
export type SymbolicValue =
  /** The features, or some of them. */
  | { readonly kind: 'columns'; readonly columns: readonly FeatureColumn[] }
  /** Which features are missing. */
  | { readonly kind: 'missing'; readonly columns: readonly FeatureColumn[] }
  | { readonly kind: 'constant'; readonly tensor: OnnxTensor }
  /** slope * sum + shift. */
  | { readonly kind: 'margin'; readonly sum: ModelSum; readonly slope: number; readonly shift: number }
  | { readonly kind: 'score'; readonly score: Score }
  /** One minus a score. */
  | { readonly kind: 'complement'; readonly score: Score }
  /** Two columns: one minus the score, and the score. */
  | { readonly kind: 'classes'; readonly score: Score }
  | { readonly kind: 'label' }
  /** What no model of this package has; the message names the operator. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** A value that can't be part of a model, for a reason that an error can tell. */
export const unknown = (reason: string): SymbolicValue => ({ kind: 'unknown', reason });
