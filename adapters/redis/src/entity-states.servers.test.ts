import { randomUUID } from 'node:crypto';
import {
  type EntityStatesServer,
  cutConnectionsContract,
  entityStatesContract,
  sharedFeaturesContract,
} from '@fraudops/features/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { redisEntityStates } from './entity-states.js';

const url = new URL(process.env.FRAUDOPS_TEST_REDIS!);
const address = { host: url.hostname, port: Number(url.port) };
const direct = new Redis(address);
afterAll(() => direct.disconnect());

/** Options of ioredis on which it depends what becomes of a command whose connection is cut. */
interface CutOptions {
  readonly retryStrategy?: () => number;
  readonly maxRetriesPerRequest?: number;
  readonly autoResendUnfulfilledCommands?: boolean;
}

/** A place under a prefix of its own. */
function placeFor(options: CutOptions): EntityStatesServer {
  const prefix = `${randomUUID()}:`;
  const clients: Redis[] = [];
  const openAt: EntityStatesServer['openAt'] = (at) => {
    const client = new Redis(at.port, at.host, options);
    // Without a listener ioredis prints that a connection was cut.
    client.on('error', () => {});
    clients.push(client);
    return redisEntityStates(client, { prefix });
  };
  const dispose = async () => {
    for (const client of clients) client.disconnect();
    const keys = await direct.keys(`${prefix}*`);
    if (keys.length > 0) await direct.del(keys);
  };
  return { address, openAt, open: () => openAt(address), dispose };
}

const change = (key: string, ifVersion?: string) => ({
  key,
  bytes: new TextEncoder().encode('state'),
  ifVersion,
  version: randomUUID(),
  expiresAfterMs: 60_000,
});

entityStatesContract('redisEntityStates', { describe, it }, async () => placeFor({}));
sharedFeaturesContract('redisEntityStates', { describe, it }, async () => placeFor({}));

const retryStrategy = () => 5;
cutConnectionsContract('redisEntityStates of a client that sends again', { describe, it }, async () =>
  placeFor({ retryStrategy }),
);
cutConnectionsContract('redisEntityStates of a client that does not', { describe, it }, async () =>
  placeFor({ retryStrategy, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false }),
);

describe('redisEntityStates on a server', () => {
  it('goes on when Redis forgets the script', async () => {
    const states = placeFor({}).open();
    expect(await states.putMany([change('a')])).toBe(true);
    await direct.script('FLUSH');
    expect(await states.putMany([change('a')])).toBe(false);
    expect(await states.putMany([change('b')])).toBe(true);
  });

  it('keeps a state as one string: a line with its versions, and the bytes; it lives as long as it should', async () => {
    const states = redisEntityStates(direct, { prefix: `${randomUUID()} line:` });
    const first = change('a');
    await states.putMany([first]);
    const second = change('a', first.version);
    await states.putMany([second]);
    const [key] = await direct.keys('* line:a');
    expect(await direct.get(key!)).toMatch(new RegExp(`^1 ${second.version} [0-9a-f]{12}\nstate$`));
    const livesMs = await direct.pttl(key!);
    expect(livesMs).toBeGreaterThan(50_000);
    expect(livesMs).toBeLessThanOrEqual(60_000);
  });

  it('refuses values that are no states, and leaves them as they are', async () => {
    const prefix = `${randomUUID()}:`;
    const states = redisEntityStates(direct, { prefix });
    await direct.mset(`${prefix}text`, 'not ours', `${prefix}line`, '2 version\nbytes');
    await direct.rpush(`${prefix}list`, 'item');
    await direct.hset(`${prefix}hash`, 'field', 'value');
    for (const key of ['list', 'hash'])
      await expect(states.getMany(['absent', key])).rejects.toMatchObject({ code: 'IO', details: { reply: 'WRONGTYPE' } });
    for (const key of ['text', 'line'])
      await expect(states.getMany([key])).rejects.toMatchObject({ code: 'IO', details: { key } });
    for (const key of ['text', 'line', 'list']) {
      await expect(states.putMany([change('good'), change(key)])).rejects.toMatchObject({ code: 'IO', retryable: false });
    }
    expect(await states.getMany(['good'])).toEqual([undefined]);
    expect(await direct.get(`${prefix}text`)).toBe('not ours');
  });

  it('writes nothing when the memory is full, and says so', async () => {
    const states = placeFor({}).open();
    await direct.config('SET', 'maxmemory', '1mb', 'maxmemory-policy', 'noeviction');
    try {
      await expect(states.putMany([change('a'), change('b')])).rejects.toMatchObject({ code: 'NO_SPACE', retryable: false });
    } finally {
      await direct.config('SET', 'maxmemory', '0');
    }
    expect(await states.getMany(['a', 'b'])).toEqual([undefined, undefined]);
  });
});
