/**
 * Which way the arrows point: what a workspace may import. The house has floors, and an import goes to a lower floor:
 *
 *   core  <-  features, model, drift, registry  <-  train, serve  <-  pipeline  <-  adapters/*  <-  cli  <-  examples/*
 *
 * So nothing but cli and examples imports an adapter, neighbours on a floor don't import each other, and there are no cycles. Other
 * packages are reached by the names they export, never by the paths of their files, and every import is a dependency of package.json.
 */
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { moduleImports } from './module-imports.js';
import type { Manifest } from './workspaces.js';

/** Floors from the ground up; a workspace stands where its folder is named. */
const FLOORS: readonly (readonly string[])[] = [
  ['packages/core'],
  ['packages/features', 'packages/model', 'packages/drift', 'packages/registry'],
  ['packages/train', 'packages/serve'],
  ['packages/pipeline'],
  ['adapters/*'],
  ['packages/cli'],
  ['examples/*'],
];

/** A workspace as this check reads it. */
export interface HouseWorkspace {
  /** Folder from the top of the repository, such as `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Source texts by path from the workspace, such as `src/table.ts`. */
  readonly files: ReadonlyMap<string, string>;
}

/** The house: its workspaces, and what the root offers to all tests. */
export interface House {
  readonly workspaces: readonly HouseWorkspace[];
  readonly rootDevDependencies: ReadonlySet<string>;
}

/**
 * All broken rules, each as `file:line: what is wrong`; empty when the house stands.
 */
export function brokenArrows(house: House): string[] {
  const byName = new Map(house.workspaces.map((workspace) => [workspace.manifest.name, workspace]));
  const broken = [...cycles(house.workspaces, byName)];
  for (const workspace of house.workspaces) {
    if (floorOf(workspace.folder) === undefined)
      broken.push(`${workspace.folder}: stands on no floor; say in scripts/arrows.ts on which`);
    for (const [file, text] of workspace.files) {
      for (const { specifier, line } of moduleImports(file, text)) {
        const wrong = wrongWith(specifier, { workspace, file, house, byName });
        if (wrong) broken.push(`${workspace.folder}/${file}:${line}: ${wrong}`);
      }
    }
  }
  return broken;
}

interface Place {
  readonly workspace: HouseWorkspace;
  readonly file: string;
  readonly house: House;
  readonly byName: ReadonlyMap<string, HouseWorkspace>;
}

function wrongWith(specifier: string | undefined, place: Place): string | undefined {
  const { workspace, file, byName } = place;
  if (specifier === undefined) return isTest(file) ? undefined : 'imports what is only known at run time; name it';
  if (specifier.startsWith('.')) return wrongWithRelative(specifier, file);
  if (path.isAbsolute(specifier) || specifier.includes(':/')) return `imports the path ${specifier}`;
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? undefined : `imports ${specifier}; write node:${specifier}`;

  const name = packageName(specifier);
  if (name === workspace.manifest.name) return `imports ${specifier}, which is itself; use a relative path`;
  const target = byName.get(name);
  const wrongWithArrow = target && wrongWithWorkspace(specifier, workspace, target);
  return (
    wrongWithArrow ??
    (isDependency(name, place) ? undefined : `imports ${specifier}, but ${name} is no dependency in package.json`)
  );
}

function wrongWithRelative(specifier: string, file: string): string | undefined {
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
  if (target.startsWith('..')) return `imports ${specifier}, outside its workspace; use the package's name`;
  if (!target.startsWith('src/')) return `imports ${specifier}, outside src`;
  return undefined;
}

function wrongWithWorkspace(specifier: string, from: HouseWorkspace, to: HouseWorkspace): string | undefined {
  const subpath = `.${specifier.slice(to.manifest.name.length)}`;
  if (!(subpath in (to.manifest.exports ?? {}))) return `imports ${specifier}, which ${to.manifest.name} does not export`;
  const fromFloor = floorOf(from.folder);
  const toFloor = floorOf(to.folder);
  if (fromFloor === undefined || toFloor === undefined || toFloor < fromFloor) return undefined;
  return `${from.folder} may not import ${to.folder}: ${toFloor === fromFloor ? 'it is on the same floor' : 'it is on a higher floor'}`;
}

function isDependency(name: string, { workspace, file, house }: Place): boolean {
  const { dependencies, peerDependencies, devDependencies } = workspace.manifest;
  const allowed = [dependencies, peerDependencies, isTest(file) ? devDependencies : undefined];
  return allowed.some((names) => names && name in names) || (isTest(file) && house.rootDevDependencies.has(name));
}

/** Workspaces that need themselves, over any kind of dependency, each cycle once. */
function cycles(all: readonly HouseWorkspace[], byName: ReadonlyMap<string, HouseWorkspace>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name);
    if (start >= 0) found.push(`cycle: ${[...trail.slice(start), name].join(' -> ')}`);
    if (start >= 0 || done.has(name)) return;
    const { dependencies, peerDependencies, devDependencies } = byName.get(name)!.manifest;
    for (const next of Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies })) {
      if (byName.has(next)) visit(next, [...trail, name]);
    }
    done.add(name);
  };
  for (const { manifest } of all) visit(manifest.name, []);
  return found;
}

function floorOf(folder: string): number | undefined {
  const floor = FLOORS.findIndex((names) => names.includes(folder) || names.includes(`${path.posix.dirname(folder)}/*`));
  return floor < 0 ? undefined : floor;
}

/** Fixtures are shared by tests, and no part of what is built. */
const isTest = (file: string) => /\.(test|fixture)\.ts$/.test(file);

/** `@fraudops/core` of `@fraudops/core/testing`, `zod` of `zod/v4`. */
const packageName = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
