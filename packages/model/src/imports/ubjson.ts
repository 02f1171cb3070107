/**
 * Reads Universal Binary JSON (ubjson.org, draft 12), the part of it that XGBoost writes: big-endian numbers, objects, arrays of anything
 * with or without a count, and arrays of one type of number, which become typed arrays.
 *
 * A length that the bytes declare is held against the bytes that are left before anything is allocated. Values are counted one by one but
 * for those of typed arrays, which take no more memory than the file.
 */
import { ModelError } from '../model-error.js';
import { MAX_FOREIGN_OBJECTS, MAX_FOREIGN_VALUES, MAX_NESTING } from './tolerant-json.js';

type NumberArray = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array;

/** How the values of a marker are laid out. */
interface NumberType {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
  readonly array: new (length: number) => NumberArray;
}

const NUMBER_TYPES = new Map<string, NumberType>([
  ['i', { bytes: 1, read: (view, offset) => view.getInt8(offset), array: Int8Array }],
  ['U', { bytes: 1, read: (view, offset) => view.getUint8(offset), array: Uint8Array }],
  ['I', { bytes: 2, read: (view, offset) => view.getInt16(offset), array: Int16Array }],
  ['l', { bytes: 4, read: (view, offset) => view.getInt32(offset), array: Int32Array }],
  ['L', { bytes: 8, read: readInt64, array: Float64Array }],
  ['d', { bytes: 4, read: (view, offset) => view.getFloat32(offset), array: Float32Array }],
  ['D', { bytes: 8, read: (view, offset) => view.getFloat64(offset), array: Float64Array }],
]);

/** Types that can say how long something is. */
const LENGTH_MARKERS = 'iUIlL';

const CONSTANTS = new Map<string, unknown>([
  ['T', true],
  ['F', false],
  ['Z', null],
]);

/**
 * The value that the bytes describe. No member is called __proto__; others are to be looked up among an object's own.
 *
 * @throws {ModelError} INVALID_MODEL naming the position, TOO_LARGE beyond the bounds of nesting, of objects and of values
 */
export function parseUbjson(bytes: Uint8Array): unknown {
  return new UbjsonReader(bytes).readAll();
}

class UbjsonReader {
  readonly #view: DataView;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #at = 0;
  #nesting = 0;
  #objects = 0;
  #values = 0;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  readAll(): unknown {
    const value = this.#value(this.#marker());
    if (this.#at < this.bytes.length) throw this.#invalid('bytes after the last value, expected the end');
    return value;
  }

  #value(marker: string): unknown {
    if (++this.#values > MAX_FOREIGN_VALUES) throw tooLarge('values', MAX_FOREIGN_VALUES);
    const type = NUMBER_TYPES.get(marker);
    if (type) return type.read(this.#view, this.#take(type.bytes));
    if (CONSTANTS.has(marker)) return CONSTANTS.get(marker);
    if (++this.#objects > MAX_FOREIGN_OBJECTS) throw tooLarge('objects, arrays and strings', MAX_FOREIGN_OBJECTS);
    if (marker === 'S') return this.#text(this.#length());
    if (marker === 'C') return this.#text(1);
    if (marker === '{') return this.#nested(() => this.#object());
    if (marker === '[') return this.#nested(() => this.#array());
    throw this.#invalid(`unknown type ${JSON.stringify(marker)}`);
  }

  #nested<Value>(read: () => Value): Value {
    if (++this.#nesting > MAX_NESTING) throw tooLarge('levels of nesting', MAX_NESTING);
    const value = read();
    this.#nesting--;
    return value;
  }

  #object(): object {
    const members = {} as Record<string, unknown>;
    for (let marker = this.#marker(); marker !== '}'; marker = this.#marker()) {
      if (++this.#objects > MAX_FOREIGN_OBJECTS) throw tooLarge('objects, arrays and strings', MAX_FOREIGN_OBJECTS);
      const name = this.#text(this.#length(marker));
      if (name === '__proto__') throw this.#invalid('a member named __proto__');
      members[name] = this.#value(this.#marker());
    }
    return members;
  }

  #array(): unknown {
    const first = this.#marker();
    if (first === '$') return this.#numbers(this.#marker());
    const values: unknown[] = [];
    if (first === '#') {
      for (let left = this.#length(); left > 0; left--) values.push(this.#value(this.#marker()));
      return values;
    }
    for (let marker = first; marker !== ']'; marker = this.#marker()) values.push(this.#value(marker));
    return values;
  }

  #numbers(marker: string): NumberArray {
    const type = NUMBER_TYPES.get(marker);
    if (!type) throw this.#invalid(`an array of type ${JSON.stringify(marker)}, expected one of numbers`);
    if (this.#marker() !== '#') throw this.#invalid('an array of one type without a length');
    const length = this.#length();
    const start = this.#take(length * type.bytes);
    const numbers = new type.array(length);
    for (let i = 0; i < length; i++) numbers[i] = type.read(this.#view, start + i * type.bytes);
    return numbers;
  }

  /** A declared length. Whatever it counts takes at least a byte each, so it can't be more than the bytes that are left. */
  #length(marker = this.#marker()): number {
    const type = NUMBER_TYPES.get(marker);
    if (!type || !LENGTH_MARKERS.includes(marker)) {
      throw this.#invalid(`type ${JSON.stringify(marker)}, expected one that a length can have`);
    }
    const length = type.read(this.#view, this.#take(type.bytes));
    if (!(length >= 0 && length <= this.bytes.length - this.#at)) {
      throw this.#invalid(`a length of ${length}, ${this.bytes.length - this.#at} bytes are left`);
    }
    return length;
  }

  #text(length: number): string {
    const start = this.#take(length);
    try {
      return this.#decoder.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw this.#invalid('a string that is not UTF-8');
    }
  }

  #marker(): string {
    return String.fromCharCode(this.bytes[this.#take(1)]!);
  }

  /** Where the next bytes start. @throws {ModelError} INVALID_MODEL when they end beyond the end */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.bytes.length - start) throw this.#invalid(`${this.bytes.length - start} bytes are left, expected ${count}`);
    this.#at = start + count;
    return start;
  }

  #invalid(rule: string): ModelError {
    return new ModelError('INVALID_MODEL', `UBJSON: ${rule}, before byte ${this.#at}`, { details: { position: this.#at } });
  }
}

/** NaN for what no double holds exactly: it fails every check of a number's range. */
function readInt64(view: DataView, offset: number): number {
  const number = Number(view.getBigInt64(offset));
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

function tooLarge(what: string, limit: number): ModelError {
  return new ModelError('TOO_LARGE', `UBJSON: more than ${limit} ${what}, which is the limit`, { details: { limit } });
}
