/** Rules in words, for reports: what the table must keep. */
import type { Limits, TableRule, ValueLimits } from './table-rule.js';

/**
 * What a rule demands, in words.
 *
 * @param isTime whether the rule's column holds times, whose limits are shown as ISO 8601
 * @example ruleText(inRange('TX_AMOUNT', { minimum: 0, maximum: 10_000 })); // 'TX_AMOUNT is from 0 to 10000'
 */
export function ruleText(rule: TableRule, isTime = false): string {
  switch (rule.rule) {
    case 'inRange':
      return `${rule.column} is ${rangeText(rule, isTime ? timeText : String)}`;
    case 'multipleOf':
      return `${rule.column} is a multiple of ${rule.step}`;
    case 'oneOf':
      return `${rule.column} is ${listText(rule.values)}`;
    case 'matches':
      return `${rule.column} matches /${cut(rule.pattern)}/${rule.flags}`;
    case 'textLength':
      return `${rule.column} has ${rangeText(rule)} characters`;
    case 'present':
      return `${rule.column} is there`;
    case 'unique':
      return `${rule.columns.join(', ')} ${rule.columns.length === 1 ? 'is' : 'are together'} unique`;
    case 'monotonicTime':
      return `${rule.column} never goes back${rule.per === undefined ? '' : ` per ${rule.per}`}`;
    case 'compareFields':
      return `${rule.column} ${rule.comparison} ${rule.other}`;
    case 'maxMissingShare':
      return `${rule.column} is missing in at most ${percent(rule.share)} of rows`;
    case 'rowCount':
      return `rows: ${rangeText(rule)}`;
    case 'mean':
    case 'standardDeviation':
    case 'distinct':
      return `${FIGURES[rule.rule]} of ${rule.column}: ${rangeText(rule)}`;
    case 'quantile':
      return `${percent(rule.quantile)} quantile of ${rule.column}: ${rangeText(rule)}`;
    case 'share':
      return `share of ${rule.column} = ${shown(rule.value)}: ${rangeText(rule, percent)}`;
    default:
      return `${rule.column} is distributed as saved (PSI at most ${rule.maximumPsi})`;
  }
}

/** What a rule that judges the whole table saw, in the form in which the rule shows its limits. */
export function observedText(rule: TableRule, observed: number | null): string {
  if (observed === null) return 'no values';
  if (rule.rule === 'share' || rule.rule === 'maxMissingShare') return percent(observed);
  return String(Number.isInteger(observed) ? observed : Number(observed.toPrecision(6)));
}

const FIGURES = { mean: 'mean', standardDeviation: 'standard deviation', distinct: 'distinct values' } as const;

/** Limits as a person says them. */
function rangeText(limits: Limits | ValueLimits, show: (limit: number) => string = String): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = limits as ValueLimits;
  const parts = [
    exclusiveMinimum !== undefined && `above ${show(exclusiveMinimum)}`,
    exclusiveMaximum !== undefined && `below ${show(exclusiveMaximum)}`,
    minimum !== undefined && maximum !== undefined && `from ${show(minimum)} to ${show(maximum)}`,
    minimum !== undefined && maximum === undefined && `at least ${show(minimum)}`,
    maximum !== undefined && minimum === undefined && `at most ${show(maximum)}`,
  ];
  return parts.filter((part) => part !== false).join(' and ');
}

/** A share as percent, to four digits unless told. @example percent(0.0921); // '9.21 %' */
export const percent = (share: number, digits = 4) => `${Number((share * 100).toPrecision(digits))} %`;

function timeText(epochMs: number): string {
  return Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : String(epochMs);
}

const MAX_LISTED = 5;

function listText(values: readonly (string | number)[]): string {
  const listed = values.slice(0, MAX_LISTED).map(shown).join(', ');
  if (values.length === 1) return listed;
  return values.length > MAX_LISTED ? `one of ${listed} and ${values.length - MAX_LISTED} more` : `one of ${listed}`;
}

const shown = (value: string | number | boolean) => (typeof value === 'string' ? JSON.stringify(cut(value)) : String(value));
const cut = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
