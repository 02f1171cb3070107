/** Collects the nodes and constants of a graph that is written. */
import { ELEMENT_TYPES, type OnnxAttribute, type OnnxNode, type OnnxTensor } from './onnx-graph.js';

/** Nodes are added in the order in which they run; names of values are given once. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];

  /** An operator with one output. */
  add(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): void {
    this.nodes.push({ operator, domain, inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) });
  }

  /** A constant of float64 numbers; returns its name. */
  doubles(name: string, shape: readonly number[], values: ArrayLike<number>): string {
    return this.#constant(name, ELEMENT_TYPES.double, shape, Float64Array.from(values));
  }

  /** A constant of float32 numbers. */
  floats(name: string, shape: readonly number[], values: ArrayLike<number>): string {
    return this.#constant(name, ELEMENT_TYPES.float, shape, Float64Array.from(values, Math.fround));
  }

  /** A list of integers. */
  int64s(name: string, values: readonly number[]): string {
    return this.#constant(name, ELEMENT_TYPES.int64, [values.length], Float64Array.from(values));
  }

  #constant(name: string, elementType: number, shape: readonly number[], values: Float64Array): string {
    this.initializers.push({ name, elementType, shape, values });
    return name;
  }
}
