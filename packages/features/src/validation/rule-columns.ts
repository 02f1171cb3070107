/** Checks, before any work is done, that a table has the columns that rules name, in kinds that the rules can judge. */
import type { ColumnKind } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { savedKinds } from './saved-distribution.js';
import { MAX_RULES, type TableRule } from './table-rule.js';

/**
 * Refuses rules that don't fit the columns of a table or of a definition. `validateTable` does it by itself; call it where rules are made,
 * to learn of a misspelt column before there are data.
 *
 * @param kinds column kind by name, such as a definition's `kinds`
 * @throws {FeatureError} UNKNOWN_FIELD or WRONG_KIND naming rule and column, or TOO_LARGE beyond 1,000 rules
 * @example requireRulesFit([inRange('TX_AMOUNT', { minimum: 0 })], handbookTransactions.kinds);
 */
export function requireRulesFit(rules: readonly TableRule[], kinds: Readonly<Record<string, ColumnKind>>): void {
  if (rules.length > MAX_RULES)
    throw new FeatureError(
      'TOO_LARGE',
      `rules: ${rules.length} are given, expected at most ${MAX_RULES}; judge them in several calls`,
    );
  for (const rule of rules) {
    for (const [column, expected] of columnsOf(rule)) requireKind(rule.rule, column, expected, kinds);
    if (rule.rule === 'compareFields') requireComparable(rule.column, rule.other, rule.comparison, kinds);
  }
}

const ANY: readonly ColumnKind[] = ['number', 'category', 'time', 'flag'];

function columnsOf(rule: TableRule): [column: string, kinds: readonly ColumnKind[]][] {
  switch (rule.rule) {
    case 'rowCount':
      return [];
    case 'unique':
      return rule.columns.map((column) => [column, ANY]);
    case 'inRange':
      return [[rule.column, ['number', 'time']]];
    case 'multipleOf':
    case 'mean':
    case 'standardDeviation':
    case 'quantile':
      return [[rule.column, ['number']]];
    case 'matches':
    case 'textLength':
      return [[rule.column, ['category']]];
    case 'oneOf':
      return [[rule.column, [typeof rule.values[0] === 'number' ? 'number' : 'category']]];
    case 'share':
      return [[rule.column, [KIND_OF_TYPE[typeof rule.value as keyof typeof KIND_OF_TYPE]]]];
    case 'similar':
      return [[rule.column, savedKinds(rule.expected)]];
    case 'monotonicTime':
      return [
        [rule.column, ['time']],
        ...(rule.per === undefined ? [] : ([[rule.per, ['category']]] as [string, ColumnKind[]][])),
      ];
    case 'compareFields':
      return [
        [rule.column, ANY],
        [rule.other, ANY],
      ];
    default:
      return [[rule.column, ANY]];
  }
}

const KIND_OF_TYPE = { string: 'category', number: 'number', boolean: 'flag' } as const;

function requireKind(
  rule: string,
  column: string,
  expected: readonly ColumnKind[],
  kinds: Readonly<Record<string, ColumnKind>>,
): void {
  const kind = Object.hasOwn(kinds, column) ? kinds[column] : undefined;
  if (kind === undefined) {
    const message = `rule ${rule}: no column ${column}; there are ${listNames(Object.keys(kinds))}`;
    throw new FeatureError('UNKNOWN_FIELD', message, { rule, column });
  }
  if (!expected.includes(kind)) {
    const message = `rule ${rule}: column ${column} is ${kind}, expected ${expected.join(' or ')}; name another column or use another rule`;
    throw new FeatureError('WRONG_KIND', message, { rule, column, kind, expected });
  }
}

function requireComparable(column: string, other: string, comparison: string, kinds: Readonly<Record<string, ColumnKind>>): void {
  const kind = kinds[column]!;
  const details = { column, other, kind, otherKind: kinds[other] };
  if (kind !== kinds[other]) {
    const message = `rule compareFields: column ${column} is ${kind}, ${other} is ${kinds[other]}; compare columns of one kind`;
    throw new FeatureError('WRONG_KIND', message, details);
  }
  if ((kind === 'category' || kind === 'flag') && comparison !== '=' && comparison !== '!=') {
    const message = `rule compareFields: columns ${column} and ${other} are ${kind}, which has no order, so ${comparison} can't hold; use = or !=`;
    throw new FeatureError('WRONG_KIND', message, details);
  }
}

function listNames(names: readonly string[]): string {
  const listed = names.slice(0, 20).join(', ') || 'none';
  return names.length > 20 ? `${listed} and ${names.length - 20} more` : listed;
}
