import { describe, expect, it } from 'vitest';
import { redisFailure } from './redis-failure.js';

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('redisFailure', () => {
  // Replies of Redis 7.0, other messages of ioredis 6.0.0.
  it.each([
    [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [new Error('Connection is closed.'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [new Error('Command timed out'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [new Error('Reached the max retries per request limit (which is 20).'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'UNAVAILABLE', 'UNAVAILABLE'],
    [reply('LOADING Redis is loading the dataset in memory'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [reply("READONLY You can't write against a read only replica."), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [reply("OOM command not allowed when used memory > 'maxmemory'."), 'NO_SPACE', 'NO_SPACE'],
    [reply("CROSSSLOT Keys in request don't hash to the same slot"), 'UNSUPPORTED', 'UNSUPPORTED'],
    [reply('WRONGTYPE Operation against a key holding the wrong kind of value'), 'IO', 'IO'],
    [reply('NOAUTH Authentication required.'), 'IO', 'IO'],
    [reply("ERR unknown command 'EVALSHA'"), 'IO', 'IO'],
  ])('%s is %s of a read and %s of a write', (error, read, write) => {
    expect(redisFailure('getMany', 'read', error).code).toBe(read);
    expect(redisFailure('putMany', 'write', error).code).toBe(write);
  });

  it('keeps the error, and says what to do', () => {
    const cause = reply("CROSSSLOT Keys in request don't hash to the same slot");
    const failure = redisFailure('putMany', 'write', cause);
    expect(failure.message).toMatch(
      /^putMany: in a cluster .* put a hash tag into the prefix, such as "\{states\}:" \(CROSSSLOT/,
    );
    expect(failure).toMatchObject({ cause, retryable: false, details: { reply: 'CROSSSLOT' } });
  });
});
