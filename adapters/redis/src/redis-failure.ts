/** What a failed command of Redis means to whoever uses a store on it. */
import { StoreError, type StoreErrorCode } from '@fraudops/core';

/** Whether the command that failed could have changed anything. */
type RedisOperation = 'read' | 'write';

/** Replies that pass by themselves: Redis starts, fails over, moves slots, or runs somebody's long script. */
const PASSING = new Set(['LOADING', 'BUSY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'NOREPLICAS', 'READONLY', 'UNBLOCKED']);

const LASTING: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  OOM: ['NO_SPACE', 'the memory that Redis may use (maxmemory) is full'],
  CROSSSLOT: [
    'UNSUPPORTED',
    'in a cluster the keys of one call must be in one slot; put a hash tag into the prefix, such as "{states}:"',
  ],
  WRONGTYPE: ['IO', 'the key holds something that is no state; choose a prefix that nothing else uses'],
  FOREIGN: ['IO', 'the key holds something that is no state; choose a prefix that nothing else uses'],
  NOAUTH: ['IO', 'the client must log in'],
  WRONGPASS: ['IO', 'the client must log in'],
  NOPERM: ['IO', 'the user may not run GET, GETRANGE, SET, EVAL and EVALSHA on these keys'],
  MISCONF: ['IO', 'Redis takes no writes while it can’t save them to disk'],
};

/** What ioredis says when it refuses to send: then nothing was written. */
const NEVER_SENT = 'enableOfflineQueue options is false';

/**
 * A failure as a {@link StoreError}. A write whose connection broke is UNKNOWN_OUTCOME. So is one that Redis put off: clients send a
 * command again after a reconnect, so that the first attempt may have been carried out.
 *
 * | what failed | of a read | of a write |
 * |---|---|---|
 * | the connection, a time-out, too many reconnects | UNAVAILABLE | UNKNOWN_OUTCOME |
 * | not sent: no connection, and no offline queue | UNAVAILABLE | UNAVAILABLE |
 * | LOADING, BUSY, READONLY and other replies that pass | UNAVAILABLE | UNKNOWN_OUTCOME |
 * | OOM | NO_SPACE | NO_SPACE |
 * | CROSSSLOT | UNSUPPORTED | UNSUPPORTED |
 * | any other reply | IO | IO |
 */
export function redisFailure(call: string, operation: RedisOperation, error: unknown): StoreError {
  const message = error instanceof Error ? error.message : String(error);
  const reply = replyCode(error, message);
  const fail = (code: StoreErrorCode, advice: string) =>
    new StoreError(code, `${call}: ${advice} (${message})`, { details: { reply }, cause: error });

  if (reply !== undefined && !PASSING.has(reply)) return fail(...(LASTING[reply] ?? ['IO', 'Redis refused the command']));
  if (operation === 'read' || message.includes(NEVER_SENT)) return fail('UNAVAILABLE', 'Redis can’t be reached now; try again');
  return fail('UNKNOWN_OUTCOME', 'whether this was written is unknown; give the same changes again');
}

/** The first word of an error reply, such as `OOM`; undefined when there was no reply. */
function replyCode(error: unknown, message: string): string | undefined {
  if ((error as { name?: unknown } | null)?.name !== 'ReplyError') return undefined;
  return /^[A-Z]+\b/.exec(message)?.[0] ?? 'ERR';
}
