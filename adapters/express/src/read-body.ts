import type { ProblemCode } from '@fraudops/serve';
import express, { type Request, type RequestHandler, type Response } from 'express';

/** Told why a body can't be taken; answers in the operation's place. */
export type RefuseBody = (response: Response, code: ProblemCode, detail: string) => void;

/**
 * Reads a JSON body of at most `maxBytes`, counted after decompression, into `request.body`. Any JSON value is taken; what it has to be
 * is the operation's business.
 */
export function readBody(maxBytes: number, refuse: RefuseBody): RequestHandler {
  const parse = express.json({ limit: maxBytes, strict: false, type: () => true });
  return (request, response, next) => {
    if (mediaType(request) !== 'application/json') {
      const given = request.headers['content-type'] ?? 'missing';
      return refuse(response, 'UNSUPPORTED_MEDIA_TYPE', `Content-Type is ${given}; send application/json`);
    }
    if (!hasBody(request)) return refuse(response, 'MALFORMED_JSON', 'the body is empty; send JSON');
    parse(request, response, (error?: unknown) => {
      if (error === undefined) return next();
      const { code, detail } = explain(error, maxBytes);
      refuse(response, code, detail);
    });
  };
}

function mediaType(request: Request): string {
  return (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What Express's body parser found; `type` is its name for it. */
function explain(error: unknown, maxBytes: number): { code: ProblemCode; detail: string } {
  const { type, message } = error as { type?: string; message?: string };
  switch (type) {
    case 'entity.parse.failed':
      return { code: 'MALFORMED_JSON', detail: `${message}; send one JSON value` };
    case 'entity.too.large':
      return { code: 'BODY_TOO_LARGE', detail: `the body is larger than ${maxBytes} bytes; send less at once` };
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return { code: 'UNSUPPORTED_MEDIA_TYPE', detail: `${message}; send UTF-8, plain or compressed with gzip, deflate or br` };
    default:
      return { code: 'BAD_REQUEST', detail: 'the body could not be read; send it again' };
  }
}
