/** What a run ran on, described by whoever starts it: nothing here is read unless asked for, and no variable of the environment ever is. */
import type { OptionKinds } from '@fraudops/core';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FIELD_LIMITS, labelField, requireShape } from './bounded-fields.js';
import { requireOptions } from './known-options.js';

/** The machine and the packages that a run ran on. */
export interface RunEnvironment {
  /** Version of Node.js, such as `v22.11.0`. */
  readonly node: string;
  /** Operating system and processor, such as `linux` and `x64`. */
  readonly platform: string;
  readonly arch: string;
  /** Versions of packages, by name. */
  readonly packages: Readonly<Record<string, string>>;
}

/** An environment as it is given and stored. Package names have an `@` that keys of tags have not. */
export const environmentField = z.object({
  node: labelField,
  platform: labelField,
  arch: labelField,
  packages: z
    .record(z.string().min(1).max(FIELD_LIMITS.keyLength), labelField)
    .refine((packages) => Object.keys(packages).length <= FIELD_LIMITS.entries, {
      error: `more than ${FIELD_LIMITS.entries} packages`,
    }),
}) satisfies z.ZodType<RunEnvironment>;

const folderField = z.string().min(1).max(4096);
const environmentOptions = z.object({
  folder: folderField.default('.'),
  packages: z.array(labelField).max(FIELD_LIMITS.entries).optional(),
});

/** Longest answer of git that is taken, and the longest wait for it. */
const GIT_LIMITS = { maxBuffer: 16 * 2 ** 20, timeout: 20_000 } as const;

const ENVIRONMENT_OPTIONS: OptionKinds<{ folder?: string; packages?: readonly string[] }> = {
  folder: 'checked',
  packages: 'checked',
};

/**
 * Node.js, the platform, and the installed versions of packages.
 *
 * @param options `folder`: where the program lies, default the working directory. `packages`: names; default: the dependencies that the
 *   nearest `package.json` at or above the folder names. Packages that aren't installed are left out.
 * @example await tracker(store).startRun({ experiment: 'fraud', environment: await describeEnvironment() });
 */
export async function describeEnvironment(
  options: { folder?: string; packages?: readonly string[] } = {},
): Promise<RunEnvironment> {
  requireOptions('describeEnvironment', options, ENVIRONMENT_OPTIONS);
  const given = requireShape('describeEnvironment', environmentOptions, options);
  const folder = path.resolve(given.folder);
  const names = given.packages ?? (await dependencies(folder));
  const versions = await Promise.all(names.map((name) => installedVersion(folder, name)));
  const packages = names.flatMap((name, i) => (versions[i] === undefined ? [] : [[name, versions[i]] as const]));
  const { version: node, platform, arch } = process;
  return { node, platform, arch, packages: Object.fromEntries(packages.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

/**
 * The git commit of a folder's code, and whether files differ from it (new files count, ignored ones don't).
 *
 * @param folder default the working directory
 * @returns an empty object where there is no git, no repository or no commit, so that it can be spread into a {@link RunStart}
 * @example await tracker(store).startRun({ experiment: 'fraud', ...(await gitCodeVersion()) });
 */
export async function gitCodeVersion(folder = '.'): Promise<{ codeVersion?: string; codeDirty?: boolean }> {
  requireShape('gitCodeVersion', folderField, folder, 'folder');
  const commit = (await git(folder, ['rev-parse', 'HEAD']))?.trim();
  if (!commit) return {};
  const changes = await git(folder, ['status', '--porcelain']);
  return { codeVersion: commit, ...(changes === undefined ? {} : { codeDirty: changes.trim() !== '' }) };
}

function git(folder: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('git', args, { cwd: folder, ...GIT_LIMITS }, (error, out) => resolve(error ? undefined : out));
  });
}

async function dependencies(folder: string): Promise<string[]> {
  for (const at of foldersUpFrom(folder)) {
    const manifest = await readManifest(path.join(at, 'package.json'));
    if (manifest) return Object.keys(manifest.dependencies).slice(0, FIELD_LIMITS.entries);
  }
  return [];
}

async function installedVersion(folder: string, name: string): Promise<string | undefined> {
  for (const at of foldersUpFrom(folder)) {
    const manifest = await readManifest(path.join(at, 'node_modules', name, 'package.json'));
    if (manifest?.version !== undefined) return manifest.version;
  }
  return undefined;
}

function foldersUpFrom(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersUpFrom(parent)];
}

const manifestShape = z.object({
  version: labelField.optional().catch(undefined),
  dependencies: z.record(z.string(), z.unknown()).default({}).catch({}),
});

async function readManifest(file: string): Promise<z.output<typeof manifestShape> | undefined> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // It isn't there, or says nothing that could be read.
    return undefined;
  }
}
