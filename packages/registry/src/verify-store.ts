/**
 * Reads a whole store and tells whatever is damaged in it: each event and chain, each experiment, each run with its metric batches, each content,
 * whether something needs it or not, and the record of garbage collections. Every one of these objects is sealed or lies under its hash, so
 * one changed bit is found in whichever it is. The index of runs and the pages of logs are no part of it: who reads them checks them, and makes them
 * anew.
 */
import { type BlobStore, durableLayer, isFraudOpsError, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { type ArtifactReference, artifactReferenceField } from './artifact.js';
import { artifactKey, sha256OfKey } from './artifact-store.js';
import { countField } from './bounded-fields.js';
import { eachBounded } from './each-bounded.js';
import { COLLECTION_KEY, readCollection } from './garbage-record.js';
import { modelFolders } from './garbage-references.js';
import { hidingImport } from './import-marker.js';
import { pastDamage } from './past-damage.js';
import { RegistryError } from './registry-error.js';
import { openSealedJson } from './sealed-json.js';
import { type VerifyReport, verifyModel } from './verify-model.js';

/** A damaged or missing object of a store. */
export interface StoreProblem {
  readonly code: 'CORRUPT_LOG' | 'CORRUPT_ARTIFACT' | 'CORRUPT_RUN' | 'CORRUPT_COLLECTION' | 'UNSUPPORTED_EVENT';
  readonly message: string;
  /** The object to be looked at. */
  readonly key: string;
}

/** What {@link verifyStore} found. */
export interface StoreVerifyReport {
  /** Whether there is no problem. */
  readonly ok: boolean;
  /** One report for each model, in order of their names. */
  readonly models: readonly VerifyReport[];
  /** Models whose import did not end; import the same file again. */
  readonly importing: readonly string[];
  readonly runCount: number;
  /** Contents of files, also those that nothing needs. */
  readonly contentCount: number;
  /** Bytes of these contents. */
  readonly contentBytes: number;
  /** All problems, those of the models included; at most 1,000. */
  readonly problems: readonly StoreProblem[];
}

const MAX_PROBLEMS = 1_000;
const PARALLEL_READS = 8;

const runSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  metricBatchCount: countField.default(0),
  artifacts: z.array(artifactReferenceField),
});

/**
 * Reads everything in a store, past any damage, and tells what is wrong with it. Of layers it reads the durable one.
 *
 * @throws what the store throws
 * @example
 * const { ok, problems } = await verifyStore(store);
 * for (const { key, message } of problems) console.error(key, message);
 */
export async function verifyStore(store: BlobStore): Promise<StoreVerifyReport> {
  return new StoreCheck(pastDamage(durableLayer(store))).run();
}

class StoreCheck {
  readonly #store: BlobStore;
  readonly #problems: StoreProblem[] = [];
  /** Sizes of the contents that have their hash. */
  readonly #sizes = new Map<string, number>();
  #contentCount = 0;
  #contentBytes = 0;

  constructor(store: BlobStore) {
    this.#store = store;
  }

  async run(): Promise<StoreVerifyReport> {
    await this.#checkContents();
    const { models, importing } = await this.#checkModels();
    const runCount = await this.#checkRuns();
    await this.#finding(COLLECTION_KEY, () => readCollection(this.#store));
    return {
      ok: this.#problems.length === 0,
      models,
      importing,
      runCount,
      contentCount: this.#contentCount,
      contentBytes: this.#contentBytes,
      problems: this.#problems.slice(0, MAX_PROBLEMS),
    };
  }

  async #checkContents(): Promise<void> {
    let keys: string[] = [];
    const checkAll = async () => {
      await eachBounded(keys, PARALLEL_READS, (key) => this.#checkContent(key));
      keys = [];
    };
    for await (const { key } of this.#store.list('blobs/')) {
      if (sha256OfKey(key) !== undefined && keys.push(key) >= 1_000) await checkAll();
    }
    await checkAll();
  }

  async #checkContent(key: string): Promise<void> {
    const stored = await this.#store.get(key);
    if (!stored) return;
    this.#contentCount++;
    this.#contentBytes += stored.bytes.length;
    const sha256 = sha256OfKey(key)!;
    if (sha256Hex(stored.bytes) === sha256) this.#sizes.set(sha256, stored.bytes.length);
    else this.#note('CORRUPT_ARTIFACT', key, `${key}: has another SHA-256 than its key; restore it from a backup`);
  }

  async #checkModels(): Promise<{ models: VerifyReport[]; importing: string[] }> {
    const models: VerifyReport[] = [];
    const importing: string[] = [];
    for (const model of await modelFolders(this.#store)) {
      const hidden = await this.#finding(`models/${model}`, () => hidingImport(this.#store, model));
      if (hidden) {
        importing.push(model);
        continue;
      }
      const report = await verifyModel(this.#store, model, async (owner, file) => this.#requireFile(owner, file));
      models.push(report);
      for (const { code, message, key } of report.problems) this.#note(code, key ?? `models/${model}`, message);
    }
    return { models, importing };
  }

  #requireFile(owner: string, { path, sha256, sizeBytes }: ArtifactReference): void {
    const found = this.#sizes.get(sha256);
    if (found === sizeBytes) return;
    const reason = found === undefined ? 'is missing or damaged' : `has ${found} bytes, expected ${sizeBytes}`;
    const message = `${owner}: file ${path} ${reason}; restore blob ${artifactKey(sha256)} from a backup`;
    throw new RegistryError('CORRUPT_ARTIFACT', message, { details: { owner, path, sha256, sizeBytes } });
  }

  async #checkRuns(): Promise<number> {
    for await (const { key } of this.#store.list('experiments/')) {
      if (key.endsWith('.json')) await this.#finding(key, () => this.#openRunObject(key));
    }
    const batches = new Map<string, number>();
    for await (const { key } of this.#store.list('run-metrics/')) {
      const id = key.split('/')[1]!;
      if (await this.#finding(key, async () => this.#openRunObject(key))) batches.set(id, (batches.get(id) ?? 0) + 1);
    }
    let runCount = 0;
    for await (const { key } of this.#store.list('runs/')) {
      if (!key.endsWith('.json')) continue;
      runCount++;
      await this.#finding(key, () => this.#checkRun(key, batches));
    }
    return runCount;
  }

  async #checkRun(key: string, batches: ReadonlyMap<string, number>): Promise<void> {
    const content = await this.#openRunObject(key);
    if (!content) return;
    const parsed = runSchema.safeParse(content);
    if (!parsed.success) throw corruptRun(key, parsed.error.issues[0]!.message);
    const { id, metricBatchCount, artifacts } = parsed.data;
    if (!key.endsWith(`/${id}.json`)) throw corruptRun(key, `it is the record of run ${id}`);
    for (const file of artifacts) {
      await this.#finding(artifactKey(file.sha256), async () => this.#requireFile(`run ${id}`, file));
    }
    const found = batches.get(id) ?? 0;
    if (found < metricBatchCount) {
      throw corruptRun(key, `${metricBatchCount} batches of metric points belong to it, ${found} whole ones are there`);
    }
  }

  async #openRunObject(key: string): Promise<Record<string, unknown> | undefined> {
    const stored = await this.#store.get(key);
    if (!stored) return undefined;
    const opened = openSealedJson(stored.bytes);
    if ('damage' in opened) throw corruptRun(key, opened.damage);
    return opened.content;
  }

  /** Notes the problem that a check throws; errors that are no finding (a store that is away) go on. */
  async #finding<Result>(key: string, check: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await check();
    } catch (error) {
      const code = isFraudOpsError(error) ? error.code : '';
      if (!isProblemCode(code)) throw error;
      const named: unknown = isFraudOpsError(error) ? error.details['key'] : undefined;
      this.#note(code, typeof named === 'string' ? named : key, (error as Error).message);
      return undefined;
    }
  }

  #note(code: StoreProblem['code'], key: string, message: string): void {
    this.#problems.push({ code, key, message });
  }
}

function isProblemCode(code: string): code is StoreProblem['code'] {
  return code.startsWith('CORRUPT_') || code === 'UNSUPPORTED_EVENT';
}

function corruptRun(key: string, reason: string): RegistryError {
  return new RegistryError('CORRUPT_RUN', `${key}: ${reason}; it was changed or damaged, restore it from a backup`, {
    details: { key, reason },
  });
}
