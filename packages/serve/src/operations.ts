/** The table of operations: all that the service can be asked, each declared once. */
import { z } from 'zod';
import type { WrittenDocument } from './cached-open-api.js';
import { type Health, healthSchema } from './health.js';
import type { Operation, RequestOrigin } from './operation.js';
import type { ProblemCode } from './problem.js';
import { type Scored, scoredSchema } from './scored.js';
import { ServeError } from './serve-error.js';
import type { TransactionRequest } from './transaction-request.js';

const JSON_TYPE = 'application/json';
/** A transaction with 100 long fields takes less. */
const MAX_SINGLE_BODY_BYTES = 100_000;
/** 1,000 transactions of 1 kB. */
const MAX_BATCH_BODY_BYTES = 1_000_000;

const BODY_PROBLEMS: readonly ProblemCode[] = ['MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'VALIDATION'];
const SERVING_PROBLEMS: readonly ProblemCode[] = ['INTERNAL', 'NO_MODEL', 'CLOSED'];

/** Schema of the answer at `/`. */
export const serviceInfoSchema = z.object({
  service: z.string(),
  health: healthSchema,
  operations: z.array(z.object({ id: z.string(), method: z.string(), path: z.string(), summary: z.string() })),
});

/** What the service is, and what it can be asked. */
export type ServiceInfo = z.infer<typeof serviceInfoSchema>;

const batchAnswerSchema = z.object({
  results: z.array(scoredSchema).meta({ description: 'One answer a transaction, in the order sent' }),
});

/** What the operations do; the service. */
export interface OperationActions {
  /** Request of the model that serves; undefined when none does. */
  readonly request: TransactionRequest | undefined;
  readonly maxBatch: number;
  score(transaction: unknown): Promise<Scored>;
  scoreBatch(transactions: readonly unknown[]): Promise<Scored[]>;
  health(): Health;
  metrics(): Promise<string>;
  readonly metricsContentType: string;
  writtenOpenApi(origin: RequestOrigin): WrittenDocument;
}

/** An operation before the service adds counting and turning errors into problems: it returns the body, and a status if it isn't 200. */
export interface OperationDeclaration extends Omit<Operation, 'handler'> {
  readonly run: (input: unknown, origin: RequestOrigin) => Promise<{ body: unknown; status?: number; text?: string }>;
}

/** The table, for the model that serves now. */
export function declareOperations(actions: OperationActions): readonly OperationDeclaration[] {
  const predictions = [predict(actions), predictBatch(actions)];
  const others = [health(actions), metrics(actions), openApi(actions)];
  return [...predictions, ...others, home(actions, [...predictions, ...others])];
}

function predict(actions: OperationActions): OperationDeclaration {
  const { request } = actions;
  return {
    id: 'predict',
    method: 'post',
    path: '/predict',
    tag: 'Scoring',
    summary: 'Score one transaction',
    description:
      'Computes the features of the transaction from what the service remembers, scores them, decides, and remembers the transaction. Fields that the schema does not name are ignored; the label is not needed.',
    request: request?.schema ?? anyTransaction,
    requestExample: request?.example ?? {},
    maxBodyBytes: MAX_SINGLE_BODY_BYTES,
    response: scoredSchema,
    contentType: JSON_TYPE,
    problems: [...BODY_PROBLEMS, ...SERVING_PROBLEMS],
    run: async (input) => ({ body: await actions.score(input) }),
  };
}

function predictBatch(actions: OperationActions): OperationDeclaration {
  const { request, maxBatch } = actions;
  return {
    id: 'predictBatch',
    method: 'post',
    path: '/predict/batch',
    tag: 'Scoring',
    summary: `Score up to ${maxBatch.toLocaleString('en-US')} transactions`,
    description:
      'Scores the transactions one after the other in the order sent, as if each came by itself; send them in order of time. All are checked first: if one breaks a rule, none is scored. Should scoring itself fail at one of them, the problem BATCH_STOPPED says at which, and has the answers for those before it.',
    request: z.object({ transactions: z.array(request?.schema ?? anyTransaction).max(maxBatch) }),
    requestExample: { transactions: [request?.example ?? {}] },
    maxBodyBytes: MAX_BATCH_BODY_BYTES,
    response: batchAnswerSchema,
    contentType: JSON_TYPE,
    problems: [...BODY_PROBLEMS, 'BATCH_TOO_LARGE', 'BATCH_STOPPED', ...SERVING_PROBLEMS],
    run: async (input) => ({ body: { results: await actions.scoreBatch(transactionsOf(input)) } }),
  };
}

const anyTransaction = z
  .record(z.string(), z.unknown())
  .meta({ description: 'No model is being served, so the fields are not known' });

function transactionsOf(input: unknown): readonly unknown[] {
  const transactions = (input as { transactions?: unknown } | null | undefined)?.transactions;
  if (Array.isArray(transactions)) return transactions;
  const issue = { field: 'transactions', rule: 'expected an array of transactions' };
  throw new ServeError('VALIDATION', 'transactions is not an array; send {"transactions": [...]}', { issues: [issue] });
}

function home(actions: OperationActions, others: readonly OperationDeclaration[]): OperationDeclaration {
  return {
    id: 'home',
    method: 'get',
    path: '/',
    tag: 'Service',
    summary: 'What this service is and what it can be asked',
    description: 'JSON; a page for people when the Accept header prefers HTML.',
    response: serviceInfoSchema,
    contentType: JSON_TYPE,
    problems: [],
    run: async () => ({
      body: {
        service: 'fraud scoring',
        health: actions.health(),
        operations: others.map(({ id, method, path, summary }) => ({ id, method: method.toUpperCase(), path, summary })),
      } satisfies ServiceInfo,
    }),
  };
}

function health(actions: OperationActions): OperationDeclaration {
  return {
    id: 'health',
    method: 'get',
    path: '/health',
    tag: 'Service',
    summary: 'Whether transactions can be scored, and by which version',
    description: '200 when a model version serves, 503 when none does. A failed look for a newer version shows as degraded.',
    response: healthSchema,
    contentType: JSON_TYPE,
    otherStatuses: { 503: 'No model is being served' },
    problems: [],
    run: async () => {
      const body = actions.health();
      return { body, status: canScore(body) ? 200 : 503 };
    },
  };
}

/** Whether a service in this state answers with scores. */
export function canScore({ status }: Health): boolean {
  return status === 'ok' || status === 'degraded';
}

function metrics(actions: OperationActions): OperationDeclaration {
  return {
    id: 'metrics',
    method: 'get',
    path: '/metrics',
    tag: 'Service',
    summary: 'Counters for Prometheus',
    description: 'Requests, latency, scores, decisions, the version that serves, failed refreshes and the decision log, as text.',
    response: z.string(),
    contentType: actions.metricsContentType,
    problems: ['INTERNAL'],
    run: async () => ({ body: await actions.metrics() }),
  };
}

function openApi(actions: OperationActions): OperationDeclaration {
  return {
    id: 'openApi',
    method: 'get',
    path: '/openapi.json',
    tag: 'Service',
    summary: 'This description, as OpenAPI 3.1',
    description: 'The schema of a transaction is the one of the model that serves.',
    response: z.record(z.string(), z.unknown()),
    contentType: JSON_TYPE,
    problems: ['INTERNAL'],
    run: async (_input, origin) => actions.writtenOpenApi(origin),
  };
}
