/**
 * Reads an ONNX file, trusted in nothing, into the plain data of onnx-graph.ts.
 *
 * Time and memory are bounded by the size of the file, which is bounded: messages nest as deep as this module's functions and no
 * deeper, the entries of a list are counted before room is made for them, and counts have limits. What models of this package don't
 * need, such as graphs in attributes, is skipped without a look, and missed where it is used.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ModelError } from '../model-error.js';
import { readAttribute } from './read-attribute.js';
import { ENTRY, FILE, GRAPH, NODE, OPSET, SHAPE, TYPE, VALUE } from './onnx-fields.js';
import type { OnnxAttribute, OnnxFile, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnx-graph.js';
import { fieldsOf, int64, readMessage, requireCount, textOf } from './protobuf-fields.js';
import { readTensor } from './read-tensor.js';

/** Most bytes of an ONNX file. */
export const MAX_ONNX_BYTES = 256 * 1024 * 1024;
/** Most nodes of a graph, and most constants. */
const MAX_GRAPH_NODES = 1000;
/** Most inputs or outputs of a graph. */
const MAX_GRAPH_VALUES = 10_100;
/** Most inputs, outputs or attributes of a node. */
const MAX_NODE_PARTS = 10_100;
/** Most entries of the metadata and of the versions of operators. */
const MAX_ENTRIES = 1000;
/** Most dimensions of an input or output. */
const MAX_DIMENSIONS = 8;

/**
 * The content of a file.
 *
 * @throws {ModelError} INVALID_MODEL when it is no ONNX file or damaged; TOO_LARGE beyond a limit; UNSUPPORTED_MODEL for constants in
 *   other files
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  if (bytes.length > MAX_ONNX_BYTES) {
    throw new ModelError('TOO_LARGE', `onnx: ${bytes.length} bytes, at most ${MAX_ONNX_BYTES} are allowed`, {
      details: { length: bytes.length, limit: MAX_ONNX_BYTES },
    });
  }
  try {
    return readFile(bytes);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    // The reader of protocol buffers throws plain errors at whatever is damaged.
    throw new ModelError(
      'INVALID_MODEL',
      `onnx: it is no ONNX file, or a damaged one (${(cause as Error).message}); fetch it again`,
      {
        cause,
      },
    );
  }
}

function readFile(bytes: Uint8Array): OnnxFile {
  const file = { irVersion: 0, producerName: '', producerVersion: '' };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  let graph: OnnxGraph | undefined;
  const reader = new BinaryReader(bytes);
  for (const [field, type] of fieldsOf(reader)) {
    if (field === FILE.irVersion && type === WireType.Varint) file.irVersion = int64(reader);
    else if (field === FILE.producerName && type === WireType.LengthDelimited) file.producerName = textOf(reader);
    else if (field === FILE.producerVersion && type === WireType.LengthDelimited) file.producerVersion = textOf(reader);
    else if (field === FILE.graph && type === WireType.LengthDelimited) {
      if (graph) throw new ModelError('INVALID_MODEL', 'onnx: two graphs, a file has one');
      graph = readMessage(reader, readGraph);
    } else if (field === FILE.opsets && type === WireType.LengthDelimited) {
      const [domain, version] = readMessage(reader, readOpset);
      opsets.set(domain === 'ai.onnx' ? '' : domain, version);
      requireCount('opset_import', opsets.size, MAX_ENTRIES);
    } else if (field === FILE.metadata && type === WireType.LengthDelimited) {
      const [key, value] = readMessage(reader, readEntry);
      metadata.set(key, value);
      requireCount('metadata_props', metadata.size, MAX_ENTRIES);
    } else reader.skip(type, field);
  }
  if (!graph) throw new ModelError('INVALID_MODEL', 'onnx: no graph, expected an ONNX file');
  return { ...file, opsets, metadata, graph };
}

function readOpset(reader: BinaryReader): [string, number] {
  let domain = '';
  let version = 0;
  for (const [field, type] of fieldsOf(reader)) {
    if (field === OPSET.domain && type === WireType.LengthDelimited) domain = textOf(reader);
    else if (field === OPSET.version && type === WireType.Varint) version = int64(reader);
    else reader.skip(type, field);
  }
  return [domain, version];
}

function readEntry(reader: BinaryReader): [string, string] {
  let key = '';
  let value = '';
  for (const [field, type] of fieldsOf(reader)) {
    if (field === ENTRY.key && type === WireType.LengthDelimited) key = textOf(reader);
    else if (field === ENTRY.value && type === WireType.LengthDelimited) value = textOf(reader);
    else reader.skip(type, field);
  }
  return [key, value];
}

function readGraph(reader: BinaryReader): OnnxGraph {
  let name = '';
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for (const [field, type] of fieldsOf(reader)) {
    if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === GRAPH.name) name = textOf(reader);
    else if (field === GRAPH.nodes) requireCount('graph.node', nodes.push(readMessage(reader, readNode)), MAX_GRAPH_NODES);
    else if (field === GRAPH.initializers) {
      requireCount('graph.initializer', initializers.push(readMessage(reader, readTensor)), MAX_GRAPH_NODES);
    } else if (field === GRAPH.inputs) {
      requireCount('graph.input', inputs.push(readMessage(reader, readValue)), MAX_GRAPH_VALUES);
    } else if (field === GRAPH.outputs) {
      requireCount('graph.output', outputs.push(readMessage(reader, readValue)), MAX_GRAPH_VALUES);
    } else if (field === GRAPH.sparseInitializers) {
      throw new ModelError('UNSUPPORTED_MODEL', 'onnx: sparse constants, expected dense ones; save the model without them');
    } else reader.skip(type, field);
  }
  return { name, nodes, initializers, inputs, outputs };
}

function readNode(reader: BinaryReader): OnnxNode {
  let operator = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  for (const [field, type] of fieldsOf(reader)) {
    if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === NODE.operator) operator = textOf(reader);
    else if (field === NODE.domain) domain = textOf(reader);
    else if (field === NODE.inputs) requireCount('node.input', inputs.push(textOf(reader)), MAX_NODE_PARTS);
    else if (field === NODE.outputs) requireCount('node.output', outputs.push(textOf(reader)), MAX_NODE_PARTS);
    else if (field === NODE.attributes) {
      const named = readMessage(reader, readAttribute);
      if (named) attributes.set(named.name, named.attribute);
      requireCount('node.attribute', attributes.size, MAX_NODE_PARTS);
    } else reader.skip(type, field);
  }
  return { operator, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

function readValue(reader: BinaryReader): OnnxValue {
  let name = '';
  let tensor: Omit<OnnxValue, 'name'> | undefined;
  for (const [field, type] of fieldsOf(reader)) {
    if (field === VALUE.name && type === WireType.LengthDelimited) name = textOf(reader);
    else if (field === VALUE.type && type === WireType.LengthDelimited) tensor = readMessage(reader, readType);
    else reader.skip(type, field);
  }
  return { name, elementType: tensor?.elementType, shape: tensor?.shape ?? [] };
}

function readType(reader: BinaryReader): Omit<OnnxValue, 'name'> | undefined {
  let tensor: Omit<OnnxValue, 'name'> | undefined;
  for (const [field, type] of fieldsOf(reader)) {
    if (field === TYPE.tensor && type === WireType.LengthDelimited) tensor = readMessage(reader, readTensorType);
    else reader.skip(type, field);
  }
  return tensor;
}

function readTensorType(reader: BinaryReader): Omit<OnnxValue, 'name'> {
  let elementType = 0;
  let shape: (number | undefined)[] = [];
  for (const [field, type] of fieldsOf(reader)) {
    if (field === TYPE.elementType && type === WireType.Varint) elementType = int64(reader);
    else if (field === TYPE.shape && type === WireType.LengthDelimited) shape = readMessage(reader, readShape);
    else reader.skip(type, field);
  }
  return { elementType, shape };
}

function readShape(reader: BinaryReader): (number | undefined)[] {
  const sizes: (number | undefined)[] = [];
  for (const [field, type] of fieldsOf(reader)) {
    if (field === SHAPE.sizes && type === WireType.LengthDelimited) {
      requireCount('shape.dim', sizes.push(readMessage(reader, readSize)), MAX_DIMENSIONS);
    } else reader.skip(type, field);
  }
  return sizes;
}

function readSize(reader: BinaryReader): number | undefined {
  let size: number | undefined;
  for (const [field, type] of fieldsOf(reader)) {
    if (field === SHAPE.size && type === WireType.Varint) size = int64(reader);
    else reader.skip(type, field);
  }
  return size;
}
