import { type Cell, type Column, type ColumnKind, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import { z } from 'zod';
import { surelyValid } from '../transactions/field-rules.js';
import { FeatureError } from '../feature-error.js';
import { type MinorUnits, canBeSummed, minorUnits, summedRule } from '../definitions/minor-units.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';

/** One value that broke a rule. */
export interface ValidationIssue {
  /** Position in the validated table. */
  readonly row: number;
  /** Name of the column; empty when the rule concerns the whole row. */
  readonly column: string;
  /** The value as a person reads it; null is missing, and also stands for a whole row. */
  readonly value: Cell;
  /** The rule that was broken, in the schema's words. */
  readonly rule: string;
}

/** How often a rule was broken. */
export interface BrokenRule {
  readonly column: string;
  readonly rule: string;
  /** All breaches, also those that `issues` leaves out. */
  readonly count: number;
}

/** What {@link validateTransactions} found. */
export interface ValidationReport {
  readonly rowCount: number;
  readonly validCount: number;
  /** The first breaches of each rule, in order of row. */
  readonly issues: readonly ValidationIssue[];
  /** Every rule that was broken, with its count, in the order in which they were met. */
  readonly brokenRules: readonly BrokenRule[];
  /** The rows without breaches; the given table itself when there are none at all. */
  readonly valid: Table;
  /** The rows with at least one breach. */
  readonly quarantined: Table;
}

/** Options of {@link validateTransactions}. */
export interface ValidateTransactionsOptions {
  /** How many breaches of one rule `issues` shows. Default 100. */
  readonly maxIssuesPerRule?: number;
}

/**
 * Judges every row of a table by the definition's zod schema and parts the good rows from the bad.
 *
 * It goes column by column. Numbers and times that surely keep their rules pass in a plain loop, and only the others are shown to zod;
 * a category's strings are shown to zod once each. Only when the schema has checks over whole objects (`refine`, `check`) is every row
 * whose values are good made into an object, missing values left out, and shown to zod, which is slow.
 *
 * Numbers with a `multipleOf`, and the amount, may be at most {@link MAX_SUMMED_UNITS} of their units from 0, since features add them up.
 *
 * Columns that the definition doesn't know are not judged and stay in both tables. A column of a field that isn't required may be
 * absent. At most 1,000 rules are told apart; breaches beyond count as `other rules`.
 *
 * @throws {FeatureError} MISSING_COLUMN or WRONG_KIND when the table doesn't have the definition's columns
 * @example
 * const { valid, brokenRules } = validateTransactions(table, handbookTransactions);
 * // brokenRules: [{ column: 'TX_AMOUNT', rule: 'Too small: expected number to be >=0', count: 3 }]
 */
export function validateTransactions(
  table: Table,
  definition: TransactionsDefinition,
  options: ValidateTransactionsOptions = {},
): ValidationReport {
  const breaches = new Breaches(table.rowCount, options.maxIssuesPerRule ?? 100);
  for (const [name, kind] of Object.entries(definition.kinds)) {
    const column = columnOf(table, definition, name, kind);
    if (column) judgeColumn(name, column, definition, breaches);
  }
  if ((definition.schema.def.checks?.length ?? 0) > 0) judgeRows(table, definition, breaches);
  const { bad } = breaches;
  const validCount = bad.reduce((count, flag) => count - flag, table.rowCount);
  return {
    rowCount: table.rowCount,
    validCount,
    ...breaches.report(),
    valid: validCount === table.rowCount ? table : table.filter((row) => bad[row] === 0),
    quarantined: validCount === table.rowCount ? table.slice(0, 0) : table.filter((row) => bad[row] === 1),
  };
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

  report(): Pick<ValidationReport, 'issues' | 'brokenRules'> {
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
