/** What a failed request to S3 means: whether it was carried out, whether it may be sent again, and what to tell whoever uses the store. */
import { StoreError, type StoreErrorCode } from '@fraudops/core';

/**
 * What became of a request.
 *
 * | kind | what happened | example |
 * |---|---|---|
 * | `absent` | S3 has no such object | 404 NoSuchKey |
 * | `refused` | the condition does not hold | 412 |
 * | `raced` | another request for the key was under way; nothing was done | 409 ConditionalRequestConflict |
 * | `passing` | nothing was done; the same request may succeed soon | 503 SlowDown, ECONNREFUSED |
 * | `lost` | nobody knows: it was sent, and no proper answer came | ECONNRESET, a time-out, 500, an answer that broke off |
 * | `final` | nothing was done, and it will be the same next time | 403, 404 NoSuchBucket |
 */
export interface S3Failure {
  readonly kind: 'absent' | 'refused' | 'raced' | 'passing' | 'lost' | 'final';
  /** What S3, the SDK or the system calls it. */
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
  /** Whether the client itself sent the request again, so that an earlier one may have been carried out. */
  readonly repeated: boolean;
  /** Set when the failure is known in the store's own terms already. */
  readonly storeError: StoreError | undefined;
}

const ABSENT: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound', 'NoSuchVersion']);
const PASSING: ReadonlySet<string> = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'BandwidthLimitExceeded',
  // The bytes did not arrive, or not as they were sent.
  'RequestTimeout',
  'IncompleteBody',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'DamagedBody',
  // No connection could be made.
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const RACED: ReadonlySet<string> = new Set(['ConditionalRequestConflict', 'OperationAborted']);
/** Codes of S3 and of servers that speak its protocol. */
const FULL: ReadonlySet<string> = new Set([
  'QuotaExceeded',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
  'InsufficientStorage',
]);
const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'Forbidden',
  'AllAccessDisabled',
  'AccountProblem',
  'MethodNotAllowed',
]);
const LONGEST_MESSAGE = 500;

/** What an error that the client threw says about its request. */
export function s3FailureOf(error: unknown): S3Failure {
  const { $fault, $metadata, $response, name = 'Error', code, message } = (error ?? {}) as Partial<SdkError>;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const found = status === undefined ? (code ?? name) : name;
  const kind = kindOf(found, status, Boolean(code ?? $metadata ?? $response));
  // An answer whose body broke off has a status, but nobody knows of what: 404 may stand for the object or for the bucket.
  const isBroken = kind === 'final' && $response !== undefined && $fault === undefined;
  return {
    kind: error instanceof StoreError ? 'final' : isBroken ? 'lost' : kind,
    name: found,
    status,
    message: withoutSecrets(message ?? String(error)),
    repeated: ($metadata?.attempts ?? 1) > 1,
    storeError: error instanceof StoreError ? error : undefined,
  };
}

/** The members of the SDK's errors and of system errors that count here. */
interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  /** Whose fault it is, of errors that S3 described in its answer. */
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $response: { readonly statusCode?: number };
}

function kindOf(name: string, status: number | undefined, wasSent: boolean): S3Failure['kind'] {
  if (PASSING.has(name) || status === 429) return 'passing';
  if (RACED.has(name) || (status === 409 && !name.startsWith('Bucket'))) return 'raced';
  if (ABSENT.has(name)) return 'absent';
  if (status === 412) return 'refused';
  if (FULL.has(name) || status === 507) return 'final';
  if (name === 'TimeoutError' || name === 'AbortError') return 'lost';
  // Without a status S3 did not answer, and with one below 300 the answer broke off. What was not sent at all, such as a request
  // without credentials, has none of the SDK's members.
  if (status === undefined) return wasSent && !isCertificateProblem(name) ? 'lost' : 'final';
  return status >= 500 || status < 300 ? 'lost' : 'final';
}

/** The connection was refused by this side, before anything was sent. */
function isCertificateProblem(name: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO|ERR_INVALID/.test(name);
}

/** Messages are S3's own words; an access key's id has no business in a log all the same. */
function withoutSecrets(message: string): string {
  return message.slice(0, LONGEST_MESSAGE).replaceAll(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '***');
}

/**
 * The error of a request that was not carried out, or of a read.
 *
 * @param call such as `put models/fraud/log/00000001.json`
 * @param effect whether the request would have changed anything
 */
export function storeErrorOf(call: string, effect: 'read' | 'write', failure: S3Failure): StoreError {
  const [code, advice] = meaningOf(failure, effect);
  return failure.storeError ?? errorWith(code, `${call}: ${advice}`, failure);
}

/** The error of a write of which nobody knows whether it was carried out. */
export function unknownOutcome(call: string, advice: string, failure: S3Failure): StoreError {
  return errorWith('UNKNOWN_OUTCOME', `${call}: ${advice}`, failure);
}

function errorWith(code: StoreErrorCode, text: string, { name, status, message }: S3Failure): StoreError {
  // The client's own error is not passed on: it holds headers, and with them what the request was signed with.
  const words = [...new Set([status === undefined ? name : `${status} ${name}`, message])].filter((word) => word !== '');
  return new StoreError(code, `${text} (${words.join(': ')})`, { details: { s3: name, status } });
}

function meaningOf({ kind, name, status }: S3Failure, effect: 'read' | 'write'): readonly [StoreErrorCode, string] {
  if (FULL.has(name) || status === 507) return ['NO_SPACE', 'the bucket may hold no more'];
  if (name === 'DamagedBody') return ['CORRUPT', 'the bytes have another SHA-256 than those that were put; restore them'];
  if (name === 'EntityTooLarge') return ['TOO_LARGE', 'S3 takes no object of this size'];
  if (name === 'NoSuchBucket') return ['IO', 'there is no such bucket; make it, or name another'];
  if (name === 'NotImplemented') return ['UNSUPPORTED', 'this server lacks a part of S3 that the store needs'];
  if (status === 301 || status === 307 || name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed')
    return ['IO', 'the bucket is in another region; give that one'];
  if (DENIED.has(name) || status === 403) return deniedMeaning(name, effect);
  if (kind === 'passing' || kind === 'raced' || kind === 'lost') return ['UNAVAILABLE', 'S3 does not answer now; try again'];
  if (status === undefined) return ['IO', 'the request could not be sent; are region, endpoint and credentials set?'];
  return ['IO', 'S3 refused the request'];
}

function deniedMeaning(name: string, effect: 'read' | 'write'): readonly [StoreErrorCode, string] {
  if (!DENIED.has(name)) return ['IO', 'S3 refused the credentials'];
  if (effect === 'write') return ['READ_ONLY', 'these credentials may not write here; the README lists what they need'];
  // S3 says so of a missing object too, to those who may not list the bucket.
  return ['IO', 'these credentials may not read this; they need s3:GetObject, and s3:ListBucket to tell what is missing'];
}
