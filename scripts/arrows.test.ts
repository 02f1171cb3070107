import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type House, type HouseWorkspace, brokenArrows } from './arrows.js';
import { type Manifest, top, workspaces } from './workspaces.js';

function readHouse(): House {
  const root = JSON.parse(readFileSync(path.join(top, 'package.json'), 'utf8')) as Manifest;
  return {
    workspaces: workspaces().map(({ directory, manifest }) => ({
      folder: path.relative(top, directory).replaceAll('\\', '/'),
      manifest,
      files: readSources(directory),
    })),
    rootDevDependencies: new Set(Object.keys(root.devDependencies ?? {})),
  };
}

function readSources(directory: string): Map<string, string> {
  const names = readdirSync(path.join(directory, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return new Map(
    names.map((name) => [`src/${name.replaceAll('\\', '/')}`, readFileSync(path.join(directory, 'src', name), 'utf8')]),
  );
}

/** A workspace of an imagined house, with the names this house has. */
function imagined(folder: string, files: Record<string, string>, manifest: Partial<Manifest> = {}): HouseWorkspace {
  const exports = { '.': './dist/index.js', './package.json': './package.json' };
  const name = `@fraudops/${path.posix.basename(folder)}`;
  return { folder, manifest: { name, exports, ...manifest }, files: new Map(Object.entries(files)) };
}

const checked = (...all: HouseWorkspace[]) => brokenArrows({ workspaces: all, rootDevDependencies: new Set(['vitest']) });

/** What is wrong with one import of a file that depends on everything. */
function wrongWith(folder: string, text: string, file = 'src/index.ts') {
  const others = ['packages/core', 'packages/features', 'packages/model', 'packages/train', 'packages/serve', 'packages/pipeline']
    .concat(['packages/cli', 'adapters/express', 'adapters/s3', 'examples/quickstart'])
    .filter((other) => other !== folder);
  const names = others.map((other) => [`@fraudops/${path.posix.basename(other)}`, '0.0.0']);
  const manifest = { dependencies: Object.fromEntries(names), devDependencies: { 'only-for-tests': '1.0.0' } };
  return checked(imagined(folder, { [file]: text }, manifest), ...others.map((other) => imagined(other, {})));
}

describe('the house', () => {
  const house = readHouse();

  it('is read as a whole', () => {
    expect(house.workspaces.length).toBeGreaterThanOrEqual(11);
    for (const { folder, files } of house.workspaces) expect(files.size, `sources of ${folder}`).toBeGreaterThan(0);
  });

  it('has no import against its arrows, and no cycle', () => expect(brokenArrows(house)).toEqual([]));
});

describe('brokenArrows', () => {
  it.each([
    ['packages/core', 'packages/features', 'it is on a higher floor'],
    ['packages/features', 'packages/model', 'it is on the same floor'],
    ['packages/train', 'packages/serve', 'it is on the same floor'],
    ['packages/serve', 'packages/pipeline', 'it is on a higher floor'],
    ['packages/serve', 'adapters/express', 'it is on a higher floor'],
    ['packages/pipeline', 'adapters/s3', 'it is on a higher floor'],
    ['adapters/express', 'adapters/s3', 'it is on the same floor'],
    ['adapters/express', 'packages/cli', 'it is on a higher floor'],
    ['packages/cli', 'examples/quickstart', 'it is on a higher floor'],
  ])('refuses an import of %s from %s', (from, to, because) => {
    const name = `@fraudops/${path.posix.basename(to)}`;
    expect(wrongWith(from, `import '${name}';`)).toEqual([`${from}/src/index.ts:1: ${from} may not import ${to}: ${because}`]);
    expect(wrongWith(from, `import '${name}';`, 'src/x.test.ts')).toEqual([
      `${from}/src/x.test.ts:1: ${from} may not import ${to}: ${because}`,
    ]);
  });

  it.each([
    ['packages/features', 'packages/core'],
    ['packages/serve', 'packages/model'],
    ['packages/pipeline', 'packages/train'],
    ['adapters/express', 'packages/serve'],
    ['packages/cli', 'adapters/express'],
    ['examples/quickstart', 'packages/cli'],
    ['examples/quickstart', 'adapters/express'],
  ])('lets %s import %s', (from, to) => expect(wrongWith(from, `import '@fraudops/${path.posix.basename(to)}';`)).toEqual([]));

  it.each([
    ["import { x } from '@fraudops/model';"],
    ["import type { X } from '@fraudops/model';"],
    ["export * from '@fraudops/model';"],
    ["export type { X } from '@fraudops/model';"],
    ["import x = require('@fraudops/model');"],
    ["const x = require('@fraudops/model');"],
    ["const x = await import('@fraudops/model');"],
    ['const x = await import(`@fraudops/model`);'],
    ["let x: import('@fraudops/model').Model;"],
    ["function late() { return import('@fraudops/model'); }"],
  ])('sees %s', (text) => {
    expect(wrongWith('packages/features', text)).toEqual([
      'packages/features/src/index.ts:1: packages/features may not import packages/model: it is on the same floor',
    ]);
  });

  it('is not fooled by comments and strings', () => {
    expect(
      wrongWith(
        'packages/core',
        "// import '@fraudops/model';\n/** import('@fraudops/model') */\nconst text = \"import '@fraudops/model'\";",
      ),
    ).toEqual([]);
  });

  it.each([
    ["import '../../core/src/table.js';", 'outside its workspace'],
    ["import '../../../adapters/express/src/index.js';", 'outside its workspace'],
    ["import '../dist/index.js';", 'outside src'],
    ["import '@fraudops/core/dist/index.js';", 'which @fraudops/core does not export'],
    ["import '@fraudops/core/src/table.js';", 'which @fraudops/core does not export'],
    ["import '/home/someone/model.js';", 'imports the path'],
    ["import 'file:///home/someone/model.js';", 'imports the path'],
    ["import '@fraudops/features';", 'which is itself'],
    ["import 'fs';", 'write node:fs'],
    ["import 'lodash';", 'lodash is no dependency in package.json'],
    ["import 'vitest';", 'vitest is no dependency in package.json'],
    ["import 'only-for-tests';", 'only-for-tests is no dependency in package.json'],
    ['await import(name);', 'imports what is only known at run time'],
  ])('refuses %s', (text, because) => {
    expect(wrongWith('packages/features', text)).toEqual([expect.stringContaining(because)]);
  });

  it('lets tests import what only tests need, and paths computed at run time', () => {
    const text = "import 'vitest'; import 'only-for-tests'; await import(name);";
    expect(wrongWith('packages/features', text, 'src/a.test.ts')).toEqual([]);
  });

  it('lets a package import its own files, exports of others and builtins', () => {
    const text = "import './window.js'; import { Table } from '@fraudops/core'; import path from 'node:path';";
    expect(wrongWith('packages/features', text)).toEqual([]);
    expect(wrongWith('packages/features', "import '../window.js';", 'src/windows/sum.ts')).toEqual([]);
  });

  it('refuses an import of a workspace that package.json does not name', () => {
    const broken = checked(
      imagined('packages/model', { 'src/index.ts': "\nimport '@fraudops/core';" }),
      imagined('packages/core', {}),
    );
    expect(broken).toEqual([
      'packages/model/src/index.ts:2: imports @fraudops/core, but @fraudops/core is no dependency in package.json',
    ]);
  });

  it('finds a cycle of package.json files, dependencies of tests included', () => {
    const model = imagined('packages/model', {}, { dependencies: { '@fraudops/core': '0.0.0' } });
    const core = imagined('packages/core', {}, { devDependencies: { '@fraudops/model': '0.0.0' } });
    expect(checked(model, core)).toEqual(['cycle: @fraudops/model -> @fraudops/core -> @fraudops/model']);
  });

  it('wants a floor for every package', () => {
    expect(checked(imagined('packages/attic', {}))).toEqual([expect.stringContaining('packages/attic: stands on no floor')]);
  });
});
