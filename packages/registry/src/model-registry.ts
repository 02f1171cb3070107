/**
 * The model registry: names, versions, stages, and the files of each version, on any {@link BlobStore}.
 *
 * Everything is kept in two kinds of objects. Files lie under the hash of their content. What happened to a model is its event log
 * (`registry-event.ts`), and its state is the fold of that log (`model-state.ts`). A version's files are written before the event that
 * names them, so whenever a writer dies, a version is there whole or not at all.
 */
import { randomUUID } from 'node:crypto';
import { type BlobStore, type Clock, systemClock } from '@fraudops/core';
import { hashArtifacts, loadArtifacts, saveArtifacts } from './artifact-store.js';
import { labelField, requireObject, requireShape } from './bounded-fields.js';
import { requireName } from './entity-name.js';
import { epochMsOf } from './epoch-time.js';
import { EventLog, type EventSource } from './event-log.js';
import { readLog } from './log-reader.js';
import { type ModelState, livingVersions } from './model-state.js';
import { type ModelVersion, requireVersionNumber } from './model-version.js';
import {
  type Promotion,
  type PromotionOptions,
  type RollbackOptions,
  notFound,
  promote,
  requireVersion,
  rollback,
} from './promotion.js';
import { type Registration, requireActor, requireRegistration } from './registration.js';
import { RegistryError } from './registry-error.js';
import { MAX_SEQ, type RegistryEvent, seqOfKey } from './registry-event.js';
import { shownValue } from './shown-value.js';
import { type Stage, requireStage } from './stage.js';
import { type VerifyReport, verifyModel } from './verify-model.js';

/**
 * Models, their versions and stages. Every look-up sees all that was written before it, by whichever process, and costs one request
 * when there is no news (the first one of a model reads its whole log).
 *
 * Look-ups of a model that does not exist find nothing; acts and audits throw NOT_FOUND. All calls throw {@link RegistryError}
 * INVALID_NAME for a name that is none, CORRUPT_LOG for a damaged log, and the store's own `StoreError`.
 */
export interface ModelRegistry {
  /**
   * Registers the next version of a model, in stage None; the first registration makes the model. Many may register at once: each gets
   * a version of its own, numbered without gaps.
   *
   * @param options `by` (default `unknown`) and `why` (default empty) go into the history
   * @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED before anything is written; CONTENTION
   */
  register(name: string, registration: Registration, options?: { by?: string; why?: string }): Promise<ModelVersion>;

  /**
   * Moves a version to a stage if all gates pass; the version that held Production or Staging becomes Archived. With failed gates the
   * refusal is recorded, no stage changes, and the result says `promoted: false`. A version that is in the stage already stays there,
   * without asking the gates and without an event.
   *
   * The gates judge against the version in the stage. They are asked again when that or the candidate's own stage changed meanwhile;
   * anything else that is written to the log leaves their judgement as it is.
   *
   * @throws {PromotionConflictError} (code CONFLICT) when the stage holds another version than `expectedCurrent`
   * @throws {RegistryError} NOT_FOUND, INVALID_VERSION, INVALID_STAGE, INVALID_ARGUMENT, GATE_ERROR, CONTENTION
   */
  promote(name: string, version: number, options: PromotionOptions): Promise<Promotion>;

  /**
   * Puts the version that was in Production before the present one back there, without gates. Repeated, it goes further back.
   *
   * @throws {PromotionConflictError} when Production changes before the rollback is written
   * @throws {RegistryError} NOT_FOUND, NOTHING_TO_ROLL_BACK
   */
  rollback(name: string, options: RollbackOptions): Promise<Promotion>;

  /** A version, if it exists. @throws {RegistryError} INVALID_VERSION */
  get(name: string, version: number): Promise<ModelVersion | undefined>;
  /** The version in Production, if there is one. */
  production(name: string): Promise<ModelVersion | undefined>;
  /** The version in a stage; of several (None, Archived) the highest. @throws {RegistryError} INVALID_STAGE */
  inStage(name: string, stage: Stage): Promise<ModelVersion | undefined>;
  /** All versions, the first one first. */
  versions(name: string): Promise<ModelVersion[]>;
  /** The names of all models, in order. Two requests a model. */
  models(): Promise<string[]>;

  /**
   * The files of a version by path, each verified against its size and SHA-256.
   *
   * @throws {RegistryError} NOT_FOUND, INVALID_VERSION; CORRUPT_ARTIFACT naming the path
   */
  load(name: string, version: number): Promise<ReadonlyMap<string, Uint8Array>>;

  /** All events, read from the store and verified with their chain. @throws {RegistryError} NOT_FOUND; CORRUPT_LOG naming the event */
  history(name: string): Promise<RegistryEvent[]>;
  /** Reads all events and files of a model from the store, and reports whatever is damaged. @throws {RegistryError} NOT_FOUND */
  verify(name: string): Promise<VerifyReport>;

  /** Sequence number of the last event; 0 when there is none. */
  head(name: string): Promise<number>;
  /** Whether anything happened after an event: one request at most. @throws {RegistryError} INVALID_ARGUMENT */
  changed(name: string, sinceSeq: number): Promise<boolean>;
}

/** Options of {@link modelRegistry}. */
export interface RegistryOptions {
  /** Source of `atMs`; what it gives must be finite, else what asks it throws INVALID_ARGUMENT. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Gives each event a string that no other has, over all processes. Default: random UUIDs. */
  readonly newId?: () => string;
}

/** Models whose state is kept in memory at once; the one first used is dropped, and read again when needed. */
const MAX_CACHED_MODELS = 1_000;

/**
 * Opens the registry that a store holds; an empty store is an empty registry.
 *
 * @example
 * const registry = modelRegistry(memoryStore());
 * const { version } = await registry.register('fraud', { files: [{ path: 'model.json', bytes }], metrics: { rocAuc: 0.87 } });
 * await registry.promote('fraud', version, { stage: 'Production', expectedCurrent: null, by: 'ana', why: 'first model' });
 * (await registry.production('fraud'))?.version; // 1
 */
export function modelRegistry(store: BlobStore, options: RegistryOptions = {}): ModelRegistry {
  return new StoredModelRegistry(store, options);
}

class StoredModelRegistry implements ModelRegistry {
  readonly #store: BlobStore;
  readonly #source: EventSource;
  readonly #logs = new Map<string, EventLog>();

  constructor(store: BlobStore, { clock = systemClock, newId = randomUUID }: RegistryOptions) {
    this.#store = store;
    this.#source = { nowMs: () => epochMsOf(clock), newId: () => requireShape('newId', labelField, newId()) };
  }

  async register(name: string, registration: Registration, options: { by?: string; why?: string } = {}): Promise<ModelVersion> {
    const log = this.#log(name);
    const facts = requireRegistration(registration);
    requireObject('register', 'options', options);
    const actor = requireActor('register', { by: options.by ?? 'unknown', why: options.why ?? '' });
    const files = hashArtifacts(registration.files);
    const draft = (version: number) => ({
      ...actor,
      type: 'registered' as const,
      payload: { ...facts, version, files: files.references },
    });
    // All that could refuse the event is asked before the files are written.
    log.requireRoom(draft(MAX_SEQ));
    await saveArtifacts(this.#store, files);
    const { state } = await log.append(({ versions }) => draft(versions.length + 1));
    return state.versions.at(-1)!;
  }

  async promote(name: string, version: number, options: PromotionOptions): Promise<Promotion> {
    return promote(this.#log(name), name, version, options);
  }

  async rollback(name: string, options: RollbackOptions): Promise<Promotion> {
    return rollback(this.#log(name), name, options);
  }

  async get(name: string, version: number): Promise<ModelVersion | undefined> {
    requireVersionNumber(version);
    return (await this.#state(name)).versions[version - 1];
  }

  async production(name: string): Promise<ModelVersion | undefined> {
    return this.inStage(name, 'Production');
  }

  async inStage(name: string, stage: Stage): Promise<ModelVersion | undefined> {
    requireStage(stage);
    return (await this.#state(name)).versions.findLast((version) => version?.stage === stage);
  }

  async versions(name: string): Promise<ModelVersion[]> {
    return livingVersions(await this.#state(name));
  }

  async models(): Promise<string[]> {
    const names: string[] = [];
    for (let startAfter = ''; ; ) {
      const key = await this.#firstKeyAfter(startAfter);
      if (key === undefined) return names.toSorted();
      const name = key.split('/')[1]!;
      if (seqOfKey(name, key) !== undefined && names.at(-1) !== name) names.push(name);
      // `~` is the last character of keys: this skips the rest of the model's log in one step.
      startAfter = names.at(-1) === name ? `models/${name}/log/~` : key;
    }
  }

  async load(name: string, version: number): Promise<ReadonlyMap<string, Uint8Array>> {
    requireVersionNumber(version);
    const { files } = requireVersion(await this.#state(name), version);
    return loadArtifacts(this.#store, `model ${name} version ${version}`, files);
  }

  async history(name: string): Promise<RegistryEvent[]> {
    requireName('model', name);
    const history: RegistryEvent[] = [];
    for await (const { events } of readLog(this.#store, name)) history.push(...events);
    if (history.length === 0) throw notFound(name);
    return history;
  }

  async verify(name: string): Promise<VerifyReport> {
    requireName('model', name);
    const report = await verifyModel(this.#store, name);
    if (report.head === 0) throw notFound(name);
    return report;
  }

  async head(name: string): Promise<number> {
    return (await this.#state(name)).seq;
  }

  async changed(name: string, sinceSeq: number): Promise<boolean> {
    const log = this.#log(name);
    if (!Number.isSafeInteger(sinceSeq) || sinceSeq < 0) {
      throw new RegistryError('INVALID_ARGUMENT', `changed: sinceSeq ${shownValue(sinceSeq)}: expected a whole number from 0 on`);
    }
    return log.has(sinceSeq + 1);
  }

  #state(name: string): Promise<ModelState> {
    return this.#log(name).state();
  }

  #log(name: string): EventLog {
    requireName('model', name);
    let log = this.#logs.get(name);
    if (!log) {
      log = new EventLog(this.#store, name, this.#source);
      const [oldest] = this.#logs.keys();
      if (this.#logs.size >= MAX_CACHED_MODELS && oldest !== undefined) this.#logs.delete(oldest);
      this.#logs.set(name, log);
    }
    return log;
  }

  async #firstKeyAfter(startAfter: string): Promise<string | undefined> {
    for await (const { key } of this.#store.list('models/', startAfter ? { startAfter } : {})) return key;
    return undefined;
  }
}
