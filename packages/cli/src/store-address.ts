/** What `--store` names: a folder, a bucket of S3, or a database of Postgres. */
import { UsageError } from './command.js';

/** An address that was taken apart. */
export type StoreAddress =
  | { readonly kind: 'folder'; readonly directory: string }
  | { readonly kind: 's3'; readonly options: S3Address }
  /** `url` is what the client connects to, its password included. */
  | { readonly kind: 'postgres'; readonly url: string; readonly schema?: string };

/** Where in S3, by the names of the store's own options. */
export interface S3Address {
  readonly bucket: string;
  readonly prefix?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly serverSideEncryption?: string;
  readonly kmsKeyId?: string;
}

const S3_QUERY = ['region', 'endpoint', 'serverSideEncryption', 'kmsKeyId'] as const;
const EXPECTED = 'expected a folder, s3://bucket/prefix, or postgres://user@host:port/database';

/**
 * Takes an address apart. What has no scheme is a folder.
 *
 * @throws {UsageError} for another scheme, or a wrong form; no text that may hold a password is shown
 * @example parseStoreAddress('s3://models/fraud?region=eu-central-1');
 */
export function parseStoreAddress(text: string): StoreAddress {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return { kind: 'folder', directory: text };
    case 's3':
      return parseS3(text);
    case 'postgres':
    case 'postgresql':
      return parsePostgres(text);
    default:
      // A folder may have a colon in its name; an address of something has two slashes behind it.
      if (!text.slice(scheme.length).startsWith('://')) return { kind: 'folder', directory: text };
      throw new UsageError(`--store is an address of ${JSON.stringify(scheme)}, ${EXPECTED}.`);
  }
}

/** An address as it may be printed: without user, password and query where there can be a password among them. */
export function shownStore(text: string): string {
  const address = parseStoreAddress(text);
  if (address.kind === 'folder') return address.directory;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}

function parseS3(text: string): StoreAddress {
  const form = 's3://bucket/prefix?region=REGION&endpoint=URL';
  const url = requireUrl(text, form);
  if (url.hostname === '') throw notOfForm(form);
  if (url.username !== '' || url.password !== '' || url.port !== '')
    throw new UsageError(
      '--store: an address of S3 has no user, password or port; credentials are found as by the AWS command line.',
    );
  const query = queryOf(url, S3_QUERY);
  const prefix = decodeURIComponent(url.pathname).replaceAll(/^\/|\/$/g, '');
  return { kind: 's3', options: { bucket: url.hostname, ...(prefix !== '' && { prefix }), ...query } };
}

function parsePostgres(text: string): StoreAddress {
  const url = requireUrl(text, 'postgres://user@host:port/database?schema=NAME');
  const schema = url.searchParams.get('schema');
  if (schema === null) return { kind: 'postgres', url: text };
  url.searchParams.delete('schema');
  return { kind: 'postgres', url: url.href, schema };
}

function requireUrl(text: string, form: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^[a-z0-9]+:\/\//i.test(text) || !isDecodable(url.pathname)) throw notOfForm(form);
  return url;
}

function notOfForm(form: string): UsageError {
  const message = `--store is no address of the form ${form}; characters such as @ and : in a password are written as %40 and %3A.`;
  return new UsageError(message);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function queryOf<Name extends string>(url: URL, names: readonly Name[]): { readonly [Member in Name]?: string } {
  for (const name of url.searchParams.keys()) {
    if (!(names as readonly string[]).includes(name))
      throw new UsageError(
        `--store: ${JSON.stringify(name.slice(0, 100))} is nothing an address of S3 knows; it knows ${names.join(', ')}.`,
      );
  }
  return Object.fromEntries(url.searchParams) as { readonly [Member in Name]?: string };
}
