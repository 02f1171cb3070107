/** Reads a constant from an ONNX file. */
import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ModelError } from '../model-error.js';
import { NumberListReader, unpackFloats, unpackIntegers } from './number-lists.js';
import { TENSOR } from './onnx-fields.js';
import { ELEMENT_TYPES, type OnnxTensor } from './onnx-graph.js';
import { fieldsOf, int64, requireCount, textOf } from './protobuf-fields.js';

const MAX_DIMENSIONS = 8;

/**
 * The constant. One of an element type that is not understood, such as text, has no values.
 *
 * @throws {ModelError} INVALID_MODEL unless there are as many values as the shape says; UNSUPPORTED_MODEL when they are in another file
 */
export function readTensor(reader: BinaryReader): OnnxTensor {
  let name = '';
  let elementType = 0;
  let raw: Uint8Array | undefined;
  const shape = new NumberListReader('shape');
  const values = new NumberListReader('values');
  for (const [field, type] of fieldsOf(reader)) {
    if (field === TENSOR.shape) shape.read(reader, type, 'int');
    else if (field === TENSOR.floats) values.read(reader, type, 'float');
    else if (field === TENSOR.doubles) values.read(reader, type, 'double');
    else if (field === TENSOR.int32s || field === TENSOR.int64s) values.read(reader, type, 'int');
    else if (field === TENSOR.elementType && type === WireType.Varint) elementType = int64(reader);
    else if (field === TENSOR.name && type === WireType.LengthDelimited) name = textOf(reader);
    else if (field === TENSOR.raw && type === WireType.LengthDelimited) raw = reader.bytes();
    else if (field === TENSOR.external || (field === TENSOR.location && int64(reader) !== 0)) {
      throw new ModelError('UNSUPPORTED_MODEL', `onnx: constant ${name} is in another file; save the model as one file`);
    } else if (field !== TENSOR.location) reader.skip(type, field);
  }
  requireCount('shape', shape.values().length, MAX_DIMENSIONS);
  const tensor = { name, elementType, shape: Array.from(shape.values()) };
  const numbers = raw && values.isEmpty ? unpackRaw(name, elementType, raw) : values.values();
  requireFilled(tensor.name, tensor.shape, elementType, numbers.length);
  return { ...tensor, values: numbers };
}

function unpackRaw(name: string, elementType: number, raw: Uint8Array): Float64Array {
  const what = `constant ${name}`;
  switch (elementType) {
    case ELEMENT_TYPES.float:
      return unpackFloats(what, raw, 'float');
    case ELEMENT_TYPES.double:
      return unpackFloats(what, raw, 'double');
    case ELEMENT_TYPES.int32:
      return unpackIntegers(what, raw, 4);
    case ELEMENT_TYPES.int64:
      return unpackIntegers(what, raw, 8);
    case ELEMENT_TYPES.uint8:
      return Float64Array.from(raw);
    default:
      return new Float64Array(0);
  }
}

function requireFilled(name: string, shape: readonly number[], elementType: number, length: number): void {
  const isUnderstood = elementType !== ELEMENT_TYPES.string && Object.values<number>(ELEMENT_TYPES).includes(elementType);
  const size = shape.reduce((product, each) => product * each, 1);
  if (isUnderstood && !(shape.every((each) => each >= 0) && size === length)) {
    throw new ModelError(
      'INVALID_MODEL',
      `onnx: constant ${name} has ${length} values, its shape [${shape.join(', ')}] asks for ${size}`,
      {
        details: { name, length, size },
      },
    );
  }
}
