/**
 * MLflow's filter language for runs, parsed by recursive descent:
 *
 * ```
 * filter      = [ comparison { "and" comparison } ]
 * comparison  = field ( ("=" | "!=" | "<" | "<=" | ">" | ">=") number          metrics, start_time, end_time
 *                     | ("=" | "!=" | "like" | "ilike") text                   everything else
 *                     | [ "not" ] "in" "(" text { "," text } ")"
 *                     | "is" [ "not" ] "null" )                                params and tags
 * field       = [ ("metrics" | "params" | "tags" | "attributes" | "datasets") "." ] key
 * key         = word | "`" anything "`" | '"' anything '"'
 * text        = "'" anything "'" | '"' anything '"'                            a quote within is written twice
 * ```
 *
 * Small and capital letters of `and`, `like`, `in` and the like don't matter. There is no `or`: MLflow has none. Two things go further than
 * MLflow 3: `in` is for all text and not for run ids and datasets only, and a doubled quote is one.
 */
import { type SearchField, fieldText, isNumberField, searchFieldOf } from './search-field.js';
import { RegistryError } from './registry-error.js';
import { type Token, filterError, shownToken, tokensOf } from './search-tokens.js';

/** How a number is compared. */
export type NumberComparator = '=' | '!=' | '<' | '<=' | '>' | '>=';
/** How a text is compared with another. */
type TextComparator = '=' | '!=' | 'LIKE' | 'ILIKE';

/** One condition of a filter. */
export type Comparison =
  | { readonly field: SearchField; readonly comparator: NumberComparator; readonly number: number }
  | { readonly field: SearchField; readonly comparator: TextComparator; readonly text: string }
  | { readonly field: SearchField; readonly comparator: 'IN' | 'NOT IN'; readonly texts: readonly string[] }
  | { readonly field: SearchField; readonly comparator: 'IS NULL' | 'IS NOT NULL' };

/** Bounds of a filter, beside its length. */
export const FILTER_LIMITS = {
  /** Conditions joined by `and`. */
  comparisons: 100,
  /** Texts of one `in`. */
  listed: 1_000,
  /** Characters of a pattern of `like`. */
  patternLength: 1_000,
} as const;

const NUMBER_COMPARATORS: ReadonlySet<string> = new Set<NumberComparator>(['=', '!=', '<', '<=', '>', '>=']);

/**
 * The conditions of a filter, all of which must hold.
 *
 * @throws {RegistryError} INVALID_FILTER, pointing at the place and saying what is expected there; LIMIT_EXCEEDED
 * @example parseFilter("metrics.loss < 0.5 and tags.market = 'eu'").length; // 2
 */
export function parseFilter(filter: string): Comparison[] {
  return new FilterParser(filter).parse();
}

/** Conditions as a filter. @example filterText(parseFilter("metric.a>1 AND tag.b LIKE 'x%'")); // "metrics.a > 1 and tags.b LIKE 'x%'" */
export function filterText(comparisons: readonly Comparison[]): string {
  return comparisons.map(comparisonText).join(' and ');
}

function comparisonText(comparison: Comparison): string {
  const left = `${fieldText(comparison.field)} ${comparison.comparator}`;
  if ('number' in comparison) return `${left} ${comparison.number}`;
  if ('text' in comparison) return `${left} ${textText(comparison.text)}`;
  return 'texts' in comparison ? `${left} (${comparison.texts.map(textText).join(', ')})` : left;
}

function textText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

class FilterParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf('filter', text);
  }

  parse(): Comparison[] {
    if (this.#peek().kind === 'end') return [];
    const comparisons = [this.#comparison()];
    while (this.#peek().kind !== 'end') {
      if (!this.#takeWord('and')) throw this.#expected('and, or the end', orHint(this.#peek()));
      comparisons.push(this.#comparison());
      if (comparisons.length > FILTER_LIMITS.comparisons) throw tooMany('conditions', FILTER_LIMITS.comparisons);
    }
    return comparisons;
  }

  #peek(): Token {
    return this.#tokens[this.#position]!;
  }

  #comparison(): Comparison {
    const field = this.#field();
    if (this.#takeWord('is')) return this.#nullTest(field);
    if (isNumberField(field)) return this.#numberComparison(field);
    if (this.#takeWord('in')) return { field, comparator: 'IN', texts: this.#list(field) };
    if (this.#takeWord('not')) {
      if (!this.#takeWord('in')) throw this.#expected('in behind not');
      return { field, comparator: 'NOT IN', texts: this.#list(field) };
    }
    return this.#textComparison(field);
  }

  #field(): SearchField {
    const token = this.#peek();
    if (token.kind !== 'field') throw this.#expected('a field such as metrics.loss, params.algorithm or attributes.status');
    const field = searchFieldOf(token.before, token.value);
    if ('problem' in field) throw filterError('filter', this.#text, token.at, field.problem);
    this.#position++;
    return field;
  }

  #nullTest(field: SearchField): Comparison {
    if (field.kind !== 'param' && field.kind !== 'tag') {
      throw this.#fault(`is null is for params and tags only, not for ${fieldText(field)}`, -1);
    }
    const isNot = this.#takeWord('not');
    if (!this.#takeWord('null')) throw this.#expected(isNot ? 'null behind is not' : 'null or not null behind is');
    return { field, comparator: isNot ? 'IS NOT NULL' : 'IS NULL' };
  }

  #numberComparison(field: SearchField): Comparison {
    const sign = this.#peek();
    if (sign.kind !== 'sign' || !NUMBER_COMPARATORS.has(sign.value)) {
      throw this.#expected(`= != < <= > or >= behind ${fieldText(field)}, which is a number`);
    }
    this.#position++;
    const token = this.#peek();
    if (token.kind !== 'number') {
      const hint = token.kind === 'text' ? '; numbers are written without quotes' : '';
      throw this.#expected(`a number to compare ${fieldText(field)} with`, hint);
    }
    this.#position++;
    return { field, comparator: sign.value as NumberComparator, number: Number(token.value) };
  }

  #textComparison(field: SearchField): Comparison {
    const comparator = this.#textComparator(field);
    const at = this.#peek().at;
    const text = this.#string(field);
    if ((comparator === 'LIKE' || comparator === 'ILIKE') && text.length > FILTER_LIMITS.patternLength) {
      throw filterError(
        'filter',
        this.#text,
        at,
        `a pattern of ${text.length} characters, at most ${FILTER_LIMITS.patternLength} are allowed`,
      );
    }
    return { field, comparator, text };
  }

  #textComparator(field: SearchField): TextComparator {
    if (this.#takeWord('like')) return 'LIKE';
    if (this.#takeWord('ilike')) return 'ILIKE';
    const { kind, value } = this.#peek();
    if (kind === 'sign' && (value === '=' || value === '!=')) {
      this.#position++;
      return value;
    }
    const isOrder = kind === 'sign' && NUMBER_COMPARATORS.has(value);
    const nulls = field.kind === 'param' || field.kind === 'tag' ? ', is null' : '';
    throw this.#expected(
      `= != like, ilike, in${nulls} behind ${fieldText(field)}, which is text`,
      isOrder && field.kind === 'param'
        ? '; parameters are compared as text, a value to be compared by size is logged as a metric'
        : '',
    );
  }

  #list(field: SearchField): string[] {
    this.#takeSign('(', "a list such as ('a', 'b')");
    const texts = [this.#string(field)];
    while (this.#peek().kind === 'sign' && this.#peek().value === ',') {
      this.#position++;
      texts.push(this.#string(field));
      if (texts.length > FILTER_LIMITS.listed) throw tooMany('texts in a list', FILTER_LIMITS.listed);
    }
    this.#takeSign(')', ', or ) behind a text of the list');
    return texts;
  }

  #string(field: SearchField): string {
    const token = this.#peek();
    if (token.kind !== 'text') {
      const hint = token.kind === 'number' || token.kind === 'field' ? `, such as '${shownToken(token, this.#text)}'` : '';
      throw this.#expected(`a text in quotes to compare ${fieldText(field)} with${hint}`);
    }
    this.#position++;
    return token.value;
  }

  #takeWord(word: string): boolean {
    const { kind, value, before } = this.#peek();
    const isIt = kind === 'field' && before === undefined && value.toLowerCase() === word;
    if (isIt) this.#position++;
    return isIt;
  }

  #takeSign(sign: string, expected: string): void {
    if (this.#peek().kind !== 'sign' || this.#peek().value !== sign) throw this.#expected(expected);
    this.#position++;
  }

  #expected(what: string, hint = ''): RegistryError {
    return this.#fault(`expected ${what}, got ${shownToken(this.#peek(), this.#text)}${hint}`, 0);
  }

  #fault(problem: string, offset: number): RegistryError {
    return filterError('filter', this.#text, this.#tokens[this.#position + offset]!.at, problem);
  }
}

function orHint({ kind, value }: Token): string {
  const isOr = kind === 'field' && value.toLowerCase() === 'or';
  return isOr ? '; there is no or, use in (...) for several values of one field, or search twice' : '';
}

function tooMany(what: string, most: number): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', `searchRuns: filter: more than ${most} ${what}`, { details: { what, most } });
}
