/**
 * What was built from which sources: one record a workspace, so that a build runs again only when the sources' contents changed.
 * Tests and their fixtures are no sources here: changing one changes nothing that is built.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder, top, workspaces } from './workspaces.js';

/** @typedef {import('./workspaces.js').Workspace} Workspace */

const SHARED_SOURCES = ['tsconfig.base.json', 'scripts/build.js', 'scripts/build-record.js', 'scripts/workspaces.js'];

/**
 * Whether a workspace must be built (again); with `types`, whether its declarations must. Those also depend on the sources of the
 * workspaces it needs, the rest of what is built does not.
 * @param {Workspace} workspace
 * @param {{ types?: boolean }} [options]
 */
export function isStale(workspace, { types = false } = {}) {
  const record = readRecord(workspace);
  if (record?.sources !== sourceHash(workspace)) return true;
  if (types && record.types !== typesHash(workspace)) return true;
  return !record.files.every((file) => existsSync(path.join(workspace.directory, file)));
}

/** @typedef {{ sources: string, types?: string, files: string[] }} BuildRecord hashes of what was read; files as the workspace has them */

/**
 * @param {Workspace} workspace
 * @param {BuildRecord} record
 */
export function recordBuild(workspace, record) {
  mkdirSync(cacheFolder, { recursive: true });
  const temporary = `${recordFile(workspace)}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(record));
  renameSync(temporary, recordFile(workspace));
}

/** @param {Workspace} workspace */
export const forgetBuild = (workspace) => rmSync(recordFile(workspace), { force: true });

/**
 * SHA-256 over the names and contents of everything that decides what is built.
 * @param {Workspace} workspace
 */
export function sourceHash({ directory }) {
  const own = ['package.json', ...sourceFiles(directory)].map((file) => path.join(directory, file));
  const shared = SHARED_SOURCES.map((file) => path.join(top, file));
  const hash = createHash('sha256');
  for (const file of [...own, ...shared]) {
    if (!existsSync(file)) continue;
    const bytes = readFileSync(file);
    hash.update(`${path.relative(top, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * SHA-256 over the sources of a workspace and of all workspaces it needs.
 * @param {Workspace} workspace
 */
export function typesHash(workspace) {
  const byName = new Map(workspaces().map((each) => [each.name, each]));
  const needed = new Set();
  const visit = ({ name, manifest }) => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const dependency of Object.keys(manifest.dependencies ?? {})) if (byName.has(dependency)) visit(byName.get(dependency));
  };
  visit(workspace);
  const hashes = Array.from(needed, (name) => `${name} ${sourceHash(byName.get(name))}`).sort();
  return createHash('sha256').update(hashes.join()).digest('hex');
}

function sourceFiles(directory) {
  const folder = path.join(directory, 'src');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[a-z]+$/.test(name) && !/\.(test|fixture)\.ts$/.test(name))
    .map((name) => path.join('src', name))
    .sort();
}

function readRecord(workspace) {
  try {
    return JSON.parse(readFileSync(recordFile(workspace), 'utf8'));
  } catch {
    // No record, or an unreadable one: it was not built.
    return undefined;
  }
}

const recordFile = ({ directory }) =>
  path.join(cacheFolder, `built-${path.relative(top, directory).replaceAll(/[\\/]/g, '-')}.json`);
