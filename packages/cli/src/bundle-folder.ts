/** Reads the files of a folder, such as a model bundle, to be registered together. */
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ARTIFACT_LIMITS, type ArtifactFile } from '@fraudops/registry';
import { CommandError } from './command.js';

/** Folders within folders. */
const MAX_DEPTH = 20;

/**
 * All files in a folder and below it, by their paths from there. They are counted and weighed before any is read.
 *
 * @throws {CommandError} when it is no folder, holds no file or too many or too large ones, or something that is neither file nor folder
 */
export async function readBundleFolder(folder: string): Promise<ArtifactFile[]> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found?.isDirectory()) throw new CommandError(`--files: ${folder} is ${found ? 'no folder' : 'not there'}.`);
  const names: string[] = [];
  for await (const name of fileNames(folder, '')) {
    if (names.push(name) <= ARTIFACT_LIMITS.filesPerVersion) continue;
    throw new CommandError(`--files: ${folder} holds more than ${ARTIFACT_LIMITS.filesPerVersion} files, which a version can't.`);
  }
  if (names.length === 0) throw new CommandError(`--files: ${folder} holds no files.`);
  await requireRoom(folder, names);
  return Promise.all(names.map(async (name) => ({ path: name, bytes: await readFile(path.join(folder, name)) })));
}

/** The paths of files below a folder, with `/` between their parts, in order. */
async function* fileNames(folder: string, below: string, depth = 0): AsyncGenerator<string> {
  if (depth > MAX_DEPTH) throw new CommandError(`--files: ${below} lies more than ${MAX_DEPTH} folders deep.`);
  const entries = await readdir(path.join(folder, below), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* fileNames(folder, name, depth + 1);
    else if (entry.isFile()) yield name;
    else throw new CommandError(`--files: ${name} is neither a file nor a folder (a link, perhaps); copy what it stands for.`);
  }
}

async function requireRoom(folder: string, names: readonly string[]): Promise<void> {
  let totalBytes = 0;
  for (const name of names) {
    const { size } = await stat(path.join(folder, name));
    totalBytes += size;
    if (size > ARTIFACT_LIMITS.fileBytes) {
      throw new CommandError(`--files: ${name} has ${size} bytes, at most ${ARTIFACT_LIMITS.fileBytes} are allowed.`);
    }
  }
  if (totalBytes <= ARTIFACT_LIMITS.versionBytes) return;
  throw new CommandError(`--files: ${folder} holds ${totalBytes} bytes, at most ${ARTIFACT_LIMITS.versionBytes} are allowed.`);
}
