/** Finds the rows that break a rule, column-wise: one plain loop over the arrays, and work per distinct string for categories. */
import { type CategoryColumn, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import { missingTest, visitEqualRows } from './equal-rows.js';
import type {
  CompareFieldsRule,
  Comparison,
  InRangeRule,
  MonotonicTimeRule,
  MultipleOfRule,
  OneOfRule,
  RowRule,
} from './table-rule.js';

/** Calls back for every row that breaks the rule, in order. The table is known to have the rule's columns. */
export function visitBreaches(table: Table, rule: RowRule, visit: (row: number) => void): void {
  switch (rule.rule) {
    case 'inRange':
      return judgeRange(numbersOf(table, rule.column), rule, visit);
    case 'multipleOf':
      return judgeMultiples(table.number(rule.column), rule, visit);
    case 'oneOf':
      return judgeList(table, rule, visit);
    case 'matches': {
      const pattern = new RegExp(rule.pattern, rule.flags);
      return judgeTexts(table.category(rule.column), (text) => pattern.test(text), visit);
    }
    case 'textLength': {
      const { minimum = 0, maximum = Infinity } = rule;
      return judgeTexts(table.category(rule.column), ({ length }) => length >= minimum && length <= maximum, visit);
    }
    case 'present':
      return judgePresence(table, rule.column, visit);
    case 'unique':
      return visitEqualRows(
        rule.columns.map((name) => table.column(name)),
        'skip',
        (row) => visit(row),
      );
    case 'monotonicTime':
      return judgeOrder(table, rule, visit);
    default:
      return judgeComparison(table, rule, visit);
  }
}

function numbersOf(table: Table, name: string): Float64Array {
  return table.column(name).kind === 'time' ? table.time(name) : table.number(name);
}

function judgeRange(values: Float64Array, rule: InRangeRule, visit: (row: number) => void): void {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = Number.NaN, exclusiveMaximum = Number.NaN } = rule;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    // Comparisons with NaN are false, so a missing value breaks nothing, and so does an absent limit.
    if (value < minimum || value > maximum || value <= exclusiveMinimum || value >= exclusiveMaximum) visit(row);
  }
}

function judgeMultiples(values: Float64Array, { step }: MultipleOfRule, visit: (row: number) => void): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    const multiple = value / step;
    // The division may round a true multiple's quotient away from its integer by this much.
    if (Math.abs(multiple - Math.round(multiple)) > 2 * Number.EPSILON * Math.abs(multiple) || Math.abs(value) === Infinity)
      visit(row);
  }
}

function judgeList(table: Table, { column, values }: OneOfRule, visit: (row: number) => void): void {
  const allowed = new Set<string | number>(values);
  if (table.column(column).kind === 'category') {
    judgeTexts(table.category(column), (text) => allowed.has(text), visit);
    return;
  }
  const numbers = table.number(column);
  for (let row = 0; row < numbers.length; row++) {
    const value = numbers[row]!;
    if (!allowed.has(value) && !Number.isNaN(value)) visit(row);
  }
}

/** Judges each string of the dictionary that comes up once, and then only compares codes. */
function judgeTexts(
  { codes, dictionary }: CategoryColumn,
  isGood: (text: string) => boolean,
  visit: (row: number) => void,
): void {
  const UNKNOWN = 2;
  const verdicts = new Uint8Array(dictionary.length).fill(UNKNOWN);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code === MISSING_CODE) continue;
    if (verdicts[code] === UNKNOWN) verdicts[code] = isGood(dictionary[code]!) ? 1 : 0;
    if (verdicts[code] === 0) visit(row);
  }
}

function judgePresence(table: Table, name: string, visit: (row: number) => void): void {
  const isMissing = missingTest(table.column(name));
  for (let row = 0; row < table.rowCount; row++) if (isMissing(row)) visit(row);
}

function judgeOrder(table: Table, { column, per }: MonotonicTimeRule, visit: (row: number) => void): void {
  const times = table.time(column);
  const groups = per === undefined ? undefined : table.category(per);
  const latest = new Float64Array(groups ? groups.dictionary.length : 1).fill(-Infinity);
  for (let row = 0; row < times.length; row++) {
    const group = groups ? groups.codes[row]! : 0;
    const time = times[row]!;
    if (group === MISSING_CODE || Number.isNaN(time)) continue;
    if (time < latest[group]!) visit(row);
    else latest[group] = time;
  }
}

function judgeComparison(table: Table, { column, comparison, other }: CompareFieldsRule, visit: (row: number) => void): void {
  const kept = KEPT[comparison];
  const left = table.column(column);
  const right = table.column(other);
  if (left.kind === 'category' && right.kind === 'category') {
    const codes = new Map(left.dictionary.map((text, code) => [text, code]));
    const sameCode = Int32Array.from(right.dictionary, (text) => codes.get(text) ?? left.dictionary.length);
    judgePairs(
      left.codes,
      Int32Array.from(right.codes, (code) => sameCode[code] ?? MISSING_CODE),
      MISSING_CODE,
      kept,
      visit,
    );
  } else if (left.kind !== 'category' && right.kind !== 'category') {
    judgePairs(left.values, right.values, left.kind === 'flag' ? MISSING_FLAG : Number.NaN, kept, visit);
  }
}

const KEPT: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>=': (left, right) => left >= right,
  '>': (left, right) => left > right,
};

function judgePairs(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  missing: number,
  kept: (left: number, right: number) => boolean,
  visit: (row: number) => void,
): void {
  for (let row = 0; row < left.length; row++) {
    const a = left[row]!;
    const b = right[row]!;
    if (kept(a, b) || a === missing || b === missing || Number.isNaN(a) || Number.isNaN(b)) continue;
    visit(row);
  }
}
