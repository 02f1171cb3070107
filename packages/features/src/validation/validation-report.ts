/** What validation found: rule by rule, with the good rows and the quarantined ones apart. */
import type { Cell, Json, Table } from '@fraudops/core';
import type { RuleSeverity, TableRule } from './table-rule.js';
import { validationText } from './validation-text.js';

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

/** A row that broke a rule. */
export interface RuleExample {
  /** Position in the validated table. */
  readonly row: number;
  /** The value as a person reads it; null is missing, and also stands for a rule over several columns. */
  readonly value: Cell;
}

/** How a table did by one rule. */
export interface RuleResult {
  /** `rule` for declared rules, `schema` for those of a definition's schema, which are listed only when they were broken. */
  readonly source: 'rule' | 'schema';
  /** `row` when single rows break it, `table` when the table does as a whole. */
  readonly scope: 'row' | 'table';
  readonly severity: RuleSeverity;
  /** The column; empty when the rule concerns several or none. */
  readonly column: string;
  /** What was demanded, in words. */
  readonly text: string;
  readonly passed: boolean;
  /** Rows that broke it; 0 for the table's scope. */
  readonly count: number;
  /** The same as a share of all rows. */
  readonly share: number;
  /** The first rows that broke it. */
  readonly examples: readonly RuleExample[];
  /** The figure that was judged, for the table's scope; null without values, and for the rows' scope. */
  readonly observed: number | null;
  /** The declared rule; null for the schema's. */
  readonly rule: TableRule | null;
}

/** What `validateTable` and `validateTransactions` found. */
export interface ValidationReport {
  /** Whether no rule of severity `error` was broken, neither by a row nor by the table. */
  readonly passed: boolean;
  readonly rowCount: number;
  readonly validCount: number;
  /** The first breaches of each rule that quarantines rows, in order of row. */
  readonly issues: readonly ValidationIssue[];
  /** Every rule that quarantined rows, with its count: the schema's in the order in which they were met, then the declared ones. */
  readonly brokenRules: readonly BrokenRule[];
  /** Every declared rule and every broken rule of the schema, the schema's first. */
  readonly results: readonly RuleResult[];
  /** The rows without breaches; the given table itself when there are none at all. */
  readonly valid: Table;
  /** The rows with at least one breach of severity `error`. */
  readonly quarantined: Table;
  /** Everything but the two tables, for files and services. Times are ISO 8601. */
  toJson(): Json;
  /** Lines of text for a terminal, without colours, the broken rules first. */
  toText(): string;
}

/** The findings of a report without its tables. */
export interface ValidationFindings {
  readonly rowCount: number;
  readonly issues: readonly ValidationIssue[];
  readonly brokenRules: readonly BrokenRule[];
  readonly results: readonly RuleResult[];
}

/** A report over the table; `bad` marks the rows to quarantine with 1. */
export function validationReport(table: Table, bad: Uint8Array, findings: ValidationFindings): ValidationReport {
  let validCount = table.rowCount;
  for (let row = 0; row < bad.length; row++) validCount -= bad[row]!;
  const passed = findings.results.every((result) => result.passed || result.severity === 'warning');
  const allGood = validCount === table.rowCount;
  const valid = allGood ? table : table.filter((row) => bad[row] === 0);
  const quarantined = allGood ? table.slice(0, 0) : table.filter((row) => bad[row] === 1);
  return new Report({ ...findings, passed, validCount, valid, quarantined });
}

/** A class, so that its methods are no members of their own and `{ ...report }` is data. */
class Report implements ValidationReport {
  declare readonly passed: boolean;
  declare readonly rowCount: number;
  declare readonly validCount: number;
  declare readonly issues: readonly ValidationIssue[];
  declare readonly brokenRules: readonly BrokenRule[];
  declare readonly results: readonly RuleResult[];
  declare readonly valid: Table;
  declare readonly quarantined: Table;

  constructor(members: Omit<ValidationReport, 'toJson' | 'toText'>) {
    Object.assign(this, members);
  }

  toJson(): Json {
    const { passed, rowCount, validCount, brokenRules } = this;
    const issues = this.issues.map((issue) => ({ ...issue, value: cellJson(issue.value) }));
    const results = this.results.map((result) => ({
      ...result,
      examples: result.examples.map(({ row, value }) => ({ row, value: cellJson(value) })),
    }));
    return structuredClone({ formatVersion: 1, passed, rowCount, validCount, brokenRules, issues, results }) as unknown as Json;
  }

  toText(): string {
    return validationText(this);
  }
}

/** A cell as JSON holds it; infinite numbers become their names. */
function cellJson(cell: Cell): Json {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? 'invalid time' : cell.toISOString();
  return typeof cell === 'number' && !Number.isFinite(cell) ? String(cell) : cell;
}
