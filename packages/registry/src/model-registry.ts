/**
 * The model registry: names, versions, stages, and the files of each version, on any {@link BlobStore}.
 *
 * Everything is kept in two kinds of objects. Files lie under the hash of their content. What happened to a model is its event log
 * (`registry-event.ts`), and its state is the fold of that log (`model-state.ts`). A version's files are written before the event that
 * names them, so whenever a writer dies, a version is there whole or not at all.
 */
import type { BlobStore, Clock, OptionKinds } from '@fraudops/core';
import type { ApprovalOptions } from './approval.js';
import type { WatchOptions } from './event-watch.js';
import { requireOptions } from './known-options.js';
import type { Lineage } from './lineage.js';
import type { AliasChange, AliasOptions } from './model-alias.js';
import type { DescriptionChange } from './model-description.js';
import type { HistoryOptions } from './model-history.js';
import type { ModelVersion } from './model-version.js';
import type { Promotion, PromotionOptions, RollbackOptions } from './promotion.js';
import type { RegisteredModel } from './registered-model.js';
import type { Actor, Registration } from './registration.js';
import type { RegistryEvent } from './registry-event.js';
import type { Stage } from './stage.js';
import { StoredModelRegistry } from './stored-model-registry.js';
import type { TrafficOptions } from './traffic-change.js';
import type { Traffic } from './traffic.js';
import type { VerifyReport } from './verify-model.js';

/**
 * Models, their versions and stages. Every look-up sees all that was written before it, by whichever process, and costs one request
 * when there is no news (the first one of a model reads its whole log).
 *
 * Of what does not exist, look-ups of one thing give undefined and lists are empty; whatever acts on it, loads it or tells what became of it throws
 * NOT_FOUND. All calls throw {@link RegistryError}
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

  /**
   * Lets an alias name a version, and none that it named before. Nothing is written when it names the version already.
   *
   * @param alias 1 to 64 characters `A-Z a-z 0-9 . _ -`, a letter first; none that is taken for a version or a stage, such as `latest`, `v3`
   * @throws {AliasConflictError} (code CONFLICT) when it names another version than `expectedCurrent`
   * @throws {RegistryError} INVALID_NAME, INVALID_VERSION, NOT_FOUND, INVALID_ARGUMENT, LIMIT_EXCEEDED, CONTENTION
   * @example await registry.setAlias('fraud', 'champion', 3, { expectedCurrent: 2, by: 'ana', why: 'weekly retraining' });
   */
  setAlias(name: string, alias: string, version: number, options: AliasOptions): Promise<AliasChange>;
  /** Lets an alias name nothing. @throws {AliasConflictError} as `setAlias` @throws {RegistryError} NOT_FOUND when there is no such alias */
  removeAlias(name: string, alias: string, options: AliasOptions): Promise<AliasChange>;
  /** The version that an alias names, if there is one. @throws {RegistryError} INVALID_NAME */
  byAlias(name: string, alias: string): Promise<ModelVersion | undefined>;

  /**
   * Changes the description and tags of a version, or of the model as a whole. What is not given stays; null removes.
   *
   * @throws {RegistryError} NOT_FOUND, INVALID_VERSION, INVALID_ARGUMENT, LIMIT_EXCEEDED above 500 tags
   * @example await registry.describe('fraud', { version: 3, tags: { reviewed: 'yes', draft: null }, by: 'ana' });
   */
  describe(name: string, change: DescriptionChange): Promise<void>;

  /**
   * Approves that a version goes to a stage, for which gates may ask. Who approves again renews the approval. The approval lapses when the version leaves that
   * stage, and is not used up before. The name is what the caller says: the registry does not ask who it is.
   *
   * @returns the version with the approval
   * @throws {RegistryError} NOT_FOUND, INVALID_VERSION, INVALID_STAGE, INVALID_ARGUMENT, LIMIT_EXCEEDED
   */
  approve(name: string, version: number, options: ApprovalOptions): Promise<ModelVersion>;
  /** Takes the approval back that `by` gave. @throws {RegistryError} as `approve`; NOT_FOUND also when there is none */
  withdrawApproval(name: string, version: number, options: ApprovalOptions): Promise<ModelVersion>;

  /**
   * Splits entities between the version in Production, challengers and shadows; {@link routeFor} says which version decides for an entity.
   * `champion: 100` with nobody beside it ends the split, and so does everything that changes Production. A version that is archived leaves
   * the split; its share goes to the champion.
   *
   * @returns the split in force; undefined when it was ended
   * @throws {TrafficConflictError} (code CONFLICT) when the split or Production changed after `expectedSeq`
   * @throws {RegistryError} NOT_FOUND without a version in Production, or for a version that is unknown or deleted; INVALID_ARGUMENT for
   *   shares that do not make 100, a version given twice or archived
   * @example await registry.setTraffic('fraud', { champion: 90, challengers: [{ version: 4, percent: 10 }], by: 'ana', why: 'first days' });
   */
  setTraffic(name: string, options: TrafficOptions): Promise<Traffic | undefined>;
  /** The split in force; undefined when all entities go to Production. */
  traffic(name: string): Promise<Traffic | undefined>;

  /**
   * Deletes a version. Its number is never used again, its events stay in the history, and its files may be collected.
   *
   * @throws {RegistryError} VERSION_IN_USE while it is in Production or Staging, has an alias, is in the traffic split, or is what a
   *   rollback would go back to; NOT_FOUND
   */
  deleteVersion(name: string, version: number, options: Actor): Promise<void>;

  /** What is known of a model as a whole, if it exists. */
  model(name: string): Promise<RegisteredModel | undefined>;
  /** A version, if it exists and was not deleted. @throws {RegistryError} INVALID_VERSION */
  get(name: string, version: number): Promise<ModelVersion | undefined>;
  /** The version in Production, if there is one. */
  production(name: string): Promise<ModelVersion | undefined>;
  /** The version in a stage; of several (None, Archived) the highest. @throws {RegistryError} INVALID_STAGE */
  inStage(name: string, stage: Stage): Promise<ModelVersion | undefined>;
  /** All versions that were not deleted, the first one first. */
  versions(name: string): Promise<ModelVersion[]>;
  /** The names of all models, in order. Two requests a model. */
  models(): Promise<string[]>;

  /**
   * The files of a version by path, each verified against its size and SHA-256.
   *
   * @throws {RegistryError} NOT_FOUND, INVALID_VERSION; CORRUPT_ARTIFACT naming the path
   */
  load(name: string, version: number): Promise<ReadonlyMap<string, Uint8Array>>;

  /** Where a version comes from: its run, as the tracker on the same store knows it, its data and code. @throws {RegistryError} NOT_FOUND */
  lineage(name: string, version: number): Promise<Lineage>;

  /**
   * Events, read from the store and verified with their chain: all of them, or those that the options ask for.
   *
   * @throws {RegistryError} NOT_FOUND for a model, version or `since` that does not exist; CORRUPT_LOG naming the event
   * @example await registry.history('fraud', { version: 3 });
   */
  history(name: string, options?: HistoryOptions): Promise<RegistryEvent[]>;
  /**
   * The events of a model as they are written, each once and in order: a request a poll, and one more an event. A model may be watched
   * before it exists. What goes wrong is told `onError`, or thrown without it. Who stops reading, or a signal, ends it at once, also while
   * the store does not answer.
   *
   * @throws {RegistryError} INVALID_NAME, INVALID_ARGUMENT at the call; NOT_FOUND for a `since` that does not exist, CORRUPT_LOG
   * @example for await (const event of registry.watch('fraud', { signal, onError: log.warn })) console.log(event.type, event.payload);
   */
  watch(name: string, options?: WatchOptions): AsyncIterable<RegistryEvent>;
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

const REGISTRY_OPTIONS: OptionKinds<RegistryOptions> = { clock: 'checked', newId: 'checked' };

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
  requireOptions('modelRegistry', options, REGISTRY_OPTIONS);
  return new StoredModelRegistry(store, options);
}
