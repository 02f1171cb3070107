import { type BlobStore, durableLayer, isFraudOpsError, sha256Hex } from '@fraudops/core';
import type { ArtifactReference } from './artifact.js';
import { artifactKey, loadArtifact } from './artifact-store.js';
import { brokenLink, readRawLog } from './log-reader.js';
import { emptyModelState, foldEvents } from './model-state.js';
import { pastDamage } from './past-damage.js';
import { type RegistryEvent, corruptLog, decodeEvent, eventKey } from './registry-event.js';

/** What {@link ModelRegistry.verify} found. */
export interface VerifyReport {
  readonly model: string;
  /** Whether there is no problem. */
  readonly ok: boolean;
  /** Sequence number of the last event. */
  readonly head: number;
  /**
   * SHA-256 of the last event's bytes; null when it is missing. It stands for the whole history: who notes it elsewhere can later tell
   * whether events were cut off the end, which the log itself can't show.
   */
  readonly headSha256: string | null;
  /** Versions that were not deleted. */
  readonly versionCount: number;
  /** Files of these versions, each content counted once. */
  readonly artifactCount: number;
  /** At most 1,000 of them, the log's first. */
  readonly problems: readonly VerifyProblem[];
}

/** A damaged, changed or missing event or file. */
export interface VerifyProblem {
  readonly code: 'CORRUPT_LOG' | 'CORRUPT_ARTIFACT' | 'UNSUPPORTED_EVENT';
  readonly message: string;
  /** The object to be looked at. */
  readonly key?: string;
  /** The event it is about. */
  readonly seq?: number;
  /** The version and the file it is about. */
  readonly version?: number;
  readonly path?: string;
}

const MAX_PROBLEMS = 1_000;

/** Finds out whether a version's file can be read as it was registered. @throws {RegistryError} CORRUPT_ARTIFACT */
type CheckFile = (owner: string, file: ArtifactReference) => Promise<unknown>;

/**
 * Reads all events and files of a model from the store (of layers the durable one), past any damage, and tells what is wrong with them.
 *
 * @param checkFile reads and verifies a file, unless the caller knows already
 */
export async function verifyModel(
  store: BlobStore,
  model: string,
  checkFile: CheckFile = (owner, file) => loadArtifact(durableLayer(store), owner, file),
): Promise<VerifyReport> {
  const { problems, events, head, headSha256 } = await verifyLog(pastDamage(durableLayer(store)), model);
  const deleted = new Set(events.flatMap((event) => (event.type === 'deleted-version' ? [event.payload.version] : [])));
  const registered = events.flatMap((event) => (event.type === 'registered' ? [event.payload] : []));
  const versions = registered.filter(({ version }) => !deleted.has(version));
  const contents = new Map<string, { version: number; file: ArtifactReference }>();
  for (const { version, files } of versions) {
    for (const file of files) if (!contents.has(file.sha256)) contents.set(file.sha256, { version, file });
  }
  for (const { version, file } of contents.values()) {
    const problem = await problemOf(() => checkFile(`model ${model} version ${version}`, file));
    if (problem) problems.push({ ...problem, key: artifactKey(file.sha256), version, path: file.path });
  }
  return {
    model,
    ok: problems.length === 0,
    head,
    headSha256,
    versionCount: versions.length,
    artifactCount: contents.size,
    problems: problems.slice(0, MAX_PROBLEMS),
  };
}

interface LogFindings {
  readonly problems: VerifyProblem[];
  /** The events that can be read. */
  readonly events: RegistryEvent[];
  readonly head: number;
  readonly headSha256: string | null;
}

async function verifyLog(store: BlobStore, model: string): Promise<LogFindings> {
  const problems: VerifyProblem[] = [];
  const events: RegistryEvent[] = [];
  let head = 0;
  let headSha256: string | null = null;
  for await (const batch of readRawLog(store, model)) {
    for (const { seq, bytes } of batch) {
      const previous = headSha256;
      head = seq;
      headSha256 = bytes ? sha256Hex(bytes) : null;
      const problem = await problemOf(() => {
        if (!bytes) throw corruptLog({ model, seq }, 'it is missing');
        const event = decodeEvent(bytes, { model, seq });
        events.push(event);
        // An event whose predecessor was found damaged has no hash to compare with: that one problem is named once.
        const damagedBefore = problems.at(-1)?.seq === seq - 1;
        if (event.previous !== previous && !damagedBefore) throw brokenLink(model, seq);
      });
      if (problem) problems.push({ ...problem, seq: problem.seq ?? seq, key: eventKey(model, problem.seq ?? seq) });
    }
  }
  if (problems.length === 0) {
    const problem = await problemOf(() => foldEvents(emptyModelState(model), events));
    if (problem) problems.push(problem);
  }
  return { problems, events, head, headSha256 };
}

/** The problem that a check throws; errors that are no finding (a store that is away) go on. */
async function problemOf(check: () => unknown): Promise<VerifyProblem | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (!isFraudOpsError(error) || !['CORRUPT_LOG', 'CORRUPT_ARTIFACT', 'UNSUPPORTED_EVENT'].includes(error.code)) throw error;
    const { seq } = error.details;
    return { code: error.code as VerifyProblem['code'], message: error.message, ...(typeof seq === 'number' ? { seq } : {}) };
  }
}
