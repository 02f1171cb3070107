import { type Clock, systemClock } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import {
  ENTITY_STATE_LIMITS,
  type EntityStateChange,
  type EntityStateStore,
  type StoredEntityState,
  requireStateChanges,
  requireStateKeys,
} from './entity-state-store.js';

/** Options of {@link memoryEntityStates}. */
export interface MemoryEntityStatesOptions {
  /** Tells when states expire. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Most states kept, those written longest ago dropped. From 1000, the most of one put, to 16,000,000. Default 1,000,000. */
  readonly maxEntities?: number;
  /** Most bytes of all states together, likewise. From 64 MiB, the most of one put. Default 1 GiB. */
  readonly maxBytes?: number;
}

/**
 * States of entities in this process's memory: for tests, and for one process that wants the interface of many. Bytes are copied in
 * and out. What expired stays in memory until it is read, written, or among the oldest when room is needed.
 *
 * @throws {FeatureError} INVALID_OPTION
 * @example
 * const states = memoryEntityStates();
 * await states.putMany([{ key: 'card:596', bytes, ifVersion: undefined, version: randomUUID(), expiresAfterMs: 60_000 }]); // true
 */
export function memoryEntityStates(options: MemoryEntityStatesOptions = {}): EntityStateStore {
  const { clock = systemClock, maxEntities = 1_000_000, maxBytes = 2 ** 30 } = options;
  requireLimit('maxEntities', maxEntities, ENTITY_STATE_LIMITS.keys, 16_000_000);
  requireLimit('maxBytes', maxBytes, ENTITY_STATE_LIMITS.batchBytes, Number.MAX_SAFE_INTEGER);
  return new MemoryEntityStates(clock, maxEntities, maxBytes);
}

function requireLimit(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const rule = `expected a whole number from ${least} to ${most}`;
  throw new FeatureError('INVALID_OPTION', `memoryEntityStates: ${name} is ${value}, ${rule}`, { name, value });
}

interface KeptState extends StoredEntityState {
  readonly earlierVersions: readonly string[];
  readonly expiresAtMs: number;
}

class MemoryEntityStates implements EntityStateStore {
  /** In order of their last write, which is the order in which they are dropped. */
  readonly #states = new Map<string, KeptState>();
  readonly #clock: Clock;
  readonly #maxEntities: number;
  readonly #maxBytes: number;
  #totalBytes = 0;

  constructor(clock: Clock, maxEntities: number, maxBytes: number) {
    this.#clock = clock;
    this.#maxEntities = maxEntities;
    this.#maxBytes = maxBytes;
  }

  async getMany(keys: readonly string[]): Promise<readonly (StoredEntityState | undefined)[]> {
    requireStateKeys(keys);
    this.#dropExpired(keys);
    return keys.map((key) => {
      const state = this.#states.get(key);
      return state && { bytes: Uint8Array.from(state.bytes), version: state.version };
    });
  }

  async putMany(changes: readonly EntityStateChange[]): Promise<boolean> {
    requireStateChanges(changes);
    this.#dropExpired(changes.map(({ key }) => key));
    if (changes.some((change) => this.#isDone(change))) return true;
    if (changes.some(({ key, ifVersion }) => this.#states.get(key)?.version !== ifVersion)) return false;
    for (const change of changes) this.#write(change);
    this.#dropOldest();
    return true;
  }

  #isDone({ key, version }: EntityStateChange): boolean {
    const state = this.#states.get(key);
    return state !== undefined && (state.version === version || state.earlierVersions.includes(version));
  }

  #write({ key, bytes, version, expiresAfterMs }: EntityStateChange): void {
    const before = this.#states.get(key);
    const earlierVersions = before ? [before.version, ...before.earlierVersions] : [];
    this.#drop(key);
    this.#states.set(key, {
      bytes: Uint8Array.from(bytes),
      version,
      earlierVersions: earlierVersions.slice(0, ENTITY_STATE_LIMITS.rememberedVersions),
      expiresAtMs: this.#clock.now() + expiresAfterMs,
    });
    this.#totalBytes += bytes.length;
  }

  #dropExpired(keys: readonly string[]): void {
    const nowMs = this.#clock.now();
    for (const key of keys) if (this.#states.has(key) && this.#states.get(key)!.expiresAtMs <= nowMs) this.#drop(key);
  }

  #dropOldest(): void {
    for (const key of this.#states.keys()) {
      if (this.#states.size <= this.#maxEntities && this.#totalBytes <= this.#maxBytes) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#totalBytes -= this.#states.get(key)?.bytes.length ?? 0;
    this.#states.delete(key);
  }
}
