/** A filter or an order taken apart: words, texts in quotes, numbers and signs, each with its place. */
import { RegistryError } from './registry-error.js';

/** A piece of a filter. */
export interface Token {
  readonly kind: 'field' | 'text' | 'number' | 'sign' | 'end';
  /** What it means: of a text without its quotes, of a field the key. */
  readonly value: string;
  /** Of a field the word before the dot, if there is one. */
  readonly before?: string;
  /** Where it begins and ends in the filter, in characters. */
  readonly at: number;
  readonly end: number;
}

/** Longest filter or order, in characters. */
export const MAX_FILTER_LENGTH = 20_000;

/** Characters of the filter that an error shows on either side of the place. */
const SHOWN_AROUND = 40;

const SPACE = /\s*/y;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y;
const WORD = /[A-Za-z_][A-Za-z0-9_.\-/:]*/y;
const SIGN = /!=|<=|>=|==|<>|[=<>(),]/y;

/**
 * Takes a text apart.
 *
 * @param what what the text is, for messages: `filter` or `orderBy[0]`
 * @throws {RegistryError} LIMIT_EXCEEDED for a text that is too long; INVALID_FILTER for a quote that is not closed, or a character that has
 *   no meaning
 */
export function tokensOf(what: string, text: string): Token[] {
  if (text.length > MAX_FILTER_LENGTH) {
    const message = `searchRuns: ${what}: ${text.length} characters, at most ${MAX_FILTER_LENGTH} are allowed`;
    throw new RegistryError('LIMIT_EXCEEDED', message, { details: { what, length: text.length } });
  }
  const tokens: Token[] = [];
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, tokens.at(-1)!.end))
    tokens.push(tokenAt(what, text, at));
  tokens.push({ kind: 'end', value: '', at: text.length, end: text.length });
  return tokens;
}

/** The error for a place in a filter: what is wrong there, and the filter with a mark under the place. */
export function filterError(what: string, text: string, at: number, problem: string): RegistryError {
  const from = Math.max(0, at - SHOWN_AROUND);
  const to = Math.min(text.length, at + SHOWN_AROUND);
  const shown = `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`.replaceAll(/\p{Cc}/gu, ' ');
  const mark = ' '.repeat(at - from + (from > 0 ? 1 : 0));
  const message = `searchRuns: ${what}, character ${at + 1}: ${problem}\n  ${shown}\n  ${mark}^`;
  return new RegistryError('INVALID_FILTER', message, { details: { what, position: at, problem } });
}

/** A token as a message shows it. */
export function shownToken(token: Token, text: string): string {
  if (token.kind === 'end') return 'nothing more';
  const written = text.slice(token.at, token.end);
  return written.length > SHOWN_AROUND ? `${written.slice(0, SHOWN_AROUND)}…` : written;
}

function tokenAt(what: string, text: string, at: number): Token {
  const character = text[at]!;
  if (character === "'" || character === '"') return quoted(what, text, at);
  if (character === '`') {
    const { value, end } = quoted(what, text, at);
    return { kind: 'field', value, at, end };
  }
  const number = match(NUMBER, text, at);
  if (number !== undefined) return { kind: 'number', value: number, at, end: at + number.length };
  const word = match(WORD, text, at);
  if (word !== undefined) return fieldAt(what, text, at, word);
  const sign = match(SIGN, text, at);
  if (sign !== undefined) return { kind: 'sign', value: sign, at, end: at + sign.length };
  throw filterError(what, text, at, `${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))} has no meaning here`);
}

/** A word; with a key in quotes behind its dot, both. */
function fieldAt(what: string, text: string, at: number, word: string): Token {
  const end = at + word.length;
  const dot = word.indexOf('.');
  if (dot < 0) return { kind: 'field', value: word, at, end };
  const before = word.slice(0, dot);
  if (dot < word.length - 1) return { kind: 'field', value: word.slice(dot + 1), before, at, end };
  const next = text[end];
  if (next !== '`' && next !== '"') throw filterError(what, text, end, `expected a name behind ${word}`);
  const key = quoted(what, text, end);
  return { kind: 'field', value: key.value, before, at, end: key.end };
}

/** A text in quotes; a quote within it is written twice. */
function quoted(what: string, text: string, at: number): Token {
  const quote = text[at]!;
  let value = '';
  for (let from = at + 1; ; ) {
    const close = text.indexOf(quote, from);
    if (close < 0) throw filterError(what, text, at, `this ${quote} is not closed`);
    value += text.slice(from, close);
    if (text[close + 1] !== quote) return { kind: 'text', value, at, end: close + 1 };
    value += quote;
    from = close + 2;
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function skipSpace(text: string, at: number): number {
  return at + match(SPACE, text, at)!.length;
}
