/**
 * Judges the columns of a table by a definition's zod schema.
 *
 * It goes column by column. Numbers and times that surely keep their rules pass in a plain loop, and only the others are shown to zod; a
 * category's strings are shown to zod once each. Only when the schema has checks over whole objects is every row made into one.
 */
import { type Cell, type Column, type ColumnKind, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import { z } from 'zod';
import { type MinorUnits, canBeSummed, minorUnits, summedRule } from '../definitions/minor-units.js';
import { FeatureError } from '../feature-error.js';
import { surelyValid } from '../transactions/field-rules.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import type { BrokenRule, RuleExample, RuleResult, ValidationIssue } from './validation-report.js';

/** What the schema found. */
export interface SchemaBreaches {
  /** 1 for rows with a breach. */
  readonly bad: Uint8Array;
  readonly issues: readonly ValidationIssue[];
  readonly brokenRules: readonly BrokenRule[];
  readonly results: readonly RuleResult[];
}

/** Judges all rows; see `validateTransactions`. @throws {FeatureError} MISSING_COLUMN or WRONG_KIND */
export function judgeBySchema(table: Table, definition: TransactionsDefinition, maxIssuesPerRule: number): SchemaBreaches {
  const breaches = new Breaches(table.rowCount, maxIssuesPerRule);
  for (const [name, kind] of Object.entries(definition.kinds)) {
    const column = columnOf(table, definition, name, kind);
    if (column) judgeColumn(name, column, definition, breaches);
  }
  if ((definition.schema.def.checks?.length ?? 0) > 0) judgeRows(table, definition, breaches);
  const { issues, brokenRules } = breaches.report();
  return { bad: breaches.bad, issues, brokenRules, results: resultsOf(issues, brokenRules, table.rowCount) };
}

function resultsOf(
  issues: readonly ValidationIssue[],
  brokenRules: readonly BrokenRule[],
  rowCount: number,
): readonly RuleResult[] {
  const key = (column: string, rule: string) => JSON.stringify([column, rule]);
  const byRule = new Map<string, RuleExample[]>(brokenRules.map(({ column, rule }) => [key(column, rule), []]));
  for (const { row, column, value, rule } of issues) byRule.get(key(column, rule))?.push({ row, value });
  return brokenRules.map(({ column, rule, count }) => ({
    source: 'schema',
    scope: 'row',
    severity: 'error',
    column,
    text: rule,
    passed: false,
    count,
    share: count / rowCount,
    examples: byRule.get(key(column, rule))!,
    observed: null,
    rule: null,
  }));
}

const MAX_RULES = 1000;
const MAX_REMEMBERED = 100_000;

/** Collects breaches: a flag a row, a count a rule, and the first few of each rule. */
class Breaches {
  /** 1 for rows with a breach. */
  readonly bad: Uint8Array;
  readonly #maxIssuesPerRule: number;
  readonly #brokenRules: RuleCount[] = [];
  /** The same by column and rule. */
  readonly #byColumn = new Map<string, Map<string, RuleCount>>();
  readonly #issues: ValidationIssue[] = [];

  constructor(rowCount: number, maxIssuesPerRule: number) {
    this.bad = new Uint8Array(rowCount);
    this.#maxIssuesPerRule = maxIssuesPerRule;
  }

  add(row: number, column: string, value: Cell, rule: string): void {
    this.bad[row] = 1;
    const broken = this.#byColumn.get(column)?.get(rule) ?? this.#meet(column, rule);
    if (++broken.count <= this.#maxIssuesPerRule) this.#issues.push({ row, column, value, rule });
  }

  report(): { issues: readonly ValidationIssue[]; brokenRules: readonly BrokenRule[] } {
    return { issues: this.#issues.toSorted((a, b) => a.row - b.row), brokenRules: this.#brokenRules };
  }

  /** The count of a rule met for the first time, or the common one when there are too many. */
  #meet(column: string, rule: string): RuleCount {
    if (this.#brokenRules.length > MAX_RULES) return this.#brokenRules.at(-1)!;
    const isLast = this.#brokenRules.length === MAX_RULES;
    const broken = isLast ? { column: '', rule: 'other rules', count: 0 } : { column, rule, count: 0 };
    this.#brokenRules.push(broken);
    const ofColumn = this.#byColumn.get(broken.column) ?? new Map<string, RuleCount>();
    this.#byColumn.set(broken.column, ofColumn.set(broken.rule, broken));
    return broken;
  }
}

interface RuleCount {
  readonly column: string;
  readonly rule: string;
  count: number;
}

function columnOf(table: Table, definition: TransactionsDefinition, name: string, kind: ColumnKind): Column | undefined {
  if (!table.has(name)) {
    if (!definition.fields[name]!.required) return undefined;
    const message = `validateTransactions: no column ${name}; the table has ${table.columnNames.join(', ')}`;
    throw new FeatureError('MISSING_COLUMN', message, { column: name });
  }
  const column = table.column(name);
  if (column.kind === kind) return column;
  const message = `validateTransactions: column ${name} is ${column.kind}, the definition says ${kind}; read or make the table by this definition`;
  throw new FeatureError('WRONG_KIND', message, { column: name, kind: column.kind, expected: kind });
}

function judgeColumn(name: string, column: Column, definition: TransactionsDefinition, breaches: Breaches): void {
  const field = definition.fields[name]!;
  const schema = definition.schema.shape[name]!;
  const rulesBrokenBy = (value: Cell): readonly string[] => {
    const parsed = z.safeParse(schema, value);
    return parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
  };
  const judge = (row: number, value: Cell, rules: readonly string[]) => {
    for (const rule of rules) breaches.add(row, name, value, rule);
  };
  const whenMissing = field.required ? ['required, but missing'] : [];
  if (column.kind === 'category') {
    const byCode = column.dictionary.map(() => undefined as readonly string[] | undefined);
    column.codes.forEach((code, row) => {
      if (code === MISSING_CODE) judge(row, null, whenMissing);
      else judge(row, column.dictionary[code]!, (byCode[code] ??= rulesBrokenBy(column.dictionary[code]!)));
    });
  } else if (column.kind === 'flag') {
    const byFlag = [rulesBrokenBy(false), rulesBrokenBy(true)];
    column.values.forEach((flag, row) => {
      if (flag === MISSING_FLAG) judge(row, null, whenMissing);
      else judge(row, flag === 1, byFlag[flag]!);
    });
  } else {
    const isFine = surelyValid(field, schema);
    const units = summedUnits(name, definition);
    const toCell = column.kind === 'time' ? (epochMs: number) => new Date(epochMs) : (value: number) => value;
    const byValue = new Map<number, readonly string[]>();
    column.values.forEach((value, row) => {
      if (units !== undefined && !canBeSummed(value, units)) judge(row, value, [`expected a number ${summedRule(units)}`]);
      if (isFine(value)) return;
      if (Number.isNaN(value)) {
        judge(row, null, whenMissing);
        return;
      }
      const broken = byValue.get(value) ?? rulesBrokenBy(toCell(value));
      if (byValue.size < MAX_REMEMBERED) byValue.set(value, broken);
      judge(row, toCell(value), broken);
    });
  }
}

/** Units of a field that is declared to be added up; whole numbers alone may as well be ids. */
function summedUnits(name: string, { fields, amount }: TransactionsDefinition): MinorUnits | undefined {
  const { integer = false, resolution } = fields[name]!;
  if (resolution === undefined || (integer && resolution === 1 && name !== amount)) return undefined;
  return minorUnits(resolution);
}

/** Shows the rows whose values are all good to the schema as objects. */
function judgeRows(table: Table, definition: TransactionsDefinition, breaches: Breaches): void {
  const known = table.select(Object.keys(definition.kinds).filter((name) => table.has(name)));
  for (let row = 0; row < table.rowCount; row++) {
    if (breaches.bad[row] === 1) continue;
    const cells = known.row(row);
    const present = Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== null));
    for (const { path, message } of definition.schema.safeParse(present).error?.issues ?? []) {
      const column = String(path[0] ?? '');
      breaches.add(row, column, cells[column] ?? null, message);
    }
  }
}
