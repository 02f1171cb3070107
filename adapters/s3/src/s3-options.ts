/** The options of a store in S3: checked, with their defaults filled in, and the client that they ask for. */
import { randomUUID } from 'node:crypto';
import { type S3Client, S3Client as Client } from '@aws-sdk/client-s3';
import { FraudOpsError, type OptionKinds, isValidKey, optionProblem, seededRandom } from '@fraudops/core';
import type { Patience } from './retrying.js';

/** What the store needs of a client: that of `@aws-sdk/client-s3`, or anything that sends its commands. */
export type S3ClientLike = Pick<S3Client, 'send'>;

/** Options of `s3Store`. */
export interface S3StoreOptions {
  readonly bucket: string;
  /** Keys lie under it, as `prefix/key`: up to 300 characters by the rules of keys. Default: none, keys are the names of objects. */
  readonly prefix?: string;
  /** A client of one's own, which the store does not close. Else the store makes one from the three options that follow. */
  readonly client?: S3ClientLike;
  /** Default: what the SDK finds (`AWS_REGION`, the shared configuration). */
  readonly region?: string;
  /** Address of another server that speaks S3's protocol, such as `http://localhost:9000`; without user and password. */
  readonly endpoint?: string;
  /** Whether the bucket is the first part of the path, not of the host's name. Default: true with an endpoint. */
  readonly forcePathStyle?: boolean;
  /** How S3 encrypts what is put. Default: as the bucket says. */
  readonly serverSideEncryption?: 'AES256' | 'aws:kms';
  /** The key for `aws:kms`: its id, ARN or alias. Default: the account's key for S3. */
  readonly kmsKeyId?: string;
  /** Largest blob, in bytes; up to 5 GiB. A put above it fails with TOO_LARGE, and so does a get. Default 1 GiB. */
  readonly maxBlobBytes?: number;
  /** Blobs above this many bytes are sent in parts of this size, 5 MiB to 1 GiB. Default 16 MiB. */
  readonly partBytes?: number;
  /** Parts of one blob on their way at once, 1 to 16. Default 4. */
  readonly parallelParts?: number;
  /** Tries of one request, 1 to 10. Default 5. */
  readonly attempts?: number;
  /** Longest wait before the second try, in milliseconds; it doubles with each one, up to 5 s. Default 100. */
  readonly firstWaitMs?: number;
  /** Time for one try, in milliseconds; one second more for each 1,000,000 bytes. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What a store runs on. */
export interface S3Place extends Patience {
  readonly client: S3ClientLike;
  readonly bucket: string;
  /** Empty, or ending in a slash. */
  readonly prefix: string;
  /** Members of each request that makes an object. */
  readonly encryption: { readonly ServerSideEncryption?: 'AES256' | 'aws:kms'; readonly SSEKMSKeyId?: string };
  readonly maxBlobBytes: number;
  readonly partBytes: number;
  readonly parallelParts: number;
  /** Ends the connections of a client that the store made. */
  close(): void;
}

const OPTION_KINDS: OptionKinds<S3StoreOptions> = {
  bucket: 'text',
  prefix: 'text',
  client: 'checked',
  region: 'text',
  endpoint: 'text',
  forcePathStyle: 'flag',
  serverSideEncryption: 'text',
  kmsKeyId: 'text',
  maxBlobBytes: 'checked',
  partBytes: 'checked',
  parallelParts: 'checked',
  attempts: 'checked',
  firstWaitMs: 'checked',
  timeoutMs: 'checked',
};

const MIB = 2 ** 20;
const MAX_PREFIX_LENGTH = 300;

/** Checks the options and makes the client. @throws {FraudOpsError} INVALID_OPTION, naming the option */
export function s3Place(options: S3StoreOptions): S3Place {
  const problem = optionProblem(options, OPTION_KINDS);
  if (problem) throw invalidOption(problem);
  const { bucket, prefix = '', serverSideEncryption, kmsKeyId } = options;
  requireBucket(bucket);
  requirePrefix(prefix);
  requireEncryption(serverSideEncryption, kmsKeyId);
  const limits = {
    maxBlobBytes: whole(options, 'maxBlobBytes', 2 ** 30, [1, 5 * 2 ** 30]),
    partBytes: whole(options, 'partBytes', 16 * MIB, [5 * MIB, 2 ** 30]),
    parallelParts: whole(options, 'parallelParts', 4, [1, 16]),
    attempts: whole(options, 'attempts', 5, [1, 10]),
    firstWaitMs: whole(options, 'firstWaitMs', 100, [0, 60_000]),
    timeoutMs: whole(options, 'timeoutMs', 30_000, [1, 3_600_000]),
  };
  return {
    ...limits,
    ...clientFrom(options),
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    encryption: {
      ...(serverSideEncryption && { ServerSideEncryption: serverSideEncryption }),
      ...(kmsKeyId && { SSEKMSKeyId: kmsKeyId }),
    },
    // Writers that wait for different times get out of each other's way, so each has a seed of its own.
    random: seededRandom(randomUUID()),
  };
}

function clientFrom(options: S3StoreOptions): Pick<S3Place, 'client' | 'close'> {
  const { client, region, endpoint, forcePathStyle } = options;
  if (client !== undefined) {
    if (typeof client?.send !== 'function') throw invalidOption('options.client is no client: it has no method send');
    const second = (['region', 'endpoint', 'forcePathStyle'] as const).find((name) => options[name] !== undefined);
    if (second) throw invalidOption(`options.${second} is for a client that the store makes; give it to the client`);
    return { client, close: () => {} };
  }
  if (endpoint !== undefined) requireEndpoint(endpoint);
  const made = new Client({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
    // The store sends again by itself, and verifies what it reads by a hash of its own.
    maxAttempts: 1,
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { client: made, close: () => made.destroy() };
}

function requireBucket(bucket: unknown): void {
  // Also the ARN of an access point, which the SDK takes in its place.
  const isName =
    typeof bucket === 'string' && (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || /^arn:[\w:/.-]{1,300}$/.test(bucket));
  if (!isName)
    throw invalidOption(`options.bucket is ${shown(bucket)}, expected 3 to 63 small letters, digits, dots and dashes, or an ARN`);
  if (bucket.endsWith('--x-s3'))
    throw invalidOption(`options.bucket is ${shown(bucket)}, a directory bucket: its lists have no order`);
}

function requirePrefix(prefix: string): void {
  if (prefix === '' || (prefix.length <= MAX_PREFIX_LENGTH && isValidKey(prefix))) return;
  throw invalidOption(
    `options.prefix is ${shown(prefix)}, expected at most ${MAX_PREFIX_LENGTH} characters by the rules of keys, without a slash at either end`,
  );
}

function requireEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '';
  // The text is not shown: it may hold a password.
  if (!isPlain) throw invalidOption('options.endpoint is no address such as https://s3.example.com, without user and password');
}

function requireEncryption(encryption: string | undefined, kmsKeyId: string | undefined): void {
  if (encryption !== undefined && encryption !== 'AES256' && encryption !== 'aws:kms')
    throw invalidOption(`options.serverSideEncryption is ${shown(encryption)}, expected AES256 or aws:kms`);
  if (kmsKeyId !== undefined && encryption !== 'aws:kms')
    throw invalidOption('options.kmsKeyId is given, expected serverSideEncryption to be aws:kms then');
}

function whole(
  options: S3StoreOptions,
  name: 'maxBlobBytes' | 'partBytes' | 'parallelParts' | 'attempts' | 'firstWaitMs' | 'timeoutMs',
  usual: number,
  [least, most]: readonly [number, number],
): number {
  const value = options[name] ?? usual;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidOption(`options.${name} is ${shown(value)}, expected a whole number from ${least} to ${most}`);
}

const shown = (value: unknown) => JSON.stringify(typeof value === 'string' ? value.slice(0, 100) : String(value));

function invalidOption(problem: string): FraudOpsError {
  return new FraudOpsError('INVALID_OPTION', `s3Store: ${problem}`);
}
