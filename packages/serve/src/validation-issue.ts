import { z } from 'zod';

/** Most issues that one answer lists. */
export const MAX_ISSUES = 100;

/** Schema of {@link ValidationIssue}. */
export const validationIssueSchema = z.object({
  index: z
    .int()
    .optional()
    .meta({ description: 'Position of the transaction in the batch, from 0; absent for a single transaction' }),
  field: z.string().meta({ description: 'Name of the field; empty when the whole value is wrong' }),
  value: z.unknown().optional().meta({ description: 'The offending value, shortened; absent when the field is missing' }),
  rule: z.string().meta({ description: 'The rule that it breaks' }),
});

/** One rule that one field of one transaction breaks. */
export type ValidationIssue = z.infer<typeof validationIssueSchema>;

/** An issue as a sentence: `transactions[3].AMOUNT is -5: Too small: expected number to be >=0`. */
export function describeIssue(issue: ValidationIssue): string {
  const item = issue.index === undefined ? '' : `transactions[${issue.index}]`;
  const place = [item, issue.field].filter((part) => part !== '').join('.') || 'the transaction';
  return issue.value === undefined
    ? `${place} is missing: ${issue.rule}`
    : `${place} is ${JSON.stringify(issue.value)}: ${issue.rule}`;
}

/** A value as an answer may repeat it: numbers, flags and null as they are, text cut to 100 characters, the rest by its kind. */
export function shownValue(value: unknown): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return value.length > 100 ? `${value.slice(0, 100)}...` : value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  return Array.isArray(value) ? `array of ${value.length}` : typeof value;
}
