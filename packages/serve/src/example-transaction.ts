import type { ColumnKind } from '@fraudops/core';
import type { TransactionsDefinition } from '@fraudops/features';
import { z } from 'zod';

/** What this module reads of a field's JSON Schema. */
interface FieldSchema {
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly FieldSchema[];
}

/**
 * A transaction that a request schema accepts, for documentation: its required fields, each with its own `examples` or `enum` where the
 * schema has them, else with the first of a few plain values that the field accepts.
 */
export function exampleTransaction(
  definition: TransactionsDefinition,
  schema: z.ZodObject,
  timeMs: number,
): Record<string, unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(json.required);
  const example: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.shape)) {
    if (!required.has(name)) continue;
    const candidates = [...ownExamples(json.properties?.[name] as FieldSchema), ...plainValues(definition.kinds[name]!, timeMs)];
    example[name] = candidates.find((candidate) => field.safeParse(candidate).success) ?? null;
  }
  return example;
}

function ownExamples(field: FieldSchema): unknown[] {
  const inner = field.anyOf?.flatMap(ownExamples) ?? [];
  const bounds = [field.minimum, field.maximum].filter((bound) => bound !== undefined);
  return [...(field.examples ?? []), ...(field.enum ?? []), ...inner, ...(isPlainRange(field) ? [] : bounds)];
}

/** Whether the plain numbers have a chance, so that the example need not be a bound such as 0. */
function isPlainRange({ minimum = 0, maximum = 1000 }: FieldSchema): boolean {
  return minimum <= 1 && maximum >= 1;
}

function plainValues(kind: ColumnKind, timeMs: number): unknown[] {
  switch (kind) {
    case 'number':
      return [49.95, 10, 1, 0];
    case 'category':
      return ['1001', 'A1', 'eur', '00000000-0000-4000-8000-000000000001', 'someone@example.com'];
    case 'time':
      return [`${new Date(timeMs).toISOString().slice(0, 19)}Z`];
    default:
      return [false];
  }
}
