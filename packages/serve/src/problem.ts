/**
 * What a caller is told when a request fails: an RFC 9457 problem document. One table says for each code its HTTP status and title;
 * the OpenAPI document and all adapters take them from here.
 */
import { z } from 'zod';
import { type Scored, scoredSchema } from './scored.js';
import { ServeError } from './serve-error.js';
import { validationIssueSchema } from './validation-issue.js';

/** Content type of a problem document. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Why a request failed. Those that only an HTTP adapter can find are here too, so that there is one list. */
export type ProblemCode =
  | 'VALIDATION'
  | 'BATCH_TOO_LARGE'
  | 'BATCH_STOPPED'
  | 'NO_MODEL'
  | 'CLOSED'
  | 'MALFORMED_JSON'
  | 'BAD_REQUEST'
  | 'BODY_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'INTERNAL';

/** HTTP status and title by code. */
export const PROBLEMS: Readonly<Record<ProblemCode, { readonly status: number; readonly title: string }>> = {
  VALIDATION: { status: 422, title: 'A transaction breaks a rule of its schema' },
  BATCH_TOO_LARGE: { status: 413, title: 'Too many transactions in one request' },
  BATCH_STOPPED: { status: 500, title: 'Scoring failed within the batch; the transactions before are scored' },
  NO_MODEL: { status: 503, title: 'No model is being served' },
  CLOSED: { status: 503, title: 'The service is closing' },
  MALFORMED_JSON: { status: 400, title: 'The body is not JSON' },
  BAD_REQUEST: { status: 400, title: 'The request could not be read' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body has a type or encoding that is not understood' },
  NOT_FOUND: { status: 404, title: 'There is nothing at this address' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address knows no such method' },
  INTERNAL: { status: 500, title: 'Something failed inside the service' },
};

/** Schema of {@link Problem}. */
export const problemSchema = z.object({
  type: z.string().meta({ description: 'URN of the kind of problem' }),
  title: z.string().meta({ description: 'The kind of problem in words' }),
  status: z.int().meta({ description: 'HTTP status' }),
  detail: z.string().meta({ description: 'What was wrong this time, and what to do' }),
  code: z.string().meta({ description: 'The kind of problem for programs' }),
  errors: z.array(validationIssueSchema).optional().meta({ description: 'What was wrong with the transactions; the first 100' }),
  results: z
    .array(scoredSchema)
    .optional()
    .meta({ description: 'BATCH_STOPPED: the answers for the transactions before the one that failed; do not send these again' }),
});

/** RFC 9457 problem document. */
export type Problem = z.infer<typeof problemSchema>;

/** The problem document of a code. */
export function problem(code: ProblemCode, detail: string, more: Pick<Problem, 'errors' | 'results'> = {}): Problem {
  const { status, title } = PROBLEMS[code];
  const type = `urn:fraudops:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  return { type, title, status, detail, code, ...more };
}

/** The problem document of an error. Errors that are nobody's fault but ours say nothing about themselves; log them. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ServeError && Object.hasOwn(PROBLEMS, error.code)) {
    return problem(error.code as ProblemCode, error.message, {
      ...(error.issues.length > 0 && { errors: [...error.issues] }),
      ...(error.code === 'BATCH_STOPPED' && { results: error.details['results'] as Scored[] }),
    });
  }
  return problem('INTERNAL', 'The service could not answer; its log says why. Try again later.');
}
