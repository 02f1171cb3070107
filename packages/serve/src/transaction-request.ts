/**
 * What a caller may send to be scored: the transaction schema that the model was trained with, less the label, as JSON.
 *
 * Times are ISO 8601 text (UTC when it names no zone) or epoch milliseconds. Fields that the schema doesn't name are ignored, the label
 * among them, so that a caller can send the record it has; only a `z.strictObject` refuses them. Everything else is the schema's own
 * rule.
 */
import type { Clock, Row } from '@fraudops/core';
import { MAX_SUMMED_UNITS, type TransactionsDefinition } from '@fraudops/features';
import { z } from 'zod';
import { exampleTransaction } from './example-transaction.js';
import { ServeError } from './serve-error.js';
import { MAX_ISSUES, type ValidationIssue, describeIssue, shownValue } from './validation-issue.js';

/** Reads transactions as callers send them. */
export interface TransactionRequest {
  /** Schema of one transaction, label left out. */
  readonly schema: z.ZodObject;
  /** A transaction that the schema accepts. */
  readonly example: Readonly<Record<string, unknown>>;
  /** One transaction, checked. @throws {ServeError} VALIDATION with every rule that is broken */
  read(input: unknown): Row;
  /** Many transactions, all or nothing. @throws {ServeError} VALIDATION naming index, field, value and rule of the first 100 issues */
  readBatch(inputs: readonly unknown[]): Row[];
}

/** Options of {@link transactionRequest}. */
export interface TransactionRequestOptions {
  /** Time of the example, epoch milliseconds. */
  exampleTimeMs: number;
  /** Now, for `maxAheadMs`. */
  clock: Clock;
  /** How far a transaction's time may be ahead of the clock; a time in the far future would make all later ones look late. */
  maxAheadMs: number;
  /** Number fields that the features add up. */
  summed: ReadonlySet<string>;
}

/** The request that fits a definition of transactions. */
export function transactionRequest(definition: TransactionsDefinition, options: TransactionRequestOptions): TransactionRequest {
  const names = Object.keys(definition.kinds);
  const schema = requestSchema(definition);
  const bounds = numberBounds(definition, options.summed);
  const readInto = (input: unknown, index: number | undefined, issues: ValidationIssue[]): Row => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) issues.push(issueOf(issue, input, index));
      return {};
    }
    const row: Record<string, Row[string]> = {};
    for (const name of names) row[name] = (parsed.data[name] as Row[string] | undefined) ?? null;
    requireNotAhead(row, index, issues);
    for (const { name, largest, why } of bounds) {
      const value = row[name];
      if (typeof value !== 'number' || Math.abs(value) <= largest) continue;
      issues.push(place(index, name, value, `expected ${value > 0 ? 'at most ' : 'at least -'}${largest}, ${why}`));
    }
    return row;
  };
  const requireNotAhead = (row: Row, index: number | undefined, issues: ValidationIssue[]): void => {
    const time = row[definition.time] as Date;
    const latestMs = options.clock.now() + options.maxAheadMs;
    if (time.getTime() <= latestMs) return;
    const rule = `at most ${options.maxAheadMs} ms after the service's clock, so until ${new Date(latestMs).toISOString()}`;
    issues.push(place(index, definition.time, time, rule));
  };
  return {
    schema,
    example: exampleTransaction(definition, schema, options.exampleTimeMs),
    read: (input) => {
      const issues: ValidationIssue[] = [];
      const row = readInto(input, undefined, issues);
      if (issues.length > 0) throw validationError(issues, 'correct it and send it again');
      return row;
    },
    readBatch: (inputs) => {
      const issues: ValidationIssue[] = [];
      const rows: Row[] = [];
      for (let i = 0; i < inputs.length && issues.length < MAX_ISSUES; i++) rows.push(readInto(inputs[i], i, issues));
      if (issues.length > 0)
        throw validationError(issues, 'no transaction of the batch was scored; correct it and send all again');
      return rows;
    },
  };
}

/** The definition's schema without its label. A strict schema stays strict; checks of the whole object are not kept. */
function requestSchema({ schema, label }: TransactionsDefinition): z.ZodObject {
  const shape = Object.fromEntries(Object.entries(schema.shape).filter(([name]) => name !== label?.field));
  return schema.def.catchall instanceof z.ZodNever ? z.strictObject(shape) : z.object(shape);
}

interface NumberBound {
  readonly name: string;
  /** Largest size. */
  readonly largest: number;
  readonly why: string;
}

/** What features can hold: float32 for every number, and for those that they add up so little that sums stay exact. */
function numberBounds({ fields }: TransactionsDefinition, summed: ReadonlySet<string>): NumberBound[] {
  return Object.values(fields)
    .filter(({ kind }) => kind === 'number')
    .map(({ name, resolution }) => {
      const units = summed.has(name) && resolution !== undefined ? resolution * MAX_SUMMED_UNITS : Number.POSITIVE_INFINITY;
      return units < MAX_FLOAT32
        ? { name, largest: units, why: 'so that sums of many transactions stay exact' }
        : { name, largest: MAX_FLOAT32, why: 'as features are 32-bit numbers' };
    });
}

const MAX_FLOAT32 = 3.4028234663852886e38;

function issueOf(issue: z.core.$ZodIssue, input: unknown, index: number | undefined): ValidationIssue {
  let value = input;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return place(index, issue.path.map(String).join('.'), value, ruleOf(issue, value));
}

/** The rule in the caller's terms, who sent JSON. */
function ruleOf(issue: z.core.$ZodIssue, value: unknown): string {
  // A Date that holds no time is what became of a number.
  if (issue.code === 'invalid_type' && issue.expected === 'date' && (typeof value === 'number' || value instanceof Date))
    return `expected a time from ${EARLIEST} to ${LATEST}`;
  return issue.message.replace(/^Invalid input: /, '').replace(/, received undefined$/, '');
}

/** What a Date can hold (ECMA-262, 21.4.1.1). */
const [EARLIEST, LATEST] = [-8.64e15, 8.64e15].map((epochMs) => new Date(epochMs).toISOString());

function place(index: number | undefined, field: string, value: unknown, rule: string): ValidationIssue {
  const shown = shownValue(value);
  return { ...(index === undefined ? {} : { index }), field, ...(shown === undefined ? {} : { value: shown }), rule };
}

function validationError(issues: readonly ValidationIssue[], whatToDo: string): ServeError {
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new ServeError('VALIDATION', `${describeIssue(issues[0]!)}${more}; ${whatToDo}`, {
    issues: issues.slice(0, MAX_ISSUES),
  });
}
