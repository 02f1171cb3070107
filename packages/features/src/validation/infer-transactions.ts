/** A proposal for a transactions definition, inferred from a sample: kinds, rules, and what each field is for. */
import { Table } from '@fraudops/core';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { days } from '../duration.js';
import { type TransactionField, zodFromField } from '../transactions/transaction-field.js';
import { type TransactionsDefinition, defineTransactions } from '../transactions/transactions.js';
import { type ColumnFacts, columnFacts } from './column-facts.js';
import { requireSample } from './infer-rules.js';
import { type UntypedRow, sampleTable } from './sample-table.js';
import { type RoleCandidate, roleCandidates } from './transaction-roles.js';
import { transactionsSource } from './transactions-source.js';

/** Options of {@link inferTransactions}. What is named here is not guessed. */
export interface InferTransactionsOptions {
  /** The field with the event time. */
  readonly time?: string;
  /** The flag field with the label; null for none. */
  readonly label?: string | null;
  /** How long after the event a label becomes known, in milliseconds. A sample can't show it. Default `days(7)`. */
  readonly labelDelayMs?: number;
  /** The field that names the transaction; null for none. */
  readonly id?: string | null;
  /** Category fields whose histories features look at. */
  readonly entities?: readonly string[];
  /** The number field with the amount; null for none. */
  readonly amount?: string | null;
}

/** What {@link inferTransactions} proposes for one field. */
export interface FieldProposal {
  readonly field: TransactionField;
  /** Share of the rows without a value. */
  readonly missingShare: number;
  /** Distinct values. */
  readonly distinct: number;
  /** Why the field has its rules, in words. */
  readonly reasons: readonly string[];
}

/** See {@link inferTransactions}. */
export interface TransactionsProposal {
  /** Rows of the sample. */
  readonly rowCount: number;
  readonly fields: readonly FieldProposal[];
  /** What each field could be for, chosen or not, the likeliest of each role first. */
  readonly roles: readonly RoleCandidate[];
  /** The proposal as a definition that can be used at once. */
  readonly definition: TransactionsDefinition;
  /** The sample as a table of the proposed kinds: the given one, or the one made of the rows. */
  readonly sample: Table;
  /** The proposal as TypeScript, to paste and to change. */
  toSource(options?: TransactionsSourceOptions): string;
}

/** Options of {@link TransactionsProposal.toSource}. */
export interface TransactionsSourceOptions {
  /** Name of the exported constant, an identifier. Default `transactions`. */
  readonly name?: string;
}

/**
 * Proposes what the transactions of a sample are. Read the proposal before you use it: a sample shows what came up, not what may come up.
 *
 * Kinds: a table keeps those it has; rows of values of any kind are looked at as parsed JSON or CSV (see below). A field is required
 * when the sample lacks none of its values. Numbers get their resolution (whole, or 1 to 6 decimals) and `min(0)` when none is below; their
 * largest value is no rule. Strings get the list of values when there are at most 20 and each comes up 20 times on average.
 *
 * Rows: a column is the first of flag (booleans, or both 0 and 1), number (also as text, but not with leading zeros or above 15 digits),
 * time (Date, ISO 8601, or epoch milliseconds under a name that says time), category. Whole numbers that repeat under a name that says id are
 * categories. Null and empty text are missing.
 *
 * The sample itself is valid by the definition, unless it holds infinite numbers.
 *
 * @param sample at least 20 rows, all in memory
 * @throws {FeatureError} INVALID_DEFINITION when no column could be the event time, INVALID_VALUE for a sample that is too small or holds
 *   objects, UNKNOWN_FIELD or WRONG_KIND when an option names a field that can't have the role, TOO_LARGE beyond 1,000 columns
 * @example
 * const proposal = inferTransactions(rows);
 * proposal.roles.filter(({ chosen }) => chosen).map(({ role, field }) => `${role}: ${field}`); // ['time: TX_DATETIME', ...]
 * await writeFile('src/transactions.ts', proposal.toSource());
 */
export function inferTransactions(
  sample: Table | readonly UntypedRow[],
  options: InferTransactionsOptions = {},
): TransactionsProposal {
  const table = sample instanceof Table ? sample : sampleTable(sample);
  requireSample('inferTransactions', table.rowCount);
  const facts = table.columnNames.map((name) => columnFacts(name, table.column(name)));
  const roles = withGivenRoles(roleCandidates(facts), options);
  const entities = chosenFields(roles, 'entity');
  const fields = facts.map((column) => proposeField(column, entities.includes(column.name)));
  const [time] = chosenFields(roles, 'time');
  if (time === undefined) {
    const message = `inferTransactions: none of the columns ${table.columnNames.join(', ')} is a time that is never missing; name the event time in the option time, or convert it to Dates or ISO 8601 text`;
    throw new FeatureError('INVALID_DEFINITION', message);
  }
  const [id, label, amount] = (['id', 'label', 'amount'] as const).map((role) => chosenFields(roles, role)[0]);
  const definition = defineTransactions({
    schema: z.object(Object.fromEntries(fields.map(({ field }) => [field.name, schemaOf(field)]))),
    time,
    entities,
    ...(id !== undefined && { id }),
    ...(label !== undefined && { label: { field: label, delayMs: options.labelDelayMs ?? days(7) } }),
    ...(amount !== undefined && { amount }),
  });
  return {
    rowCount: table.rowCount,
    fields,
    roles,
    definition,
    sample: table,
    toSource: (sourceOptions = {}) => transactionsSource(definition, fields, sourceOptions.name),
  };
}

function chosenFields(roles: readonly RoleCandidate[], role: RoleCandidate['role']): string[] {
  return roles.filter((candidate) => candidate.role === role && candidate.chosen).map(({ field }) => field);
}

/** Replaces guesses by what the caller said. */
function withGivenRoles(roles: readonly RoleCandidate[], options: InferTransactionsOptions): readonly RoleCandidate[] {
  const { time, id, label, amount, entities } = options;
  const listed = (field: string | null | undefined) => (field === undefined ? undefined : field === null ? [] : [field]);
  const given = { time: listed(time), id: listed(id), label: listed(label), amount: listed(amount), entity: entities };
  return (['time', 'id', 'label', 'amount', 'entity'] as const).flatMap((role) => {
    const candidates = roles.filter((candidate) => candidate.role === role);
    const fields = given[role];
    if (fields === undefined) return candidates;
    const named = fields.map((field): RoleCandidate => ({ role, field, chosen: true, reasons: ['named by the caller'] }));
    const others = candidates
      .filter(({ field }) => !fields.includes(field))
      .map((candidate) => ({ ...candidate, chosen: false }));
    return [...named, ...others];
  });
}

function proposeField(facts: ColumnFacts, isEntity: boolean): FieldProposal {
  const { name, column, missing, rowCount, distinct, smallSet } = facts;
  const required = missing === 0;
  const base = { name, kind: column.kind, required };
  const reasons = [required ? 'never missing' : `missing in ${missing} of ${rowCount} rows`];
  let field: TransactionField = base;
  if (column.kind === 'number') field = { ...base, ...numberRules(facts, reasons) };
  if (column.kind === 'category' && smallSet && !isEntity) {
    field = { ...base, values: smallSet };
    reasons.push(`${distinct} values, each in ${Math.round(facts.present / distinct)} rows on average`);
  } else if (column.kind === 'category' && facts.present > 0) {
    const hasEmpty = column.codes.some((code) => column.dictionary[code] === '');
    if (!hasEmpty) field = { ...base, minLength: 1 };
    reasons.push(`${distinct} distinct values`);
  }
  return { field, missingShare: missing / rowCount, distinct, reasons };
}

function numberRules(facts: ColumnFacts, reasons: string[]): Partial<TransactionField> {
  const { minimum, maximum, isWhole, resolution, hasInfinite } = facts;
  if (hasInfinite) reasons.push('some values are infinite, which no definition accepts');
  if (Number.isNaN(minimum)) return {};
  reasons.push(`from ${minimum} to ${maximum} in the sample`);
  if (isWhole) reasons.push('whole numbers');
  else if (resolution !== undefined) reasons.push(`multiples of ${resolution}`);
  return {
    ...(isWhole && { integer: true }),
    ...(!isWhole && resolution !== undefined && { resolution }),
    ...(minimum >= 0 && { minimum: 0 }),
  };
}

function schemaOf(field: TransactionField): z.ZodType {
  const rules = zodFromField(field);
  return field.required ? rules : rules.optional();
}
