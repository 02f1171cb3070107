/** A proposal for a transactions definition, inferred from a sample: kinds, rules, and what each field is for. */
import { formatCount, formatRows, Table } from '@fraudops/core';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { days } from '../duration.js';
import { type TransactionField, zodFromField } from '../transactions/transaction-field.js';
import { type TransactionsDefinition, defineTransactions } from '../transactions/transactions.js';
import { type ColumnFacts, columnFacts } from './column-facts.js';
import { isCounted } from './counted-numbers.js';
import { requireSample } from './infer-rules.js';
import { arrivalCandidates, knownAtCandidates } from './late-moments.js';
import { type UntypedRow, sampleTable } from './sample-table.js';
import { type RoleCandidate, type TransactionRole, roleCandidates } from './transaction-roles.js';
import { transactionsSource } from './transactions-source.js';

/** Options of {@link inferTransactions}. What is named here is not guessed. */
export interface InferTransactionsOptions {
  /** The field with the event time. */
  readonly time?: string;
  /** The time field with the moment of arrival; null for none. */
  readonly arrival?: string | null;
  /** The flag field with the label; null for none. */
  readonly label?: string | null;
  /** How long after the event a label becomes known, in milliseconds. A sample can't show it. Default `days(7)`. */
  readonly labelDelayMs?: number;
  /** The time field with the moment at which the label became known; null for none. */
  readonly knownAt?: string | null;
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
 * when the sample lacks none of its values. Numbers that are counted get their resolution (whole, or 1 to 6 decimals) and `min(0)` when none
 * is below; their largest value is no rule. Counted are whole numbers, values of two decimals, the amount, and what a name calls amount, price,
 * total or count, but no places, scores or shares; measurements get no rules, since a sample sets them no limits. Strings get the list of
 * values when there are at most 20 and each comes up 20 times on average.
 *
 * Rows: a column is the first of flag (booleans, or both of 0 and 1, true and false, yes and no, Y and N, in capitals or not), number (also
 * as text, but not with leading zeros or above 15 digits), time (Date, ISO 8601, or epoch milliseconds under a name that says time),
 * category. Under a name that says label, one of the two words is enough for a flag. Whole numbers that repeat under a name that says id
 * are categories. Null and empty text are missing.
 *
 * Roles: the moments of arrival and of the label's knowledge are proposed from times that are never before the event. All plausible
 * entities are chosen: features can look at each.
 *
 * The sample itself is valid by the definition, unless it holds infinite numbers.
 *
 * @param sample at least 20 rows, all in memory
 * @throws {FeatureError} INVALID_DEFINITION when no column could be the event time, INVALID_VALUE for a sample that is too small or holds
 *   objects, UNKNOWN_FIELD or WRONG_KIND when an option names a field that can't have the role, INVALID_OPTION for a
 *   `knownAt` without a label, TOO_LARGE beyond 1,000 columns
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
  const roles = rolesOf(facts, options);
  const chosen = roles.filter((candidate) => candidate.chosen);
  const fields = facts.map((column) => proposeField(column, chosen));
  const time = fieldOf(roles, 'time');
  if (time === undefined) {
    const message = `inferTransactions: none of the columns ${table.columnNames.join(', ')} is a time that is never missing; name the event time in the option time, or convert it to Dates or ISO 8601 text`;
    throw new FeatureError('INVALID_DEFINITION', message);
  }
  const [arrival, id, label, knownAt, amount] = (['arrival', 'id', 'label', 'knownAt', 'amount'] as const).map((role) =>
    fieldOf(roles, role),
  );
  const known = knownAt === undefined ? {} : { knownAt };
  const definition = defineTransactions({
    schema: z.object(Object.fromEntries(fields.map(({ field }) => [field.name, schemaOf(field)]))),
    time,
    entities: chosen.filter(({ role }) => role === 'entity').map(({ field }) => field),
    ...(arrival !== undefined && { arrival }),
    ...(id !== undefined && { id }),
    ...(label !== undefined && { label: { field: label, delayMs: options.labelDelayMs ?? days(7), ...known } }),
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

/** The field that was chosen for a role. */
function fieldOf(roles: readonly RoleCandidate[], role: TransactionRole): string | undefined {
  return roles.find((candidate) => candidate.role === role && candidate.chosen)?.field;
}

/** Candidates by role. Which moments come after the event depends on what the event time and the label are. */
function rolesOf(facts: readonly ColumnFacts[], options: InferTransactionsOptions): readonly RoleCandidate[] {
  const { time, arrival, id, label, knownAt, amount, entities } = options;
  const guesses = roleCandidates(facts);
  const times = withGiven('time', guesses, time);
  const labels = withGiven('label', guesses, label);
  const [event, flag] = [fieldOf(times, 'time'), fieldOf(labels, 'label')].map((name) =>
    facts.find((each) => each.name === name),
  );
  if (flag === undefined && fieldOf(labels, 'label') === undefined && knownAt != null) {
    const message = `inferTransactions: knownAt is ${knownAt}, but there is no label; name the label too`;
    throw new FeatureError('INVALID_OPTION', message, { knownAt });
  }
  const arrivals = withGiven(
    'arrival',
    event
      ? arrivalCandidates(
          facts.filter(({ name }) => name !== knownAt),
          event,
        )
      : [],
    arrival,
  );
  const arrived = fieldOf(arrivals, 'arrival');
  const others = facts.filter(({ name }) => name !== arrived);
  return [
    ...times,
    ...arrivals,
    ...withGiven('id', guesses, id),
    ...labels,
    ...withGiven('knownAt', event && flag ? knownAtCandidates(others, event, flag) : [], knownAt),
    ...withGiven('amount', guesses, amount),
    ...withGiven('entity', guesses, entities),
  ];
}

/** The candidates for one role, with guesses replaced by what the caller said. */
function withGiven(
  role: TransactionRole,
  guesses: readonly RoleCandidate[],
  given: string | null | undefined | readonly string[],
): RoleCandidate[] {
  const candidates = guesses.filter((candidate) => candidate.role === role);
  if (given === undefined) return candidates;
  const fields = given === null ? [] : typeof given === 'string' ? [given] : given;
  const named = fields.map((field): RoleCandidate => ({ role, field, chosen: true, reasons: ['named by the caller'] }));
  const others = candidates.filter(({ field }) => !fields.includes(field));
  return [...named, ...others.map((candidate) => ({ ...candidate, chosen: false }))];
}

function proposeField(facts: ColumnFacts, chosen: readonly RoleCandidate[]): FieldProposal {
  const { name, column, missing, rowCount, distinct, smallSet } = facts;
  const required = missing === 0;
  const has = (role: TransactionRole) => chosen.some((candidate) => candidate.role === role && candidate.field === name);
  const base = { name, kind: column.kind, required };
  const reasons = [required ? 'never missing' : `missing in ${formatCount(missing)} of ${formatRows(rowCount, 'row')}`];
  let field: TransactionField = base;
  if (column.kind === 'number') field = { ...base, ...numberRules(facts, has('amount'), reasons) };
  if (column.kind === 'category' && smallSet && !has('entity')) {
    field = { ...base, values: smallSet };
    reasons.push(`${formatCount(distinct)} values, each in ${formatCount(Math.round(facts.present / distinct))} rows on average`);
  } else if (column.kind === 'category' && facts.present > 0) {
    const hasEmpty = column.codes.some((code) => column.dictionary[code] === '');
    if (!hasEmpty) field = { ...base, minLength: 1 };
    reasons.push(formatRows(distinct, 'distinct value'));
  }
  return { field, missingShare: missing / rowCount, distinct, reasons };
}

function numberRules(facts: ColumnFacts, isAmount: boolean, reasons: string[]): Partial<TransactionField> {
  const { minimum, maximum, isWhole, resolution, hasInfinite } = facts;
  if (hasInfinite) reasons.push('some values are infinite, which no definition accepts');
  if (Number.isNaN(minimum)) return {};
  reasons.push(`from ${minimum} to ${maximum} in the sample`);
  if (!isAmount && !isCounted(facts)) {
    reasons.push('a measurement, whose sample sets no limits');
    return {};
  }
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
