/**
 * The messages of Arrow IPC data in the order in which they can be read: schema, dictionaries, batches (Arrow columnar format 1.5, "IPC
 * File Format"). Files may keep a dictionary behind the batches that use it and write the schema their own way, as those
 * of Polars do; the footer says what is where.
 *
 * Of each message, the flatbuffer that describes it is read far enough to know its lengths, so that a damaged one can't ask for more
 * memory than there are rows.
 */
import { elementsAt, type Fields, fieldsOf, int64At } from './flatbuffer.js';
import { MAX_ROWS } from './max-rows.js';

/**
 * @param bytes an Arrow IPC file or stream
 * @returns views of the bytes, a message each
 * @throws {Error} of any kind when the bytes are neither
 */
export function arrowMessages(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length >= 2 * MAGIC.length && startsWithMagic(bytes) ? fileMessages(view, bytes) : streamMessages(view, bytes);
}

const MAGIC = Buffer.from('ARROW1');

function startsWithMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

function streamMessages(view: DataView, bytes: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = messageEnd(view, start);
    if (end === undefined) break;
    messages.push(bytes.subarray(start, end));
    start = end;
  }
  if (messages.length === 0) throw new Error('there is no message');
  return messages;
}

/** What a file holds is what its footer says: the schema, and where each dictionary and each batch begins. */
function fileMessages(view: DataView, bytes: Uint8Array): Uint8Array[] {
  const end = bytes.length - MAGIC.length - 4;
  if (!startsWithMagic(bytes.subarray(end + 4))) throw new Error('the end of the file is missing');
  const start = end - view.getInt32(end, true);
  const footer = fieldsOf(view, start);
  const schema = footer(SCHEMA);
  if (schema === undefined) throw new Error('the schema is missing');
  const version = footer(VERSION);
  const schemaAt = schema + view.getInt32(schema, true) - start;
  const messages = [
    schemaMessage(bytes.subarray(start, end), schemaAt, version === undefined ? 0 : view.getInt16(version, true)),
  ];
  requireSchema(view, schema);
  const blocks = [DICTIONARIES, RECORD_BATCHES].flatMap((field) => elementsAt(view, footer(field), BLOCK_BYTES));
  for (const block of blocks.map((at) => int64At(view, at))) {
    const blockEnd = messageEnd(view, block);
    if (blockEnd === undefined) throw new Error('a message of the footer is not there');
    messages.push(bytes.subarray(block, blockEnd));
  }
  return messages;
}

/** A message whose header is the schema in a footer, which goes with it as it is: a flatbuffer may have gaps. */
function schemaMessage(footer: Uint8Array, schemaAt: number, version: number): Uint8Array {
  const message = new Uint8Array(40 + footer.length);
  const view = new DataView(message.buffer);
  view.setInt32(0, CONTINUATION, true);
  view.setInt32(4, message.length - 8, true);
  // From here: where the table is, its list of fields (version, header type, header, body length), and the table itself.
  view.setInt32(8, 16, true);
  [12, 16, 4, 6, 8, 0].forEach((entry, i) => view.setInt16(12 + 2 * i, entry, true));
  view.setInt32(24, 12, true);
  view.setInt16(28, version, true);
  view.setUint8(30, SCHEMA_HEADER);
  view.setInt32(32, 40 + schemaAt - 32, true);
  message.set(footer, 40);
  return message;
}

const SCHEMA_HEADER = 1;
const [VERSION, SCHEMA, DICTIONARIES, RECORD_BATCHES] = [0, 1, 2, 3];
/** Offset, metadata length and body length. */
const BLOCK_BYTES = 24;

const [CONTINUATION, HEADER_TYPE, HEADER, BODY_LENGTH] = [-1, 1, 2, 3];
const [DICTIONARY_BATCH, RECORD_BATCH] = [2, 3];
const DATA_OF_DICTIONARY = 1;

/** Where the message ends that begins here; undefined at the end of a stream. */
function messageEnd(view: DataView, start: number): number | undefined {
  if (start + 4 > view.byteLength) return undefined;
  const isContinued = view.getInt32(start, true) === CONTINUATION;
  const length = view.getInt32(isContinued ? start + 4 : start, true);
  if (length === 0) return undefined;
  const head = start + (isContinued ? 8 : 4);
  const message = fieldsOf(view, head);
  const bodyLength = int64At(view, message(BODY_LENGTH));
  const end = head + length + bodyLength;
  if (!(length > 0 && bodyLength >= 0 && end <= view.byteLength)) throw new Error('a message ends behind the data');
  const [type, header] = [message(HEADER_TYPE), message(HEADER)];
  if (type !== undefined && header !== undefined) requireHeader(view, view.getUint8(type), header);
  return end;
}

/** @throws {Error} for a header whose lists or lengths can't be */
function requireHeader(view: DataView, type: number, header: number): void {
  if (type === SCHEMA_HEADER) requireSchema(view, header);
  if (type === RECORD_BATCH) requireBatch(view, fieldsOf(view, header));
  const data = type === DICTIONARY_BATCH ? fieldsOf(view, header)(DATA_OF_DICTIONARY) : undefined;
  if (data !== undefined) requireBatch(view, fieldsOf(view, data));
}

const [SCHEMA_FIELDS, SCHEMA_METADATA] = [1, 2];
const [FIELD_TYPE, FIELD_TYPE_TABLE, FIELD_CHILDREN, FIELD_METADATA] = [2, 3, 5, 6];
const [DECIMAL, DECIMAL_SCALE, UNION, UNION_TYPE_IDS] = [7, 1, 14, 1];
/** Deepest nesting of a column that is looked at. */
const MAX_DEPTH = 32;

function requireSchema(view: DataView, schema: number): void {
  const fields = fieldsOf(view, schema);
  elementsAt(view, fields(SCHEMA_METADATA), 4);
  for (const field of elementsAt(view, fields(SCHEMA_FIELDS), 4)) requireField(view, field, 0);
}

function requireField(view: DataView, at: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`columns are nested more than ${MAX_DEPTH} times`);
  const field = fieldsOf(view, at);
  const [type, table] = [field(FIELD_TYPE), field(FIELD_TYPE_TABLE)];
  if (type !== undefined && table !== undefined) requireType(view, view.getUint8(type), fieldsOf(view, table));
  elementsAt(view, field(FIELD_METADATA), 4);
  for (const child of elementsAt(view, field(FIELD_CHILDREN), 4)) requireField(view, child, depth + 1);
}

/** Powers of ten of a damaged scale would take longer than anybody waits. */
function requireType(view: DataView, type: number, fields: Fields): void {
  if (type === UNION) elementsAt(view, fields(UNION_TYPE_IDS), 4);
  const scale = type === DECIMAL ? fields(DECIMAL_SCALE) : undefined;
  if (scale !== undefined && Math.abs(view.getInt32(scale, true)) > MAX_SCALE)
    throw new Error('a decimal without a possible scale');
}

/** Digits of the longest decimals there are, in 256 bits. */
const MAX_SCALE = 76;

const [BATCH_LENGTH, NODES, BUFFERS, VARIADIC_COUNTS] = [0, 1, 2, 4];
/** Length and null count of a node, offset and length of a buffer. */
const PAIR_BYTES = 16;

/** @throws {Error} for a batch, or a column of one, of more rows than a table may have */
function requireBatch(view: DataView, batch: Fields): void {
  const buffers = elementsAt(view, batch(BUFFERS), PAIR_BYTES).length;
  const counts = [
    int64At(view, batch(BATCH_LENGTH)),
    ...elementsAt(view, batch(NODES), PAIR_BYTES).map((node) => int64At(view, node)),
  ];
  if (elementsAt(view, batch(VARIADIC_COUNTS), 8).some((count) => !(int64At(view, count) <= buffers)))
    throw new Error('buffers are missing');
  const bad = counts.find((count) => !(count >= 0 && count <= MAX_ROWS));
  if (bad !== undefined) throw new Error(`a batch of ${bad} rows, at most ${MAX_ROWS} are read`);
}
