/**
 * Lists of numbers in protocol buffers: packed, all in one field, or one field a number, or both in turn. Entries are counted before
 * room is made for them.
 */
import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ModelError } from '../model-error.js';
import { MAX_NODES } from '../model-limits.js';
import { int64, requireCount } from './protobuf-fields.js';

/** Most entries of a list: one a node of the largest model, and one a vote of its leaves for each of two classes. */
export const MAX_LIST_ENTRIES = 2 * MAX_NODES;

/** Collects the entries of one list. */
export class NumberListReader {
  readonly #single: number[] = [];
  readonly #packed: Float64Array[] = [];
  #count = 0;

  constructor(readonly what: string) {}

  /** Reads a field that holds float32, float64 or integers. */
  read(reader: BinaryReader, type: WireType, entry: 'float' | 'double' | 'int'): void {
    if (type === WireType.LengthDelimited) {
      const bytes = reader.bytes();
      this.#add(entry === 'int' ? countVarints(bytes) : bytes.length / (entry === 'float' ? 4 : 8));
      this.#flush();
      this.#packed.push(entry === 'int' ? unpackVarints(bytes) : unpackFloats(this.what, bytes, entry));
      return;
    }
    this.#add(1);
    if (entry === 'float' && type === WireType.Bit32) this.#single.push(reader.float());
    else if (entry === 'double' && type === WireType.Bit64) this.#single.push(reader.double());
    else if (entry === 'int' && type === WireType.Varint) this.#single.push(int64(reader));
    else throw damaged(this.what);
  }

  /** Whether anything was read. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** All entries in their order. */
  values(): Float64Array {
    this.#flush();
    if (this.#packed.length === 1) return this.#packed[0]!;
    const values = new Float64Array(this.#packed.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const part of this.#packed) {
      values.set(part, end);
      end += part.length;
    }
    return values;
  }

  #add(count: number): void {
    this.#count += count;
    requireCount(this.what, this.#count, MAX_LIST_ENTRIES);
  }

  #flush(): void {
    if (this.#single.length > 0) this.#packed.push(Float64Array.from(this.#single.splice(0)));
  }
}

/** float32 or float64 numbers, little-endian. */
export function unpackFloats(what: string, bytes: Uint8Array, entry: 'float' | 'double'): Float64Array {
  const size = entry === 'float' ? 4 : 8;
  if (bytes.length % size !== 0) throw damaged(what);
  requireCount(what, bytes.length / size, MAX_LIST_ENTRIES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float64Array(bytes.length / size);
  for (let i = 0; i < values.length; i++) {
    values[i] = entry === 'float' ? view.getFloat32(i * size, true) : view.getFloat64(i * size, true);
  }
  return values;
}

/** int32 or int64 numbers, little-endian. */
export function unpackIntegers(what: string, bytes: Uint8Array, size: 4 | 8): Float64Array {
  if (bytes.length % size !== 0) throw damaged(what);
  requireCount(what, bytes.length / size, MAX_LIST_ENTRIES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float64Array(bytes.length / size);
  for (let i = 0; i < values.length; i++) {
    values[i] = size === 4 ? view.getInt32(i * size, true) : Number(view.getBigInt64(i * size, true));
  }
  return values;
}

/** Every integer ends with the first of its bytes that is below 128. */
function countVarints(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! < 128) count++;
  return count;
}

function unpackVarints(bytes: Uint8Array): Float64Array {
  const values = new Float64Array(countVarints(bytes));
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const begin = at;
    let value = 0;
    let factor = 1;
    while (bytes[at]! >= 128) {
      value += (bytes[at++]! & 127) * factor;
      factor *= 128;
    }
    value += bytes[at++]! * factor;
    if (at - begin > 10) throw damaged('integers');
    // Ten bytes are a number of 64 bits, of which the first is the sign.
    values[i] = at - begin === 10 ? negativeVarint(bytes.subarray(begin, at)) : value;
  }
  if (at !== bytes.length) throw damaged('integers');
  return values;
}

function negativeVarint(bytes: Uint8Array): number {
  let value = 0n;
  bytes.forEach((byte, i) => (value |= BigInt(byte & 127) << BigInt(7 * i)));
  return Number(BigInt.asIntN(64, value));
}

function damaged(what: string): ModelError {
  return new ModelError('INVALID_MODEL', `onnx: ${what} is no list of numbers; the file is damaged, fetch it again`, {
    details: { what },
  });
}
