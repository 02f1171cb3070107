import { describe, expect, it } from 'vitest';
import { type RedisLike, redisEntityStates } from './entity-states.js';
import { GET_SCRIPT_SHA1 } from './get-script.js';

const change = { key: 'card:596', bytes: Uint8Array.of(255, 10), ifVersion: undefined, version: 'first', expiresAfterMs: 1_000 };

/** A client that answers from a list, and keeps what it was asked. An error in the list is thrown. */
function scripted(...answers: unknown[]) {
  const asked: [command: string, args: (string | Buffer | number)[]][] = [];
  const client: RedisLike = {
    callBuffer: async (command, args) => {
      asked.push([command, args]);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { client, asked };
}

describe('redisEntityStates', () => {
  it('reads many states with one script', async () => {
    const { client, asked } = scripted([Buffer.from('1 v2 0123456789ab\n\n1 x'), null]);
    const states = await redisEntityStates(client).getMany(['a', 'b']);
    expect(states).toEqual([{ version: 'v2', bytes: new TextEncoder().encode('\n1 x') }, undefined]);
    expect(asked).toEqual([['EVALSHA', [GET_SCRIPT_SHA1, 2, 'fraudops:a', 'fraudops:b']]]);
  });

  it('writes many states with one script, by its name, and in full where Redis does not know it', async () => {
    const { client, asked } = scripted(1, Object.assign(new Error('NOSCRIPT No matching script.'), { name: 'ReplyError' }), 0);
    const states = redisEntityStates(client, { prefix: '{states}:' });
    expect(await states.putMany([change])).toBe(true);
    expect(await states.putMany([change])).toBe(false);
    expect(asked.map(([command]) => command)).toEqual(['EVALSHA', 'EVALSHA', 'EVAL']);
    for (const [, args] of asked) expect(args.slice(1)).toEqual([1, '{states}:card:596', '', 'first', 1_000, Buffer.of(255, 10)]);
    expect(asked[2]![1][0]).toMatch(/redis\.call\('SET'/);
  });

  it('asks nothing for no keys and no changes', async () => {
    const { client, asked } = scripted();
    expect(await redisEntityStates(client).getMany([])).toEqual([]);
    expect(await redisEntityStates(client).putMany([])).toBe(true);
    expect(asked).toEqual([]);
  });

  it('says of a put whose connection broke that its outcome is unknown', async () => {
    const { client } = scripted(new Error('Connection is closed.'), new Error('Connection is closed.'));
    await expect(redisEntityStates(client).putMany([change])).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    await expect(redisEntityStates(client).getMany(['a'])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it.each(['', '1 \nbytes', '1 version', 'x1 version\n', '1 version mark!\n', '2 version\n'])(
    'refuses the value %j as no state',
    async (value) => {
      const { client } = scripted([Buffer.from(value)]);
      await expect(redisEntityStates(client).getMany(['a'])).rejects.toMatchObject({ code: 'IO', details: { key: 'a' } });
    },
  );

  it.each(['x'.repeat(201), 'a\0', '\ud83d'])('refuses the prefix %j', (prefix) =>
    expect(() => redisEntityStates(scripted().client, { prefix })).toThrow('redisEntityStates: prefix is'),
  );

  it('refuses what is no client', () =>
    expect(() => redisEntityStates({} as RedisLike)).toThrow('redisEntityStates: client has no callBuffer'));
});
