import type { z } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiResponseObject, createDocument } from 'zod-openapi';
import { healthSchema } from './health.js';
import type { Operation } from './operation.js';
import { PROBLEMS, PROBLEM_TYPE, problem, problemSchema } from './problem.js';
import { scoredSchema } from './scored.js';

/** Options of {@link openApiDocument}. */
export interface OpenApiOptions {
  title: string;
  description: string;
  version: string;
  /** Schema of one transaction, which gets a name of its own in the document. */
  transaction: z.ZodType | undefined;
}

/** The OpenAPI 3.1 document of a table of operations. */
export function openApiDocument(operations: readonly Omit<Operation, 'handler'>[], options: OpenApiOptions): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of operations)
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  const schemas = { Scored: scoredSchema, Health: healthSchema, Problem: problemSchema };
  return createDocument({
    openapi: '3.1.0',
    info: { title: options.title, description: options.description, version: options.version },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: options.transaction ? { Transaction: options.transaction, ...schemas } : schemas },
  });
}

function describe(operation: Omit<Operation, 'handler'>): ZodOpenApiOperationObject {
  const { request, requestExample, maxBodyBytes } = operation;
  const bound = maxBodyBytes === undefined ? '' : ` At most ${maxBodyBytes.toLocaleString('en-US')} bytes.`;
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.description,
    ...(request && {
      requestBody: {
        description: `JSON.${bound}`,
        required: true,
        content: {
          'application/json': { schema: request, ...(requestExample === undefined ? {} : { example: requestExample }) },
        },
      },
    }),
    responses: responsesOf(operation),
  };
}

function responsesOf(operation: Omit<Operation, 'handler'>): Record<string, ZodOpenApiResponseObject> {
  const content = { [operation.contentType.split(';')[0]!]: { schema: operation.response } };
  const responses: Record<string, ZodOpenApiResponseObject> = { 200: { description: 'Done', content } };
  for (const [status, description] of Object.entries(operation.otherStatuses ?? {})) responses[status] = { description, content };
  for (const status of new Set(operation.problems.map((code) => PROBLEMS[code].status))) {
    const codes = operation.problems.filter((code) => PROBLEMS[code].status === status);
    const titles = codes.map((code) => `${code}: ${PROBLEMS[code].title}`);
    const examples = Object.fromEntries(
      codes.map((code) => [code, { value: problem(code, 'What was wrong this time, and what to do') }]),
    );
    responses[status] = { description: titles.join('; or '), content: { [PROBLEM_TYPE]: { schema: problemSchema, examples } } };
  }
  return responses;
}
