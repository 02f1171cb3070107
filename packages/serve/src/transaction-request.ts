/**
 * What a caller may send to be scored: the transaction schema that the model was trained with, less the label, as JSON.
 *
 * Times are ISO 8601 text (UTC when it names no zone) or epoch milliseconds. Fields that the schema doesn't name are ignored, the label
 * among them, so that a caller can send the record it has; only a `z.strictObject` refuses them. Everything else is the schema's own
 * rule.
 */
import type { Clock, Row } from '@fraudops/core';
import type { TransactionsDefinition } from '@fraudops/features';
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
}

/** The request that fits a definition of transactions. */
export function transactionRequest(definition: TransactionsDefinition, options: TransactionRequestOptions): TransactionRequest {
  const names = Object.keys(definition.kinds);
  const schema = requestSchema(definition);
  const bounds = numberBounds(definition);
  const readInto = (input: unknown, index: number | undefined, issues: ValidationIssue[]): Row => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) issues.push(issueOf(issue, input, index));
      return {};
    }
    const row: Record<string, Row[string]> = {};
    for (const name of names) row[name] = (parsed.data[name] as Row[string] | undefined) ?? null;
    requireNotAhead(row, index, issues);
    for (const { name, largest } of bounds) {
      const value = row[name];
      if (typeof value === 'number' && Math.abs(value) > largest)
        issues.push(place(index, name, value, `at most ${largest} in size`));
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

/** What features can hold: float32 for every number, and whole multiples of the resolution for those that are added up. */
function numberBounds({ fields }: TransactionsDefinition): { name: string; largest: number }[] {
  return Object.values(fields)
    .filter(({ kind }) => kind === 'number')
    .map(({ name, resolution }) => ({
      name,
      largest: Math.min(MAX_FLOAT32, (resolution ?? MAX_FLOAT32) * Number.MAX_SAFE_INTEGER),
    }));
}

const MAX_FLOAT32 = 3.4028234663852886e38;

function issueOf(issue: z.core.$ZodIssue, input: unknown, index: number | undefined): ValidationIssue {
  let value = input;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  // zod speaks of JavaScript's undefined, the caller of JSON.
  const rule = issue.message.replace(/^Invalid input: /, '').replace(/, received undefined$/, '');
  return place(index, issue.path.map(String).join('.'), value, rule);
}

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
