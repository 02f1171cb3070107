/**
 * What a transaction is, declared once: its raw fields, when it happened, whom it concerns, and when its label becomes known.
 *
 * Reading, validation, features and the scoring service all take their rules from this one definition. It is data: a model's bundle
 * holds it as JSON, and {@link transactionsFromJson} brings it back.
 */
import { type ColumnKind, type Json } from '@fraudops/core';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { parseSaved } from '../parse-saved.js';
import { type TransactionField, cellSchema, fieldFromZod, transactionFieldSchema, zodFromField } from './transaction-field.js';

/** What {@link defineTransactions} takes. */
export interface TransactionsOptions<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /**
   * The raw fields as a zod object. `z.number()` is a number column, `z.string()` and `z.enum()` a category, `z.date()` a time,
   * `z.boolean()` a flag; `.optional()` and `.nullable()` both mean that the value may be missing. A number's `.multipleOf(0.01)`
   * is its resolution, without which it can't be summed over windows. Checks that are functions (`refine`) hold in this process
   * but aren't saved.
   */
  readonly schema: z.ZodObject<Shape>;
  /** The field with the event time. */
  readonly time: string;
  /**
   * The field with the moment at which a transaction became known, when that can be later than its event time. History is then in
   * order of arrival, and no feature sees a transaction before it arrived. Absent: transactions are known as they happen.
   */
  readonly arrival?: string;
  /** Whether the transaction was fraud. It may always be missing, since it isn't known yet when a transaction arrives. */
  readonly label?: LabelDefinition;
  /** The field that names the transaction. */
  readonly id?: string;
  /** Category fields whose histories features look at, such as the card and the merchant. */
  readonly entities: readonly string[];
  /** The number field with the amount. */
  readonly amount?: string;
}

/** The label, and when it becomes known. */
export interface LabelDefinition {
  /** A flag field: true is fraud. */
  readonly field: string;
  /** A label is known this long after the event (its knowledge time), in milliseconds; no feature sees it earlier. */
  readonly delayMs: number;
  /**
   * The time field with the moment at which this transaction's label became known, when that is recorded. A label known later than
   * `delayMs` after the event is seen from then on only. Missing: `delayMs` after the event.
   */
  readonly knownAt?: string;
}

/** See {@link defineTransactions}. */
export interface TransactionsDefinition<Field extends string = string> {
  /** Column kind by field name, in the order of the schema; what `Table.fromRows` takes. */
  readonly kinds: Readonly<Record<Field, ColumnKind>>;
  /** Kind and rules by field name. */
  readonly fields: Readonly<Record<Field, TransactionField>>;
  readonly time: string;
  /** The field with the moment at which a transaction became known; undefined when that is its event time. */
  readonly arrival: string | undefined;
  readonly label: LabelDefinition | undefined;
  readonly id: string | undefined;
  readonly entities: readonly string[];
  readonly amount: string | undefined;
  /**
   * The schema for one transaction. It is the given one, but takes every value in all the forms in which a table takes it: times
   * as Date, epoch milliseconds or ISO 8601 text (UTC when it names no zone), categories also as numbers, flags also as 0 and 1,
   * and null for what may be missing.
   */
  readonly schema: z.ZodObject;
  /** The definition as data, the same for equal definitions; see {@link transactionsFromJson}. */
  toJson(): Json;
}

/** Most fields of a transaction. */
export const MAX_FIELDS = 1000;

/**
 * Declares transactions.
 *
 * @throws {FeatureError} UNKNOWN_FIELD, WRONG_KIND or INVALID_DEFINITION, naming the field and the fix
 * @example
 * const payments = defineTransactions({
 *   schema: z.object({ id: z.string(), at: z.date(), card: z.string(), amount: z.number().min(0).multipleOf(0.01), fraud: z.boolean() }),
 *   time: 'at',
 *   label: { field: 'fraud', delayMs: days(7) },
 *   id: 'id',
 *   entities: ['card'],
 *   amount: 'amount',
 * });
 */
export function defineTransactions<Shape extends z.ZodRawShape>(
  options: TransactionsOptions<Shape>,
): TransactionsDefinition<keyof Shape & string> {
  const { schema, time, arrival, label, id, entities, amount } = options;
  const shape = schema.shape as z.ZodRawShape as Readonly<Record<string, z.ZodType>>;
  const fields = Object.entries(shape).map(([name, field]) => {
    const read = fieldFromZod(name, field);
    return name === label?.field || name === label?.knownAt ? { ...read, required: false } : read;
  });
  requireFieldNames(fields);
  const byName = Object.fromEntries(fields.map((field) => [field.name, field]));
  requireRole(byName, 'time', time, ['time']);
  if (arrival !== undefined) requireRole(byName, 'arrival', arrival, ['time']);
  for (const name of arrival === undefined ? [time] : [time, arrival]) {
    if (!byName[name]!.required)
      throw invalid(`time field ${name} may be missing; every transaction needs its time, so make it required`);
  }
  if (label) requireRole(byName, 'label', label.field, ['flag']);
  if (label && !(Number.isSafeInteger(label.delayMs) && label.delayMs >= 0)) {
    throw invalid(`label.delayMs is ${label.delayMs}, expected whole milliseconds of at least 0, such as days(7)`);
  }
  if (label?.knownAt !== undefined) requireRole(byName, 'label.knownAt', label.knownAt, ['time']);
  if (id !== undefined) requireRole(byName, 'id', id, ['category', 'number']);
  for (const entity of entities) requireRole(byName, 'entities', entity, ['category']);
  if (new Set(entities).size !== entities.length)
    throw invalid(`entities ${entities.join(', ')} name a field twice; name each once`);
  if (amount !== undefined) requireRole(byName, 'amount', amount, ['number']);
  const cells = Object.fromEntries(fields.map((field) => [field.name, cellSchema(field, unwrapOptional(shape[field.name]!))]));
  return {
    kinds: Object.fromEntries(fields.map(({ name, kind }) => [name, kind])) as Record<keyof Shape & string, ColumnKind>,
    fields: byName as Record<keyof Shape & string, TransactionField>,
    time,
    arrival,
    label,
    id,
    entities,
    amount,
    schema: (schema as z.ZodObject).safeExtend(cells) as z.ZodObject,
    toJson: () => ({
      formatVersion: 1,
      fields: fields as unknown as Json,
      unknownFields: schema.def.catchall instanceof z.ZodNever ? 'refuse' : 'ignore',
      time,
      entities,
      ...(arrival !== undefined && { arrival }),
      ...(label && {
        label: { field: label.field, delayMs: label.delayMs, ...(label.knownAt !== undefined && { knownAt: label.knownAt }) },
      }),
      ...(id !== undefined && { id }),
      ...(amount !== undefined && { amount }),
    }),
  };
}

const savedTransactions = z.strictObject({
  formatVersion: z.literal(1),
  fields: z.array(transactionFieldSchema).max(MAX_FIELDS),
  unknownFields: z.enum(['refuse', 'ignore']),
  time: z.string(),
  arrival: z.string().optional(),
  label: z.strictObject({ field: z.string(), delayMs: z.number(), knownAt: z.string().optional() }).optional(),
  id: z.string().optional(),
  entities: z.array(z.string()).max(MAX_FIELDS),
  amount: z.string().optional(),
});

/**
 * The definition that {@link TransactionsDefinition.toJson} saved. Its `toJson` gives the same data again.
 *
 * @throws {FeatureError} INVALID_JSON when the data has another form, else as {@link defineTransactions}
 */
export function transactionsFromJson(json: unknown): TransactionsDefinition {
  const saved = parseSaved('transactionsFromJson', savedTransactions, json, 'save definitions with toJson()');
  const { fields, unknownFields, arrival, label, id, amount, time, entities } = saved;
  requireFieldNames(fields);
  const shape = Object.fromEntries(
    fields.map((field) => {
      const rules = rebuild(field as TransactionField);
      return [field.name, field.required ? rules : rules.optional()];
    }),
  );
  return defineTransactions({
    schema: unknownFields === 'refuse' ? z.strictObject(shape) : z.object(shape),
    time,
    entities,
    ...(arrival !== undefined && { arrival }),
    ...(label && { label: label as LabelDefinition }),
    ...(id !== undefined && { id }),
    ...(amount !== undefined && { amount }),
  });
}

function rebuild(field: TransactionField): z.ZodType {
  try {
    return zodFromField(field);
  } catch (cause) {
    // The one thing that throws here is a regular expression that is none.
    throw new FeatureError(
      'INVALID_JSON',
      `transactionsFromJson: field ${field.name} has rules that can't be used: ${String(cause)}`,
      {
        cause,
        details: { field: field.name },
      },
    );
  }
}

function unwrapOptional(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.def.innerType as z.ZodType;
  return inner;
}

function requireFieldNames(fields: readonly { readonly name: string }[]): void {
  if (fields.length > MAX_FIELDS) throw invalid(`${fields.length} fields, at most ${MAX_FIELDS} are allowed`);
  const names = new Set<string>();
  for (const { name } of fields) {
    // JavaScript moves keys like "1" to the front and treats __proto__ as no key, so neither would keep its place.
    if (name === '' || name === '__proto__' || /^\d+$/.test(name)) {
      throw invalid(`${JSON.stringify(name)} can't name a field; a name has a character that is no digit`);
    }
    if (names.has(name))
      throw new FeatureError('DUPLICATE_NAME', `defineTransactions: field ${name} comes twice; rename one`, {
        details: { name },
      });
    names.add(name);
  }
}

function requireRole(
  fields: Readonly<Record<string, TransactionField>>,
  role: string,
  name: string,
  kinds: readonly ColumnKind[],
): void {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) {
    const message = `defineTransactions: ${role} names the field ${name}, which the schema doesn't have; it has ${Object.keys(fields).join(', ')}`;
    throw new FeatureError('UNKNOWN_FIELD', message, { role, field: name });
  }
  if (!kinds.includes(field.kind)) {
    const message = `defineTransactions: ${role} field ${name} is a ${field.kind}, expected a ${kinds.join(' or ')}`;
    throw new FeatureError('WRONG_KIND', message, { role, field: name, kind: field.kind, expected: kinds });
  }
}

function invalid(what: string): FeatureError {
  return new FeatureError('INVALID_DEFINITION', `defineTransactions: ${what}`);
}
