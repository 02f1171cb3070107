/** The parameters of an operator, looked up by name and checked for their kind and length. */
import { ModelError } from '../model-error.js';
import type { OnnxAttribute, OnnxNode } from './onnx-graph.js';

export class NodeAttributes {
  constructor(readonly node: OnnxNode) {}

  int(name: string, otherwise: number): number {
    return this.#get(name, 'int')?.value ?? otherwise;
  }

  float(name: string, otherwise: number): number {
    return this.#get(name, 'float')?.value ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    return this.#get(name, 'string')?.value ?? otherwise;
  }

  has(name: string): boolean {
    return this.node.attributes.has(name);
  }

  /** @throws {ModelError} INVALID_MODEL when it is absent, of another kind or of another length */
  ints(name: string, length?: number): Float64Array {
    return this.optionalInts(name, length) ?? this.#fail(`${name} is absent`);
  }

  optionalInts(name: string, length?: number): Float64Array | undefined {
    return this.#ofLength(name, this.#get(name, 'ints')?.value, length);
  }

  texts(name: string, length?: number): readonly string[] {
    return this.#ofLength(name, this.#get(name, 'strings')?.value, length) ?? this.#fail(`${name} is absent`);
  }

  optionalTexts(name: string): readonly string[] | undefined {
    return this.#get(name, 'strings')?.value;
  }

  /** Numbers in float32, or in float64 under the name with `_as_tensor`. */
  numbers(name: string, length?: number): ArrayLike<number> {
    return this.optionalNumbers(name, length) ?? this.#fail(`${name} is absent`);
  }

  optionalNumbers(name: string, length?: number): ArrayLike<number> | undefined {
    const twin = `${name}_as_tensor`;
    const floats = this.#get(name, 'floats')?.value;
    const doubles = this.#get(twin, 'tensor')?.value.values;
    if (floats && doubles && floats.length > 0 && doubles.length > 0)
      this.#fail(`${name} and ${twin} are both there, expected one`);
    return doubles && doubles.length > 0 ? this.#ofLength(twin, doubles, length) : this.#ofLength(name, floats, length);
  }

  tensor(name: string, length?: number): Float64Array {
    const tensor = this.#get(name, 'tensor')?.value ?? this.#fail(`${name} is absent`);
    return this.#ofLength(name, tensor.values, length)!;
  }

  #get<Kind extends OnnxAttribute['kind']>(name: string, kind: Kind): Extract<OnnxAttribute, { kind: Kind }> | undefined {
    const attribute = this.node.attributes.get(name);
    if (!attribute) return undefined;
    if (attribute.kind !== kind) this.#fail(`${name} is of kind ${attribute.kind}, expected ${kind}`);
    return attribute as Extract<OnnxAttribute, { kind: Kind }>;
  }

  #ofLength<List extends ArrayLike<unknown>>(name: string, list: List | undefined, length: number | undefined): List | undefined {
    if (list && length !== undefined && list.length !== length) {
      this.#fail(`${name} has ${list.length} entries, expected ${length}`);
    }
    return list;
  }

  #fail(rule: string): never {
    throw new ModelError(
      'INVALID_MODEL',
      `onnx: ${this.node.operator.slice(0, 100)}: ${rule}; the file is damaged, fetch it again`,
    );
  }
}
