/** What reading any message of protocol buffers needs: its fields one by one, messages within it, and limits on lists. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ModelError } from '../model-error.js';

/** Numbers and kinds of the fields of a message, in turn. Whoever takes one must read or skip its value. */
export function* fieldsOf(reader: BinaryReader): Generator<[number, WireType]> {
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.StartGroup || type === WireType.EndGroup) {
      throw new ModelError('INVALID_MODEL', `onnx: field ${field} is a group, which ONNX files don't have; fetch the file again`);
    }
    yield [field, type];
  }
}

/** A message within a message; it sees its own bytes only. */
export function readMessage<Message>(reader: BinaryReader, read: (reader: BinaryReader) => Message): Message {
  return read(new BinaryReader(reader.bytes()));
}

/** Longest text that is read. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const utf8 = new TextDecoder();

/** A text. */
export function textOf(reader: BinaryReader): string {
  const bytes = reader.bytes();
  requireCount('text', bytes.length, MAX_TEXT_BYTES);
  return utf8.decode(bytes);
}

/** An integer of 64 bits as a number, rounded beyond 2^53. */
export function int64(reader: BinaryReader): number {
  return Number(reader.int64());
}

/** @throws {ModelError} TOO_LARGE beyond the limit */
export function requireCount(what: string, count: number, limit: number): void {
  if (count > limit) {
    throw new ModelError('TOO_LARGE', `onnx: ${what} has more than ${limit} entries, which is the limit`, {
      details: { what, limit },
    });
  }
}
