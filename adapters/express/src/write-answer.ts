import type { Answer } from '@fraudops/serve';
import type { Response } from 'express';

/** Writes an answer as it is, in its own text if it has one. Answers are never cached, and never guessed to be of another type. */
export function writeAnswer(response: Response, { status, body, contentType, text: given }: Answer): void {
  const text = given ?? (typeof body === 'string' && !contentType.includes('json') ? body : JSON.stringify(body));
  // Written by hand rather than by response.json(), which hashes every body for an ETag that nobody uses.
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(text);
}
