/**
 * An OpenAPI document and its text by base path. Making a document out of zod schemas takes some 10 ms of the event loop, so it is made
 * once, when it is first asked for; base paths come from callers' addresses, so of their texts only the last few are kept.
 */
import type { Answer } from './operation.js';

/** Most base paths whose texts are kept; each is some 10 kB. */
const MAX_TEXTS = 16;

/** A document and how it is written; frozen, since all who ask get the same one. */
export type WrittenDocument = Required<Pick<Answer, 'text'>> & { readonly body: object };

/** See the module's comment. */
export class CachedOpenApi {
  readonly #make: () => object;
  #document: object | undefined;
  readonly #written = new Map<string, WrittenDocument>();

  /** @param make gives the document; its `servers` are replaced */
  constructor(make: () => object) {
    this.#make = make;
  }

  /** The document for those who reach the operations under a path; empty for the top. */
  under(basePath: string): WrittenDocument {
    const known = this.#written.get(basePath);
    if (known) return known;
    // Copied before it is frozen: zod's registry of examples is not ours to freeze.
    this.#document ??= frozen(JSON.parse(JSON.stringify(this.#make())) as object);
    const body = Object.freeze({ ...this.#document, servers: frozen([{ url: basePath || '/' }]) });
    const written = { body, text: JSON.stringify(body) };
    const [oldest] = this.#written.keys();
    if (this.#written.size >= MAX_TEXTS && oldest !== undefined) this.#written.delete(oldest);
    this.#written.set(basePath, written);
    return written;
  }
}

function frozen<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) frozen(member as object);
  return Object.freeze(value);
}
