import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTE, FILE, GRAPH, NODE, TENSOR } from './onnx-fields.js';
import { MAX_ONNX_BYTES, readOnnx } from './read-onnx.js';

type Write = (writer: BinaryWriter) => void;

const message =
  (field: number, ...parts: Write[]): Write =>
  (writer) => {
    writer.tag(field, WireType.LengthDelimited).fork();
    for (const part of parts) part(writer);
    writer.join();
  };
const text =
  (field: number, value: string): Write =>
  (writer) =>
    writer.tag(field, WireType.LengthDelimited).string(value);
const integer =
  (field: number, value: number): Write =>
  (writer) =>
    writer.tag(field, WireType.Varint).int64(value);

function bytesOf(...parts: Write[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const part of parts) part(writer);
  return writer.finish();
}

const fileWith = (...attribute: Write[]) =>
  bytesOf(message(FILE.graph, message(GRAPH.nodes, message(NODE.attributes, text(ATTRIBUTE.name, 'a'), ...attribute))));
const attributeOf = (bytes: Uint8Array) => readOnnx(bytes).graph.nodes[0]!.attributes.get('a');

const constantWith = (...tensor: Write[]) => bytesOf(message(FILE.graph, message(GRAPH.initializers, ...tensor)));

describe('readOnnx', () => {
  it('reads lists whose numbers have a field each, or one for all, negative ones too', () => {
    const single = fileWith(integer(ATTRIBUTE.ints, 3), integer(ATTRIBUTE.ints, -1), integer(ATTRIBUTE.type, 7));
    expect(attributeOf(single)).toEqual({ kind: 'ints', value: Float64Array.of(3, -1) });
    const packed: Write = (writer) =>
      writer
        .int64(300)
        .int64(-5)
        .int64(2 ** 40);
    const all = fileWith(message(ATTRIBUTE.ints, packed), integer(ATTRIBUTE.type, 7));
    expect(attributeOf(all)).toEqual({ kind: 'ints', value: Float64Array.of(300, -5, 2 ** 40) });
  });

  it('reads constants from raw bytes', () => {
    const raw: Write = (writer) =>
      writer.tag(TENSOR.raw, WireType.LengthDelimited).bytes(Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 192));
    const { initializers } = readOnnx(constantWith(integer(TENSOR.shape, 2), integer(TENSOR.elementType, 1), raw)).graph;
    expect(initializers[0]).toMatchObject({ shape: [2], values: Float64Array.of(1, -2) });
  });

  it('refuses constants that do not fill their shape, or are in another file', () => {
    const short = constantWith(integer(TENSOR.shape, 1_000_000_000), integer(TENSOR.elementType, 1), text(TENSOR.name, 'w'));
    expect(() => readOnnx(short)).toThrow('constant w has 0 values, its shape [1000000000] asks for 1000000000');
    const elsewhere = constantWith(text(TENSOR.name, 'w'), integer(TENSOR.location, 1));
    expect(() => readOnnx(elsewhere)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MODEL' }));
  });

  it('refuses more nodes than a model has', () => {
    const nodes = Array.from({ length: 1001 }, () => message(GRAPH.nodes, text(NODE.operator, 'Add')));
    expect(() => readOnnx(bytesOf(message(FILE.graph, ...nodes)))).toThrow('graph.node has more than 1000 entries');
  });

  it('refuses groups, which nest without bound, lists cut short and files that are too long', () => {
    const group: Write = (writer) => writer.tag(1, WireType.StartGroup);
    expect(() => readOnnx(bytesOf(...Array.from({ length: 100_000 }, () => group)))).toThrow('field 1 is a group');
    const cut: Write = (writer) => writer.tag(ATTRIBUTE.floats, WireType.LengthDelimited).bytes(new Uint8Array(7));
    expect(() => readOnnx(fileWith(cut))).toThrow('floats is no list of numbers');
    // Never touched, so never really allocated.
    expect(() => readOnnx(new Uint8Array(MAX_ONNX_BYTES + 1))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });
});
