/**
 * The order of found runs, by MLflow's rules: by each clause in turn; of a metric first the numbers, then those that are not defined, then
 * those that are missing, whichever the direction; of anything else those that are missing last. Texts are in order of their code points.
 * Runs that are equal so far are in order of their start, the latest first, unless the start was a clause; and then of their ids.
 */
import { RegistryError } from './registry-error.js';
import { type SearchField, fieldText, searchFieldOf } from './search-field.js';
import { filterError, shownToken, tokensOf } from './search-tokens.js';

/** A clause of an order. */
export interface OrderClause {
  readonly field: SearchField;
  readonly descending: boolean;
}

/** Clauses of one order. */
export const MAX_ORDER_CLAUSES = 10;

/** A value that runs are ordered by: a number, a text, null for a metric that is not defined, undefined for what is missing. */
export type OrderValue = number | string | null | undefined;

/**
 * The clauses of an order, with those that MLflow adds.
 *
 * @param orderBy each a field, and `ASC` or `DESC`; default `ASC`
 * @throws {RegistryError} INVALID_FILTER, pointing at the place; INVALID_ARGUMENT for a field that is named twice; LIMIT_EXCEEDED
 * @example parseOrder(['metrics.loss', 'start_time DESC']);
 */
export function parseOrder(orderBy: readonly string[]): OrderClause[] {
  if (orderBy.length > MAX_ORDER_CLAUSES) {
    const message = `searchRuns: orderBy: ${orderBy.length} clauses, at most ${MAX_ORDER_CLAUSES} are allowed`;
    throw new RegistryError('LIMIT_EXCEEDED', message, { details: { clauses: orderBy.length } });
  }
  const clauses = orderBy.map(parseClause);
  const names = clauses.map(({ field }) => fieldText(field));
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new RegistryError('INVALID_ARGUMENT', `searchRuns: orderBy names ${twice} twice; name it once`, {
      details: { field: twice },
    });
  }
  const start: OrderClause = { field: { kind: 'attribute', key: 'start_time' }, descending: true };
  const id: OrderClause = { field: { kind: 'attribute', key: 'run_id' }, descending: false };
  return [...clauses, ...[start, id].filter(({ field }) => !names.includes(fieldText(field)))];
}

/** A clause as it is written. */
export function orderText({ field, descending }: OrderClause): string {
  return `${fieldText(field)} ${descending ? 'DESC' : 'ASC'}`;
}

function parseClause(text: string, i: number): OrderClause {
  const what = `orderBy[${i}]`;
  const [name, direction, more] = tokensOf(what, text);
  if (name?.kind !== 'field')
    throw filterError(what, text, name!.at, `expected a field such as metrics.loss, got ${shownToken(name!, text)}`);
  const field = searchFieldOf(name.before, name.value);
  if ('problem' in field) throw filterError(what, text, name.at, field.problem);
  if (field.kind === 'dataset')
    throw filterError(what, text, name.at, 'a run may have several datasets, so runs have no order by them');
  if (!direction || direction.kind === 'end') return { field, descending: false };
  const word = direction.kind === 'field' && direction.before === undefined ? direction.value.toLowerCase() : '';
  if (word !== 'asc' && word !== 'desc') {
    throw filterError(what, text, direction.at, `expected ASC or DESC, got ${shownToken(direction, text)}`);
  }
  if (more?.kind !== 'end')
    throw filterError(what, text, more!.at, `expected nothing behind ${word}, got ${shownToken(more!, text)}`);
  return { field, descending: word === 'desc' };
}

/** Less than 0 when a comes first. Missing values are last in either direction. */
export function compareValues(a: OrderValue, b: OrderValue, descending: boolean): number {
  const ranks = rankOf(a) - rankOf(b);
  if (ranks !== 0 || a === null || b === null || a === undefined || b === undefined) return ranks;
  const size = typeof a === 'string' || typeof b === 'string' ? compareTexts(String(a), String(b)) : a - b;
  return descending ? -size : size;
}

function rankOf(value: OrderValue): number {
  return value === undefined ? 2 : value === null ? 1 : 0;
}

/** By code points, as bytes of UTF-8 are ordered; the units of a JavaScript string differ from that above U+FFFF. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === length) return a.length - b.length;
  const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
  const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? (y >= 0xe000 ? 1 : x - y) : x >= 0xe000 ? -1 : x - y;
}
