/**
 * A bundle is everything that serving one model version needs, as files: the model, and beside it whatever was fitted or decided with
 * it. `manifest.json` holds the size and SHA-256 of each file, so a missing, extra or changed file never goes unseen.
 *
 * On request the folder is an MLflow model too, with the model as ONNX. The other files are canonical JSON: the same parts give the same
 * bytes. Hashes guard against damage and mix-ups, not against someone who writes a new manifest; the registry that stores a bundle keeps
 * its hashes too.
 */
import { type Json, type OptionKinds, canonicalJson, sha256Hex, showValue } from '@fraudops/core';
import { z } from 'zod';
import type { BundleFile } from './bundle-file.js';
import { MLFLOW_PATHS, type MlflowOptions, mlflowModelFiles } from './mlflow/mlflow-model-files.js';
import { ModelError } from './model-error.js';
import { modelFromJson } from './model-from-json.js';
import type { Model } from './model.js';
import { requireOptions, requireOwnModel } from './required-arguments.js';

export { type BundleFile } from './bundle-file.js';

/** What is put in a bundle. Only the model must be there; the others are data that their own packages write and read. */
export interface Bundle {
  readonly model: Model;
  /** Definition of the features, with fitted state. */
  readonly features?: Json;
  /** Fitted scaler that is applied to the features before the model. */
  readonly scaler?: Json;
  /** Thresholds and costs that turn scores into decisions. */
  readonly policy?: Json;
  /** Profile of the training data, the reference for drift. */
  readonly profile?: Json;
  /** How well the model did. */
  readonly metrics?: Json;
  /** Where it comes from: data, code version, seed, parameters. */
  readonly lineage?: Json;
}

/** How {@link writeBundle} writes. */
export interface WriteBundleOptions {
  /** Adds the files of {@link mlflowModelFiles}, so that Python and MLflow can load the bundle's folder. Default false. */
  readonly mlflow?: boolean | MlflowOptions;
}

/** Most bytes of a bundle, all files together. */
export const MAX_BUNDLE_BYTES = 512 * 1024 * 1024;

const MANIFEST_PATH = 'manifest.json';
const PART_NAMES = ['model', 'features', 'scaler', 'policy', 'profile', 'metrics', 'lineage'] as const;

const PARTS: OptionKinds<Bundle> = {
  model: 'checked',
  features: 'checked',
  scaler: 'checked',
  policy: 'checked',
  profile: 'checked',
  metrics: 'checked',
  lineage: 'checked',
};

const OPTIONS: OptionKinds<WriteBundleOptions> = { mlflow: 'checked' };

const manifestSchema = z.strictObject({
  format: z.literal('fraudops.bundle'),
  formatVersion: z.literal(1),
  files: z.record(z.string(), z.strictObject({ sha256: z.string(), sizeBytes: z.number() })),
});

/**
 * The files of a bundle, `manifest.json` last.
 *
 * @throws {ModelError} INVALID_OPTION for what is no part or option; INVALID_MODEL without a model; INVALID_BUNDLE when a part holds what JSON can't, such as NaN; TOO_LARGE; with `mlflow` what {@link mlflowModelFiles} throws
 * @example
 * for (const { path, bytes } of writeBundle({ model, metrics: { rocAuc: 0.88 } })) await writeFile(join(folder, path), bytes);
 */
export function writeBundle(parts: Bundle, options: WriteBundleOptions = {}): BundleFile[] {
  requireOptions('writeBundle', parts, PARTS, 'parts');
  requireOptions('writeBundle', options, OPTIONS);
  requireOwnModel('writeBundle', parts.model);
  const files: BundleFile[] = [];
  for (const name of PART_NAMES) {
    const part = name === 'model' ? parts.model.toJson() : parts[name];
    if (part !== undefined) files.push({ path: `${name}.json`, bytes: jsonBytes(name, part) });
  }
  const { mlflow = false } = options;
  if (mlflow !== false) files.push(...mlflowModelFiles(parts.model, mlflow === true ? {} : mlflow));
  const entries = files.map(({ path, bytes }) => [path, { sha256: sha256Hex(bytes), sizeBytes: bytes.length }] as const);
  const manifest = { format: 'fraudops.bundle', formatVersion: 1, files: Object.fromEntries(entries) };
  files.push({ path: MANIFEST_PATH, bytes: jsonBytes('manifest', manifest) });
  requireBundleSize(files.map(({ bytes }) => bytes));
  return files;
}

/**
 * The bundle that {@link writeBundle} wrote, after checking every file against the manifest.
 *
 * @param files bytes by path; exactly the bundle's files
 * @throws {ModelError} CORRUPT_BUNDLE naming the file; UNSUPPORTED_VERSION; TOO_LARGE; and what {@link modelFromJson} throws
 */
export function readBundle(files: ReadonlyMap<string, Uint8Array>): Bundle {
  if (!((files as unknown) instanceof Map)) {
    throw new ModelError('CORRUPT_BUNDLE', `readBundle: files is ${showValue(files)}, expected a Map of bytes by path`);
  }
  for (const [path, bytes] of files) {
    // A map of a caller without types may hold anything.
    if (!((bytes as unknown) instanceof Uint8Array))
      throw corrupt(String(path), `its content is ${showValue(bytes)}, expected bytes`);
  }
  requireBundleSize(files.values());
  const listed = readManifest(files.get(MANIFEST_PATH));
  for (const path of files.keys()) {
    if (path !== MANIFEST_PATH && !listed.has(path)) throw corrupt(path, 'the manifest does not list it');
  }
  for (const [path, { sha256, sizeBytes }] of listed) {
    const bytes = files.get(path);
    if (!bytes) throw corrupt(path, 'the manifest lists it, but it is missing');
    if (bytes.length !== sizeBytes) throw corrupt(path, `${bytes.length} bytes, the manifest says ${sizeBytes}`);
    if (sha256Hex(bytes) !== sha256) throw corrupt(path, 'its SHA-256 is not the one in the manifest');
  }
  const parts: Record<string, unknown> = {};
  for (const name of PART_NAMES) {
    const bytes = files.get(`${name}.json`);
    if (bytes) parts[name] = parseJson(`${name}.json`, bytes);
  }
  return { ...(parts as Omit<Bundle, 'model'>), model: modelFromJson(parts['model']) };
}

function readManifest(bytes: Uint8Array | undefined): Map<string, { sha256: string; sizeBytes: number }> {
  if (!bytes) throw corrupt(MANIFEST_PATH, 'it is missing');
  const json = parseJson(MANIFEST_PATH, bytes);
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version !== 1) {
    throw new ModelError(
      'UNSUPPORTED_VERSION',
      `${MANIFEST_PATH}: format version ${version}, this release reads 1; use a newer release`,
      {
        details: { version },
      },
    );
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success)
    throw corrupt(MANIFEST_PATH, `${parsed.error.issues[0]!.path.join('.')}: ${parsed.error.issues[0]!.message}`);
  // One content has one canonical text, so a change that parses to the same content is seen too.
  if (new TextDecoder().decode(bytes) !== canonicalJson(parsed.data)) throw corrupt(MANIFEST_PATH, 'it is not canonical JSON');
  const listed = new Map(Object.entries(parsed.data.files));
  if (!listed.has('model.json')) throw corrupt(MANIFEST_PATH, 'it lists no model.json');
  for (const path of listed.keys()) {
    const isKnown = PART_NAMES.some((name) => path === `${name}.json`) || MLFLOW_PATHS.includes(path);
    if (!isKnown) throw corrupt(path, 'bundles of format version 1 have no such file');
  }
  return listed;
}

function jsonBytes(name: string, part: Json): Uint8Array {
  try {
    return new TextEncoder().encode(canonicalJson(part));
  } catch (cause) {
    // NaN, a cycle or nesting too deep for the stack.
    throw new ModelError(
      'INVALID_BUNDLE',
      `${name}: it can't be written as JSON (${(cause as Error).message}); pass plain data`,
      {
        details: { part: name },
        cause,
      },
    );
  }
}

function parseJson(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new ModelError('CORRUPT_BUNDLE', `${path}: it is not JSON; fetch the bundle again`, { details: { path }, cause });
  }
}

function requireBundleSize(contents: Iterable<Uint8Array>): void {
  let sizeBytes = 0;
  for (const bytes of contents) sizeBytes += bytes.length;
  if (sizeBytes > MAX_BUNDLE_BYTES) {
    throw new ModelError('TOO_LARGE', `bundle: ${sizeBytes} bytes, at most ${MAX_BUNDLE_BYTES} are allowed`, {
      details: { sizeBytes },
    });
  }
}

function corrupt(path: string, reason: string): ModelError {
  return new ModelError('CORRUPT_BUNDLE', `${path}: ${reason}; fetch the bundle again`, { details: { path, reason } });
}
