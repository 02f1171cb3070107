/**
 * Writes an ONNX file: messages of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) in the binary form of protocol
 * buffers. Fields are written in a fixed order, so one graph has one sequence of bytes.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ATTRIBUTE, ATTRIBUTE_TYPES, ENTRY, FILE, GRAPH, NODE, OPSET, SHAPE, TENSOR, TYPE, VALUE } from './onnx-fields.js';
import {
  ELEMENT_TYPES,
  type OnnxAttribute,
  type OnnxFile,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnx-graph.js';

/** The bytes of the file. Tensors must be of floats, doubles or integers of 64 bits. */
export function writeOnnx(file: OnnxFile): Uint8Array {
  const writer = new BinaryWriter();
  int(writer, FILE.irVersion, file.irVersion);
  text(writer, FILE.producerName, file.producerName);
  if (file.producerVersion !== '') text(writer, FILE.producerVersion, file.producerVersion);
  message(writer, FILE.graph, () => writeGraph(writer, file.graph));
  for (const [domain, version] of file.opsets) {
    message(writer, FILE.opsets, () => {
      text(writer, OPSET.domain, domain);
      int(writer, OPSET.version, version);
    });
  }
  for (const [key, value] of file.metadata) {
    message(writer, FILE.metadata, () => {
      text(writer, ENTRY.key, key);
      text(writer, ENTRY.value, value);
    });
  }
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(writer, GRAPH.nodes, () => writeNode(writer, node));
  text(writer, GRAPH.name, graph.name);
  for (const tensor of graph.initializers) message(writer, GRAPH.initializers, () => writeTensor(writer, tensor));
  for (const value of graph.inputs) message(writer, GRAPH.inputs, () => writeValue(writer, value));
  for (const value of graph.outputs) message(writer, GRAPH.outputs, () => writeValue(writer, value));
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const name of node.inputs) text(writer, NODE.inputs, name);
  for (const name of node.outputs) text(writer, NODE.outputs, name);
  // Outputs are named once in a graph, so they name their node too.
  text(writer, NODE.name, node.outputs[0] ?? '');
  text(writer, NODE.operator, node.operator);
  for (const [name, attribute] of node.attributes)
    message(writer, NODE.attributes, () => writeAttribute(writer, name, attribute));
  text(writer, NODE.domain, node.domain);
}

function writeAttribute(writer: BinaryWriter, name: string, attribute: OnnxAttribute): void {
  text(writer, ATTRIBUTE.name, name);
  switch (attribute.kind) {
    case 'float':
      writer.tag(ATTRIBUTE.float, WireType.Bit32).float(attribute.value);
      break;
    case 'int':
      int(writer, ATTRIBUTE.int, attribute.value);
      break;
    case 'string':
      text(writer, ATTRIBUTE.string, attribute.value);
      break;
    case 'tensor':
      message(writer, ATTRIBUTE.tensor, () => writeTensor(writer, attribute.value));
      break;
    case 'floats':
      message(writer, ATTRIBUTE.floats, () => attribute.value.forEach((value) => writer.float(value)));
      break;
    case 'ints':
      message(writer, ATTRIBUTE.ints, () => attribute.value.forEach((value) => varint(writer, value)));
      break;
    default:
      for (const value of attribute.value) text(writer, ATTRIBUTE.strings, value);
  }
  int(writer, ATTRIBUTE.type, ATTRIBUTE_TYPES[attribute.kind]);
}

function writeTensor(writer: BinaryWriter, tensor: OnnxTensor): void {
  message(writer, TENSOR.shape, () => tensor.shape.forEach((size) => varint(writer, size)));
  int(writer, TENSOR.elementType, tensor.elementType);
  if (tensor.elementType === ELEMENT_TYPES.float) {
    message(writer, TENSOR.floats, () => tensor.values.forEach((value) => writer.float(value)));
  } else if (tensor.elementType === ELEMENT_TYPES.int64) {
    message(writer, TENSOR.int64s, () => tensor.values.forEach((value) => varint(writer, value)));
  }
  text(writer, TENSOR.name, tensor.name);
  if (tensor.elementType === ELEMENT_TYPES.double) {
    message(writer, TENSOR.doubles, () => tensor.values.forEach((value) => writer.double(value)));
  }
}

function writeValue(writer: BinaryWriter, value: OnnxValue): void {
  text(writer, VALUE.name, value.name);
  message(writer, VALUE.type, () =>
    message(writer, TYPE.tensor, () => {
      int(writer, TYPE.elementType, value.elementType ?? 0);
      message(writer, TYPE.shape, () => value.shape.forEach((size) => writeSize(writer, size)));
    }),
  );
}

function writeSize(writer: BinaryWriter, size: number | undefined): void {
  message(writer, SHAPE.sizes, () => {
    if (size === undefined) text(writer, SHAPE.symbol, 'N');
    else int(writer, SHAPE.size, size);
  });
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function int(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint);
  varint(writer, value);
}

/** Most integers are small, for which the way without a BigInt writes the same bytes. */
function varint(writer: BinaryWriter, value: number): void {
  if (value >= 0 && value <= 0xffffffff) writer.uint32(value);
  else writer.int64(BigInt(value));
}
