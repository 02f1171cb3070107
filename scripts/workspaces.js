/** The workspaces of this repository, each with its package.json, dependencies first. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Top folder of the repository. */
export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Where the scripts remember what was installed and built. It goes when node_modules goes. */
export const cacheFolder = path.join(top, 'node_modules', '.cache', 'fraudops');

/** Where installing and building take turns; outside node_modules, which an install removes. */
export const turnsFolder = path.join(top, '.turns');

/** @typedef {{ name: string, directory: string, manifest: any }} Workspace */

/** @returns {Workspace[]} dependencies before their dependents */
export function workspaces() {
  const found = ['packages', 'adapters', 'examples'].flatMap((folder) =>
    readdirSync(path.join(top, folder))
      .map((name) => path.join(top, folder, name))
      .filter((directory) => existsSync(path.join(directory, 'package.json')))
      .map((directory) => ({ directory, manifest: JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) })),
  );
  const byName = new Map(found.map((workspace) => [workspace.manifest.name, { name: workspace.manifest.name, ...workspace }]));
  const ordered = new Map();
  const visit = (workspace) => {
    if (ordered.has(workspace.name)) return;
    for (const dependency of Object.keys(workspace.manifest.dependencies ?? {})) {
      if (byName.has(dependency)) visit(byName.get(dependency));
    }
    ordered.set(workspace.name, workspace);
  };
  for (const workspace of byName.values()) visit(workspace);
  return [...ordered.values()];
}

/** Packages that are published: all workspaces but the private examples. */
export const publishedPackages = () => workspaces().filter(({ manifest }) => !manifest.private);
