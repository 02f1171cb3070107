/** The bytes of a {@link RunTable}: a hash of all that follows, a mark, the length of each section, and the sections. */
import { createHash } from 'node:crypto';

/** What tells these bytes from any others, and from those of other versions; also of machines that write numbers the other way round. */
const MAGIC = 0x31786672;
const HASH_BYTES = 32;
const WORD_BYTES = 8;

/** The sections of the bytes, in their order. */
export interface Sections {
  /** JSON: the experiment, all texts, and the sets of names. */
  texts: Uint8Array;
  rowTexts: Uint32Array;
  rowNumbers: Float64Array;
  rowSets: Uint32Array;
  params: Uint32Array;
  tags: Uint32Array;
  metrics: Float64Array;
  /** Steps and times of the metrics, and where each row's begin. */
  points: Uint8Array;
  pointStarts: Uint32Array;
  /** Name, digest and context of inputs, and where each row's begin. */
  inputs: Uint32Array;
  inputStarts: Uint32Array;
  /** JSON of all other members, and where each row's begins. */
  rest: Uint8Array;
  restStarts: Uint32Array;
}

const SECTIONS = {
  texts: Uint8Array,
  rowTexts: Uint32Array,
  rowNumbers: Float64Array,
  rowSets: Uint32Array,
  params: Uint32Array,
  tags: Uint32Array,
  metrics: Float64Array,
  points: Uint8Array,
  pointStarts: Uint32Array,
  inputs: Uint32Array,
  inputStarts: Uint32Array,
  rest: Uint8Array,
  restStarts: Uint32Array,
} as const;
const SECTION_NAMES = Object.keys(SECTIONS) as (keyof Sections)[];

/** The bytes; each section begins at a whole word. */
export function joinSections(sections: Sections): Uint8Array {
  const lengths = SECTION_NAMES.map((name) => sections[name].byteLength);
  const headerWords = 1 + lengths.length;
  const size = HASH_BYTES + headerWords * WORD_BYTES + lengths.reduce((sum, length) => sum + padded(length), 0);
  const bytes = new Uint8Array(size);
  new Float64Array(bytes.buffer, HASH_BYTES, headerWords).set([MAGIC, ...lengths]);
  let at = HASH_BYTES + headerWords * WORD_BYTES;
  for (const name of SECTION_NAMES) {
    const { buffer, byteOffset, byteLength } = sections[name];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += padded(byteLength);
  }
  bytes.set(hashOf(bytes));
  return bytes;
}

/** The sections, as views of the bytes; undefined for bytes that are damaged, or were written by another version. */
export function splitSections(given: Uint8Array): Sections | undefined {
  const headerWords = 1 + SECTION_NAMES.length;
  if (given.length < HASH_BYTES + headerWords * WORD_BYTES) return undefined;
  // Numbers can be read in place only where a word begins.
  const bytes = given.byteOffset % WORD_BYTES === 0 ? given : given.slice();
  const [magic, ...lengths] = new Float64Array(bytes.buffer, bytes.byteOffset + HASH_BYTES, headerWords);
  if (magic !== MAGIC || !hashOf(bytes).equals(bytes.subarray(0, HASH_BYTES))) return undefined;
  let at = bytes.byteOffset + HASH_BYTES + headerWords * WORD_BYTES;
  const sections = SECTION_NAMES.map((name, i) => {
    const Column = SECTIONS[name];
    const column = new Column(bytes.buffer as ArrayBuffer, at, lengths[i]! / Column.BYTES_PER_ELEMENT);
    at += padded(lengths[i]!);
    return [name, column];
  });
  return Object.fromEntries(sections) as Sections;
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes.subarray(HASH_BYTES)).digest();
}

function padded(length: number): number {
  return Math.ceil(length / WORD_BYTES) * WORD_BYTES;
}
