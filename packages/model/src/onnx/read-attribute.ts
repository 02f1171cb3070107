/** Reads a parameter of an operator from an ONNX file. */
import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { MAX_LIST_ENTRIES, NumberListReader } from './number-lists.js';
import { ATTRIBUTE, ATTRIBUTE_TYPES } from './onnx-fields.js';
import type { OnnxAttribute, OnnxTensor } from './onnx-graph.js';
import { fieldsOf, int64, readMessage, requireCount, textOf } from './protobuf-fields.js';
import { readTensor } from './read-tensor.js';

/** The attribute; undefined for a kind that no understood operator has, such as a graph. */
export function readAttribute(reader: BinaryReader): { name: string; attribute: OnnxAttribute } | undefined {
  const fields = new AttributeFields();
  for (const [field, type] of fieldsOf(reader)) fields.read(reader, field, type);
  const attribute = fields.attribute();
  return attribute && { name: fields.name, attribute };
}

class AttributeFields {
  name = '';
  #type = 0;
  #float = 0;
  #int = 0;
  #string = '';
  #tensor: OnnxTensor | undefined;
  readonly #floats = new NumberListReader('floats');
  readonly #ints = new NumberListReader('ints');
  readonly #strings: string[] = [];
  /** Texts that were met: lists of modes hold the same few, a node each. */
  readonly #known = new Map<string, string>();

  read(reader: BinaryReader, field: number, type: WireType): void {
    if (field === ATTRIBUTE.floats) this.#floats.read(reader, type, 'float');
    else if (field === ATTRIBUTE.ints) this.#ints.read(reader, type, 'int');
    else if (field === ATTRIBUTE.float && type === WireType.Bit32) this.#float = reader.float();
    else if (field === ATTRIBUTE.int && type === WireType.Varint) this.#int = int64(reader);
    else if (field === ATTRIBUTE.type && type === WireType.Varint) this.#type = int64(reader);
    else if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === ATTRIBUTE.name) this.name = textOf(reader);
    else if (field === ATTRIBUTE.string) this.#string = textOf(reader);
    else if (field === ATTRIBUTE.tensor) this.#tensor = readMessage(reader, readTensor);
    else if (field === ATTRIBUTE.strings) {
      const text = textOf(reader);
      if (!this.#known.has(text)) this.#known.set(text, text);
      requireCount('strings', this.#strings.push(this.#known.get(text)!), MAX_LIST_ENTRIES);
    } else reader.skip(type, field);
  }

  attribute(): OnnxAttribute | undefined {
    switch (this.#type) {
      case ATTRIBUTE_TYPES.float:
        return { kind: 'float', value: this.#float };
      case ATTRIBUTE_TYPES.int:
        return { kind: 'int', value: this.#int };
      case ATTRIBUTE_TYPES.string:
        return { kind: 'string', value: this.#string };
      case ATTRIBUTE_TYPES.tensor:
        return this.#tensor && { kind: 'tensor', value: this.#tensor };
      case ATTRIBUTE_TYPES.floats:
        return { kind: 'floats', value: Float32Array.from(this.#floats.values()) };
      case ATTRIBUTE_TYPES.ints:
        return { kind: 'ints', value: this.#ints.values() };
      case ATTRIBUTE_TYPES.strings:
        return { kind: 'strings', value: this.#strings };
      default:
        return undefined;
    }
  }
}
