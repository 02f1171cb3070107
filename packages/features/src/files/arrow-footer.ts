/**
 * The footer of an Arrow IPC file (Arrow columnar format 1.5, "IPC File Format"; File.fbs): the schema, and where each record batch is.
 * There are no dictionaries.
 */
import { fieldsOf } from './flatbuffer.js';

/** Where a record batch is. */
export interface ArrowBlock {
  /** From the file's beginning. */
  readonly offset: number;
  /** All of it. */
  readonly bytes: number;
  /** What comes before the values. */
  readonly metadataBytes: number;
}

/** Version 5 of the metadata, counted from 0. */
const METADATA_VERSION = 4;
const HEADER = 2;
const BLOCK_BYTES = 24;
/** Where the footer's table and its list of blocks begin; blocks lie at multiples of 8 bytes. */
const [TABLE, LIST] = [16, 36];

/**
 * @param schemaMessage the message that begins the file; its schema goes into the footer as it is
 * @returns the flatbuffer, without its length and the file's last bytes
 */
export function arrowFooter(schemaMessage: Uint8Array, blocks: readonly ArrowBlock[]): Uint8Array {
  const message = schemaMessage.subarray(8);
  const messageView = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const header = fieldsOf(messageView, 0)(HEADER)!;
  const schemaAt = header + messageView.getInt32(header, true);
  const messageAt = LIST + 4 + BLOCK_BYTES * blocks.length;

  const footer = new Uint8Array(messageAt + message.length);
  const view = new DataView(footer.buffer);
  view.setInt32(0, TABLE, true);
  // Bytes of this list, bytes of the table, and where in the table are: version, schema, dictionaries (nowhere), record batches.
  [12, 16, 4, 8, 0, 12].forEach((entry, i) => view.setInt16(4 + 2 * i, entry, true));
  view.setInt32(TABLE, TABLE - 4, true);
  view.setInt16(TABLE + 4, METADATA_VERSION, true);
  view.setInt32(TABLE + 8, messageAt + schemaAt - (TABLE + 8), true);
  view.setInt32(TABLE + 12, LIST - (TABLE + 12), true);
  view.setInt32(LIST, blocks.length, true);
  blocks.forEach(({ offset, bytes, metadataBytes }, i) => {
    const at = LIST + 4 + BLOCK_BYTES * i;
    view.setBigInt64(at, BigInt(offset), true);
    view.setInt32(at + 8, metadataBytes, true);
    view.setBigInt64(at + 16, BigInt(bytes - metadataBytes), true);
  });
  footer.set(message, messageAt);
  return footer;
}
