/**
 * An ONNX file in memory: the parts of onnx.proto that models of this package need, as plain data.
 *
 * A graph is a list of nodes, each an operator that computes named values from named values; a name is given once. Initializers are
 * constants. Operators of trees and linear models belong to the domain `ai.onnx.ml`, all others to the domain with the empty name.
 */

/** The domain of operators for trees and linear models. */
export const ML_DOMAIN = 'ai.onnx.ml';

/** Element types of tensors that are understood, by their numbers in onnx.proto. */
export const ELEMENT_TYPES = { float: 1, uint8: 2, int32: 6, int64: 7, string: 8, bool: 9, double: 11 } as const;

/** A file. */
export interface OnnxFile {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  /** Versions of the operators, by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: OnnxGraph;
}

/** What is computed. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxTensor[];
  /** In an order in which every value is made before it is used. */
  readonly nodes: readonly OnnxNode[];
}

/** An input or an output. */
export interface OnnxValue {
  readonly name: string;
  /** See {@link ELEMENT_TYPES}; undefined for what is no tensor, such as a sequence of maps. */
  readonly elementType: number | undefined;
  /** Sizes; undefined where any size is allowed. */
  readonly shape: readonly (number | undefined)[];
}

/** A constant. */
export interface OnnxTensor {
  readonly name: string;
  readonly elementType: number;
  readonly shape: readonly number[];
  /** The numbers, row by row; float64 holds those of all element types that are understood. */
  readonly values: Float64Array;
}

/** One use of an operator. */
export interface OnnxNode {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** A parameter of an operator. Integers beyond 2^53 are rounded: none that is understood is so large. */
export type OnnxAttribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'floats'; readonly value: Float32Array }
  | { readonly kind: 'ints'; readonly value: Float64Array }
  | { readonly kind: 'strings'; readonly value: readonly string[] };
