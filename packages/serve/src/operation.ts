import type { z } from 'zod';
import type { ProblemCode } from './problem.js';

/** What an operation answers. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** A JSON value, or text when the content type is not JSON. */
  readonly body: unknown;
  readonly contentType: string;
  /** `body` as it is sent, when that is known already; else adapters write it. */
  readonly text?: string;
}

/** What an adapter knows about a request besides its body. */
export interface RequestOrigin {
  /** Path under which the operations are mounted, without a slash at its end; default empty. */
  readonly basePath?: string;
}

/**
 * One thing that the service can be asked. Adapters make a route of each, and the OpenAPI document a path of each; there is no other
 * place where either is declared.
 */
export interface Operation {
  /** Name for programs, as `operationId` in OpenAPI and as the label `operation` in metrics. */
  readonly id: string;
  readonly method: 'get' | 'post';
  /** Begins with a slash and has no parameters. */
  readonly path: string;
  /** Group in the documentation. */
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  /** Schema of the JSON body, for operations that take one. Follows the model that serves. */
  readonly request?: z.ZodType;
  /** A body that the schema accepts. */
  readonly requestExample?: unknown;
  /** Most bytes of the body, decompressed. */
  readonly maxBodyBytes?: number;
  /** Schema of the body of a successful answer. */
  readonly response: z.ZodType;
  /** Content type of a successful answer. */
  readonly contentType: string;
  /** Other statuses that are answered with the same schema, with what they mean. */
  readonly otherStatuses?: Readonly<Record<number, string>>;
  /** Problems it can answer with. */
  readonly problems: readonly ProblemCode[];
  /**
   * Does it: checks the input, answers, and counts the request. Never rejects; what fails becomes a problem document. Handlers stay valid
   * when another model version takes over.
   *
   * @param input the parsed JSON body, of any shape
   */
  readonly handler: (input?: unknown, origin?: RequestOrigin) => Promise<Answer>;
}
