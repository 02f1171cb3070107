import { randomUUID } from 'node:crypto';
import { type BlobStore, systemClock } from '@fraudops/core';
import { requireAlias } from './alias-name.js';
import { type ApprovalOptions, approve, withdrawApproval } from './approval.js';
import { hashArtifacts, loadArtifacts, saveArtifacts } from './artifact-store.js';
import { labelField, requireShape } from './bounded-fields.js';
import { requireName } from './entity-name.js';
import { epochMsOf } from './epoch-time.js';
import { EventLog, type EventSource } from './event-log.js';
import { type WatchOptions, requireWatchOptions, watchLog } from './event-watch.js';
import { hidingImport, importMarkerKey } from './import-marker.js';
import { requireOptions } from './known-options.js';
import { type Lineage, lineageOf } from './lineage.js';
import { type AliasChange, type AliasOptions, removeAlias, setAlias } from './model-alias.js';
import { type DescriptionChange, describeModel } from './model-description.js';
import { type HistoryOptions, readHistory, requireHistoryOptions } from './model-history.js';
import type { ModelRegistry, RegistryOptions } from './model-registry.js';
import { type ModelState, livingVersions } from './model-state.js';
import { type ModelVersion, requireVersionNumber } from './model-version.js';
import {
  type Promotion,
  type PromotionOptions,
  type RollbackOptions,
  notFound,
  promote,
  requireRegistered,
  requireVersion,
  rollback,
} from './promotion.js';
import { type RegisteredModel, registeredModel } from './registered-model.js';
import { ACTOR_OPTIONS, type Actor, type Registration, requireActor, requireRegistration } from './registration.js';
import { RegistryError } from './registry-error.js';
import { MAX_SEQ, type RegistryEvent, seqOfKey } from './registry-event.js';
import { readRun } from './run-record.js';
import { shownValue } from './shown-value.js';
import { type Stage, requireStage } from './stage.js';
import { type TrafficOptions, setTraffic } from './traffic-change.js';
import type { Traffic } from './traffic.js';
import { type VerifyReport, verifyModel } from './verify-model.js';
import { deleteVersion } from './version-deletion.js';

/** Models whose state is kept in memory at once; the one first used is dropped, and read again when needed. */
const MAX_CACHED_MODELS = 1_000;

/** The registry of a store. */
export class StoredModelRegistry implements ModelRegistry {
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
    requireOptions('register', options, ACTOR_OPTIONS);
    const actor = requireActor('register', { by: options.by ?? 'unknown', why: options.why ?? '' });
    const files = hashArtifacts(registration.files);
    const draft = (version: number) => ({
      ...actor,
      type: 'registered' as const,
      payload: { ...facts, version, files: files.references },
    });
    // All that could refuse the event is asked before the files are written.
    log.requireRoom(draft(MAX_SEQ));
    const saved = await saveArtifacts(this.#store, files);
    const { state } = await log.append(({ versions }) => {
      saved.requireFresh();
      return draft(versions.length + 1);
    });
    return state.versions.at(-1)!;
  }

  async promote(name: string, version: number, options: PromotionOptions): Promise<Promotion> {
    return promote(this.#log(name), name, version, options);
  }

  async rollback(name: string, options: RollbackOptions): Promise<Promotion> {
    return rollback(this.#log(name), name, options);
  }

  async setAlias(name: string, alias: string, version: number, options: AliasOptions): Promise<AliasChange> {
    return setAlias(this.#log(name), alias, version, options);
  }

  async removeAlias(name: string, alias: string, options: AliasOptions): Promise<AliasChange> {
    return removeAlias(this.#log(name), alias, options);
  }

  async byAlias(name: string, alias: string): Promise<ModelVersion | undefined> {
    requireAlias(alias);
    const { aliases, versions } = await this.#state(name);
    return versions[(aliases.get(alias) ?? 0) - 1];
  }

  async describe(name: string, change: DescriptionChange): Promise<void> {
    return describeModel(this.#log(name), change);
  }

  async approve(name: string, version: number, options: ApprovalOptions): Promise<ModelVersion> {
    return approve(this.#log(name), version, options);
  }

  async withdrawApproval(name: string, version: number, options: ApprovalOptions): Promise<ModelVersion> {
    return withdrawApproval(this.#log(name), version, options);
  }

  async setTraffic(name: string, options: TrafficOptions): Promise<Traffic | undefined> {
    return setTraffic(this.#log(name), options);
  }

  async traffic(name: string): Promise<Traffic | undefined> {
    return (await this.#state(name)).traffic ?? undefined;
  }

  async deleteVersion(name: string, version: number, options: Actor): Promise<void> {
    return deleteVersion(this.#log(name), version, options);
  }

  async model(name: string): Promise<RegisteredModel | undefined> {
    const state = await this.#state(name);
    return state.seq === 0 ? undefined : registeredModel(state);
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
      // The marker of an import comes behind the log.
      if (key === importMarkerKey(name) && names.at(-1) === name && (await hidingImport(this.#store, name))) names.pop();
      // `~` is the last character of keys: this skips the rest of the model's log in one step.
      startAfter = names.at(-1) === name && key < `models/${name}/log/~` ? `models/${name}/log/~` : key;
    }
  }

  async load(name: string, version: number): Promise<ReadonlyMap<string, Uint8Array>> {
    requireVersionNumber(version);
    const { files } = requireVersion(await this.#state(name), version);
    try {
      return await loadArtifacts(this.#store, `model ${name} version ${version}`, files);
    } catch (error) {
      // It may have been deleted meanwhile, and its files with it.
      requireVersion(await this.#state(name), version);
      throw error;
    }
  }

  async lineage(name: string, version: number): Promise<Lineage> {
    requireVersionNumber(version);
    const found = requireVersion(await this.#state(name), version);
    return lineageOf(found, found.runId === undefined ? undefined : (await readRun(this.#store, found.runId))?.record);
  }

  async history(name: string, options: HistoryOptions = {}): Promise<RegistryEvent[]> {
    requireName('model', name);
    const checked = requireHistoryOptions(options);
    if (checked.version !== undefined) requireRegistered(await this.#state(name), checked.version);
    const history = await readHistory(this.#store, name, checked);
    if (history.length === 0 && (checked.since ?? 0) === 0) throw notFound(name);
    return history;
  }

  watch(name: string, options: WatchOptions = {}): AsyncIterable<RegistryEvent> {
    const log = this.#log(name);
    const checked = requireWatchOptions(options);
    return watchLog(this.#store, name, checked, { end: () => log.end(), seed: this.#source.newId() });
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
