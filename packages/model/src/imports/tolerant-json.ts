/**
 * Reads JSON as other libraries write it: also with bare `NaN`, `Infinity` and `-Infinity`, and numbers like `1.E5`. Unlike JSON.parse it
 * keeps to bounds of its own, so that a hostile text costs no more than a multiple of its length: nesting, the number of objects, arrays
 * and strings, and the number of all values.
 */
import { ModelError } from '../model-error.js';
import { MAX_TREE_DEPTH } from '../model-limits.js';
import { parseDecimal } from './decimal-number.js';

/** Deepest nesting; trees written as objects within objects need their depth and a few levels around it. */
export const MAX_NESTING = MAX_TREE_DEPTH + 50;
/** Most objects, arrays and strings, names of members included. A tree of XGBoost has about 50. */
export const MAX_FOREIGN_OBJECTS = 2_000_000;
/** Most values of any kind. A tree has about ten a node. */
export const MAX_FOREIGN_VALUES = 20_000_000;

const LITERALS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/**
 * The value that the text describes. Members are to be looked up among an object's own: one may have any name, __proto__ as well, which is
 * plain data then, as JSON.parse makes it.
 *
 * @param text JSON, or nearly
 * @throws {ModelError} INVALID_MODEL naming the position, TOO_LARGE beyond a bound
 * @example parseTolerantJson('{"a": [1E-1, NaN]}'); // { a: [0.1, NaN] }
 */
export function parseTolerantJson(text: string): unknown {
  return new JsonReader(text).readAll();
}

class JsonReader {
  #at = 0;
  #nesting = 0;
  #objects = 0;
  #values = 0;

  constructor(readonly text: string) {}

  readAll(): unknown {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.text.length) throw this.#unexpected('the end');
    return value;
  }

  #value(): unknown {
    this.#skipSpace();
    if (++this.#values > MAX_FOREIGN_VALUES) throw tooLarge('values', MAX_FOREIGN_VALUES);
    switch (this.text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      default:
        return this.#word();
    }
  }

  #nested<Value>(read: () => Value): Value {
    if (++this.#nesting > MAX_NESTING) throw tooLarge('levels of nesting', MAX_NESTING);
    this.#countObject();
    this.#at++;
    const value = read();
    this.#nesting--;
    return value;
  }

  #countObject(): void {
    if (++this.#objects > MAX_FOREIGN_OBJECTS) throw tooLarge('objects, arrays and strings', MAX_FOREIGN_OBJECTS);
  }

  #object(): object {
    const members = {} as Record<string, unknown>;
    if (this.#takes('}')) return members;
    do {
      this.#skipSpace();
      if (this.text[this.#at] !== '"') throw this.#unexpected('a name in quotes');
      const name = this.#string();
      if (!this.#takes(':')) throw this.#unexpected(':');
      const value = this.#value();
      // An assignment to this name would set the prototype.
      if (name === '__proto__')
        Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
      else members[name] = value;
    } while (this.#takes(','));
    if (!this.#takes('}')) throw this.#unexpected(', or }');
    return members;
  }

  #array(): unknown[] {
    const values: unknown[] = [];
    if (this.#takes(']')) return values;
    do values.push(this.#value());
    while (this.#takes(','));
    if (!this.#takes(']')) throw this.#unexpected(', or ]');
    return values;
  }

  #string(): string {
    this.#countObject();
    const start = this.#at++;
    let isPlain = true;
    for (; this.#at < this.text.length; this.#at++) {
      const unit = this.text.charCodeAt(this.#at);
      if (unit === 0x22) {
        const end = this.#at++;
        return isPlain ? this.text.slice(start + 1, end) : this.#unescape(this.text.slice(start, end + 1));
      }
      if (unit === 0x5c) {
        isPlain = false;
        this.#at++;
      } else if (unit < 0x20) throw this.#unexpected('no control character in a string');
    }
    throw this.#unexpected('a quote that ends the string');
  }

  #unescape(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw this.#unexpected('only escapes of JSON in the string before');
    }
  }

  /** A number or a literal: everything up to a character that neither can hold. */
  #word(): unknown {
    const start = this.#at;
    while (isWordUnit(this.text.charCodeAt(this.#at))) this.#at++;
    const word = this.text.slice(start, this.#at);
    const number = parseDecimal(word);
    if (!Number.isNaN(number)) return number;
    if (!LITERALS.has(word)) {
      this.#at = start;
      throw this.#unexpected('a value');
    }
    return LITERALS.get(word);
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (let unit = this.text.charCodeAt(this.#at); isSpace(unit); unit = this.text.charCodeAt(this.#at)) this.#at++;
  }

  #unexpected(expected: string): ModelError {
    const found = this.#at < this.text.length ? JSON.stringify(this.text.slice(this.#at, this.#at + 20)) : 'the end of the text';
    return new ModelError('INVALID_MODEL', `JSON: ${found} at position ${this.#at}, expected ${expected}`, {
      details: { position: this.#at },
    });
  }
}

/** Letters, digits, plus, minus and dot. At the end of the text the code is NaN, which is none. */
function isWordUnit(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x61 && unit <= 0x7a) ||
    unit === 0x2b ||
    unit === 0x2d ||
    unit === 0x2e
  );
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

function tooLarge(what: string, limit: number): ModelError {
  return new ModelError('TOO_LARGE', `JSON: more than ${limit} ${what}, which is the limit`, { details: { limit } });
}
