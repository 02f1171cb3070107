/**
 * The lines of a LightGBM model file: a header of `key=value` lines, blocks that start with `Tree=0`, `Tree=1` and so on, the line
 * `end of trees`, then importances, parameters as `[key: value]`, and from Python `pandas_categorical:` with JSON.
 */
import { ModelError } from '../model-error.js';
import { requireTreeCount } from '../tree-model.js';
import { parseDecimal } from './decimal-number.js';
import { describeValue } from './foreign-object.js';

/** A file taken apart. */
export interface LightgbmText {
  readonly header: LightgbmBlock;
  readonly trees: readonly LightgbmBlock[];
  /** Training parameters; empty if the file has none. */
  readonly parameters: ReadonlyMap<string, string>;
  /** JSON; undefined if the file has none. */
  readonly pandasCategorical: string | undefined;
}

/** Keys of a header or a tree, and parameters; LightGBM 4.7 has 30 and 130. */
const MAX_KEYS = 1_000;

/** How a text file writes them. */
const INFINITE_THRESHOLDS: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

/** The `key=value` lines of the header or of a tree. */
export class LightgbmBlock {
  readonly #lines = new Map<string, string>();

  /** @param place name for messages, such as `Tree=3` */
  constructor(readonly place: string) {}

  /** Adds a line; one without `=` is a key that stands alone. */
  add(line: string): void {
    const equals = line.indexOf('=');
    const key = equals < 0 ? line : line.slice(0, equals);
    if (this.#lines.has(key)) throw this.#invalid(`${key.slice(0, 100)} comes twice`);
    if (this.#lines.size === MAX_KEYS) throw this.#invalid(`more than ${MAX_KEYS} keys`);
    this.#lines.set(key, equals < 0 ? '' : line.slice(equals + 1));
  }

  has(key: string): boolean {
    return this.#lines.has(key);
  }

  text(key: string): string {
    const value = this.#lines.get(key);
    if (value === undefined) throw this.#invalid(`no ${key}`);
    return value;
  }

  /** A whole number of 0 or more. */
  count(key: string): number {
    const text = this.text(key);
    const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(count)) throw this.#invalid(`${key} is ${describeValue(text)}, expected a whole number of 0 or more`);
    return count;
  }

  /** So many finite numbers, set apart by spaces; a threshold may be `inf` or `-inf`. */
  numbers(key: string, length: number): Float64Array {
    const text = this.text(key);
    // A number takes a character and a space: what is too short for so many is refused before room for them is made.
    if (text.length < 2 * length - 1) throw this.#invalid(`${key} has fewer than ${length} numbers`);
    const numbers = new Float64Array(length);
    let count = 0;
    for (const word of words(text)) {
      if (count === length) throw this.#invalid(`${key} has more than ${length} numbers`);
      const number = (key === 'threshold' ? INFINITE_THRESHOLDS.get(word) : undefined) ?? parseDecimal(word);
      if (Number.isNaN(number) || (key !== 'threshold' && !Number.isFinite(number)))
        throw this.#invalid(`${key}[${count}] is ${describeValue(word)}, expected a finite number`);
      numbers[count++] = number;
    }
    if (count < length) throw this.#invalid(`${key} has ${count} numbers, expected ${length}`);
    return numbers;
  }

  /** So many whole numbers from low to high. */
  wholeNumbers(key: string, length: number, low: number, high: number): Float64Array {
    const numbers = this.numbers(key, length);
    for (let i = 0; i < length; i++) {
      if (!(Number.isInteger(numbers[i]) && numbers[i]! >= low && numbers[i]! <= high)) {
        throw this.#invalid(`${key}[${i}] is ${numbers[i]}, expected a whole number from ${low} to ${high}`);
      }
    }
    return numbers;
  }

  #invalid(rule: string): ModelError {
    return new ModelError('INVALID_MODEL', `${this.place}: ${rule}`, { details: { place: this.place } });
  }
}

/** The words of a line, one at a time. */
function* words(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf(' ', start);
    if (end < 0) end = text.length;
    if (end > start) yield text.slice(start, end);
    start = end + 1;
  }
}

/** @throws {ModelError} INVALID_MODEL for a file that ends too soon or is another one, TOO_LARGE */
export function readLightgbmText(text: string): LightgbmText {
  const lines = linesOf(text);
  if (lines.next().value !== 'tree') {
    throw new ModelError(
      'INVALID_MODEL',
      `fromLightgbm: the first line is not "tree", expected a file of save_model('model.txt')`,
    );
  }
  const header = new LightgbmBlock('header');
  const trees: LightgbmBlock[] = [];
  for (const line of lines) {
    if (line === 'end of trees') return { header, trees, ...readEnd(lines) };
    if (line.startsWith('Tree=')) {
      // Numbered from 0, so that a block that was lost or doubled is noticed.
      if (line !== `Tree=${trees.length}`) {
        throw new ModelError('INVALID_MODEL', `fromLightgbm: ${describeValue(line)}, expected Tree=${trees.length}`);
      }
      trees.push(new LightgbmBlock(line));
      requireTreeCount(trees.length);
    } else if (line !== '') (trees.at(-1) ?? header).add(line);
  }
  throw new ModelError('INVALID_MODEL', `fromLightgbm: no line "end of trees" after ${trees.length} trees; the file was cut off`);
}

function readEnd(lines: Iterable<string>): Pick<LightgbmText, 'parameters' | 'pandasCategorical'> {
  const parameters = new Map<string, string>();
  let pandasCategorical: string | undefined;
  const prefix = 'pandas_categorical:';
  for (const line of lines) {
    if (line.startsWith(prefix)) pandasCategorical = line.slice(prefix.length);
    const colon = line.indexOf(': ');
    if (line.startsWith('[') && line.endsWith(']') && colon > 0 && parameters.size < MAX_KEYS) {
      parameters.set(line.slice(1, colon), line.slice(colon + 2, -1));
    }
  }
  return { parameters, pandasCategorical };
}

/** The lines of the text, one at a time, ended by \n or \r\n. */
function* linesOf(text: string): Generator<string, undefined> {
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    yield text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
  }
  return undefined;
}
