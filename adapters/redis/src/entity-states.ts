import { StoreError } from '@fraudops/core';
import {
  type EntityStateChange,
  type EntityStateStore,
  FeatureError,
  type StoredEntityState,
  requireStateChanges,
  requireStateKeys,
} from '@fraudops/features';
import { GET_SCRIPT, GET_SCRIPT_SHA1 } from './get-script.js';
import { PUT_SCRIPT, PUT_SCRIPT_SHA1, parseKeptState } from './put-script.js';
import { redisFailure } from './redis-failure.js';

/** What is needed of a client of Redis: `Redis` and `Cluster` of ioredis have it. */
export interface RedisLike {
  /** Sends one command and gives its reply, with Buffers for strings. An error reply rejects with an error named `ReplyError`. */
  callBuffer(command: string, args: (string | Buffer | number)[]): Promise<unknown>;
}

/** Options of {@link redisEntityStates}. */
export interface RedisEntityStatesOptions {
  /**
   * Put before every key; nothing else may use it. At most 200 characters. Default `fraudops:`. In a cluster it needs a hash tag, such
   * as `{states}:`, so that all states are in one slot: Redis writes several keys at once in one slot only.
   */
  readonly prefix?: string;
}

/**
 * States of entities in Redis 6 or newer. A put is one script, carried out as a whole, and so is a read.
 *
 * @throws {FeatureError} INVALID_OPTION
 * @example
 * const states = redisEntityStates(new Redis('redis://localhost'), { prefix: 'fraud:' });
 * const [card, shop] = await states.getMany(['card:596', 'shop:3156']);
 */
export function redisEntityStates(client: RedisLike, options: RedisEntityStatesOptions = {}): EntityStateStore {
  const { prefix = 'fraudops:' } = options;
  if (typeof client?.callBuffer !== 'function') {
    throw new FeatureError(
      'INVALID_OPTION',
      'redisEntityStates: client has no callBuffer, expected a client such as that of ioredis',
    );
  }
  if (typeof prefix !== 'string' || prefix.length > 200 || /[\0\p{Surrogate}]/u.test(prefix)) {
    const rule = 'expected at most 200 characters without NUL and lone surrogates';
    throw new FeatureError('INVALID_OPTION', `redisEntityStates: prefix is ${JSON.stringify(prefix)}, ${rule}`, { prefix });
  }
  return new RedisEntityStates(client, prefix);
}

class RedisEntityStates implements EntityStateStore {
  readonly #client: RedisLike;
  readonly #prefix: string;

  constructor(client: RedisLike, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  async getMany(keys: readonly string[]): Promise<readonly (StoredEntityState | undefined)[]> {
    requireStateKeys(keys);
    if (keys.length === 0) return [];
    const kept = await this.#read(keys);
    return kept.map((each, i) => (each === null ? undefined : parsed(keys[i]!, each)));
  }

  async putMany(changes: readonly EntityStateChange[]): Promise<boolean> {
    requireStateChanges(changes);
    if (changes.length === 0) return true;
    const keys = changes.map(({ key }) => this.#prefix + key);
    const values = changes.flatMap(({ ifVersion, version, expiresAfterMs, bytes }) => [
      ifVersion ?? '',
      version,
      expiresAfterMs,
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    ]);
    try {
      return (await this.#run(PUT_SCRIPT_SHA1, PUT_SCRIPT, [keys.length, ...keys, ...values])) === 1;
    } catch (error) {
      throw redisFailure('putMany', 'write', error);
    }
  }

  async #read(keys: readonly string[]): Promise<(Buffer | null)[]> {
    const prefixed = keys.map((key) => this.#prefix + key);
    try {
      return (await this.#run(GET_SCRIPT_SHA1, GET_SCRIPT, [prefixed.length, ...prefixed])) as (Buffer | null)[];
    } catch (error) {
      throw redisFailure('getMany', 'read', error);
    }
  }

  /** Runs a script by its name; in full when Redis has not seen it since it started. */
  async #run(sha1: string, script: string, values: (string | Buffer | number)[]): Promise<unknown> {
    try {
      return await this.#client.callBuffer('EVALSHA', [sha1, ...values]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await this.#client.callBuffer('EVAL', [script, ...values]);
    }
  }
}

function parsed(key: string, kept: Buffer): StoredEntityState {
  const state = parseKeptState(kept);
  if (state) return state;
  throw new StoreError('IO', `getMany ${key}: its value in Redis is no state; choose a prefix that nothing else uses`, {
    details: { key },
  });
}
