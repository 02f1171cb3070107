/** Numbers of the fields of onnx.proto, message by message, as far as they are read or written here. */

/** ModelProto. */
export const FILE = { irVersion: 1, producerName: 2, producerVersion: 3, graph: 7, opsets: 8, metadata: 14 } as const;
/** OperatorSetIdProto. */
export const OPSET = { domain: 1, version: 2 } as const;
/** StringStringEntryProto. */
export const ENTRY = { key: 1, value: 2 } as const;
/** GraphProto. */
export const GRAPH = { nodes: 1, name: 2, initializers: 5, inputs: 11, outputs: 12, sparseInitializers: 15 } as const;
/** NodeProto. */
export const NODE = { inputs: 1, outputs: 2, name: 3, operator: 4, attributes: 5, domain: 7 } as const;
/** AttributeProto. */
export const ATTRIBUTE = { name: 1, float: 2, int: 3, string: 4, tensor: 5, floats: 7, ints: 8, strings: 9, type: 20 } as const;
/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;
/** TensorProto. */
export const TENSOR = {
  shape: 1,
  elementType: 2,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  external: 13,
  location: 14,
} as const;
/** ValueInfoProto. */
export const VALUE = { name: 1, type: 2 } as const;
/** TypeProto and TypeProto.Tensor. */
export const TYPE = { tensor: 1, elementType: 1, shape: 2 } as const;
/** TensorShapeProto and its Dimension. */
export const SHAPE = { sizes: 1, size: 1, symbol: 2 } as const;
