/** Reading saved data back: what isn't of its form is refused, with the first few reasons. */
import { z } from 'zod';
import { FeatureError } from './feature-error.js';

/** Most reasons that a message lists. */
const MOST_REASONS = 10;

/**
 * The data as its schema gives it.
 *
 * @param where who asks, for the message
 * @param advice what to do instead
 * @throws {FeatureError} INVALID_JSON
 */
export function parseSaved<Schema extends z.ZodType>(
  where: string,
  schema: Schema,
  json: unknown,
  advice: string,
): z.output<Schema> {
  let parsed: z.ZodSafeParseResult<z.output<Schema>>;
  try {
    parsed = schema.safeParse(json);
  } catch (cause) {
    // Hundreds of thousands of wrong values overflow zod's stack.
    throw new FeatureError('INVALID_JSON', `${where}: almost nothing of it has the expected form; ${advice}`, {}, cause);
  }
  if (parsed.success) return parsed.data;
  throw new FeatureError('INVALID_JSON', `${where}: ${reasons(parsed.error)}; ${advice}`);
}

/** The first reasons of a schema's refusal. */
export function reasons(error: z.ZodError): string {
  const shown = z.prettifyError(new z.ZodError(error.issues.slice(0, MOST_REASONS)));
  const more = error.issues.length - MOST_REASONS;
  return more > 0 ? `${shown}\nand ${more} more` : shown;
}
