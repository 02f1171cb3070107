/**
 * The scoring service over HTTP: a route for each of its operations, and two pages for people.
 *
 * Nothing is declared here. Routes, bounds and schemas are the service's table of operations; errors are problem documents (RFC 9457).
 */
import { type Logger, silentLogger } from '@fraudops/core';
import {
  type Answer,
  type Operation,
  PROBLEM_TYPE,
  type ProblemCode,
  type ScoringService,
  type ServiceInfo,
  problem,
} from '@fraudops/serve';
import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import { addDocsRoutes } from './docs-page.js';
import { homePage } from './home-page.js';
import { readBody } from './read-body.js';
import { writeAnswer } from './write-answer.js';
import { writePage } from './write-page.js';

/** Options of {@link fraudApi}. */
export interface FraudApiOptions {
  /** Most bytes of a body by operation id, in place of the operation's own bound: `{ predictBatch: 5_000_000 }`. */
  readonly maxBodyBytes?: Readonly<Record<string, number>>;
  /** Whether to serve the page `/docs`. Default true. */
  readonly docs?: boolean;
  /** Told of errors that nothing else caught. Default: nobody is. */
  readonly logger?: Logger;
}

/**
 * An Express router with the operations of a scoring service: `GET /`, `POST /predict`, `POST /predict/batch`, `GET /health`,
 * `GET /metrics`, `GET /openapi.json`, and the page `GET /docs`. Addresses it doesn't know go on to the app's next handler.
 *
 * It has no authentication: put yours in front, and keep `/metrics` inside.
 *
 * @example app.use('/fraud', requireToken, fraudApi(service));
 */
export function fraudApi(service: ScoringService, options: FraudApiOptions = {}): Router {
  const router = express.Router();
  const { operations } = service;
  for (const operation of operations) addRoute(router, service, operation, options);
  const docsPaths = (options.docs ?? true) ? addDocsRoutes(router) : [];
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const methods = operations.filter((operation) => operation.path === path).map(({ method }) => method.toUpperCase());
    refuseOtherMethods(router, service, path, methods);
  }
  for (const path of docsPaths) refuseOtherMethods(router, service, path, ['GET']);
  router.use(lastResort(service, options.logger));
  return router;
}

function addRoute(router: Router, service: ScoringService, operation: Operation, options: FraudApiOptions): void {
  const { id, path, method } = operation;
  const answer = async (request: Request, response: Response): Promise<void> => {
    const basePath = request.baseUrl;
    const given = await operation.handler(request.body, { basePath });
    if (id === 'home' && request.accepts(['json', 'html']) === 'html') {
      const page = homePage(given.body as ServiceInfo, {
        url: publicUrl(request),
        basePath,
        example: operationById(service, 'predict')?.requestExample,
        docs: options.docs ?? true,
      });
      response.vary('Accept');
      return writePage(response, given.status, page);
    }
    if (id === 'home') response.vary('Accept');
    writeAnswer(response, given);
  };
  if (operation.request === undefined) {
    router[method](path, answer);
    return;
  }
  const maxBytes = options.maxBodyBytes?.[id] ?? operation.maxBodyBytes ?? 1_000_000;
  const body = readBody(maxBytes, (response, code, detail) => refuse(service, response, id, code, detail));
  router[method](path, body, answer);
}

function operationById(service: ScoringService, id: string): Operation | undefined {
  return service.operations.find((operation) => operation.id === id);
}

/** Address under which the caller reaches the router. A host that is no host name is not repeated. */
function publicUrl(request: Request): string {
  const host = request.get('host') ?? '';
  return `${request.protocol}://${/^[\w.-]+(:\d+)?$|^\[[\da-fA-F:.]+\](:\d+)?$/.test(host) ? host : 'localhost'}${request.baseUrl}`;
}

function refuseOtherMethods(router: Router, service: ScoringService, path: string, methods: readonly string[]): void {
  const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  router.all(path, (request, response) => {
    response.setHeader('Allow', allowed);
    if (request.method === 'OPTIONS') response.status(204).end();
    else refuse(service, response, 'none', 'METHOD_NOT_ALLOWED', `${request.method} ${path}: use ${allowed}`);
  });
}

/** Answers with a problem that was found before the operation, and counts it. */
export function refuse(service: ScoringService, response: Response, operation: string, code: ProblemCode, detail: string): void {
  const body = problem(code, detail);
  service.countRefused(operation, body.status);
  writeAnswer(response, { status: body.status, body, contentType: PROBLEM_TYPE } satisfies Answer);
}

/** What nothing else caught: requests that Express can't read, and our own mistakes. Neither says anything about the inside. */
export function lastResort(service: ScoringService, logger: Logger = silentLogger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = (error as { status?: unknown } | null)?.status;
    const isCallers = typeof status === 'number' && status >= 400 && status < 500;
    if (isCallers) return refuse(service, response, 'none', 'BAD_REQUEST', 'the address or the headers could not be read');
    logger.error({ err: error }, 'request failed');
    refuse(service, response, 'none', 'INTERNAL', 'The service could not answer. Try again later.');
  };
}
