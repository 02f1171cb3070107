import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedPackages, top } from './workspaces.js';

const root = JSON.parse(readFileSync(path.join(top, 'package.json'), 'utf8')) as {
  license: string;
  engines: Record<string, string>;
};
const packages = publishedPackages().map((found) => ({
  ...found,
  folder: path.relative(top, found.directory).replaceAll('\\', '/'),
}));
const versions = new Map(packages.map(({ name, manifest }) => [name, manifest.version]));

describe.each(packages)('the package.json of $name', ({ name, directory, folder, manifest }) => {
  it('is named after its folder, described, and found by searching', () => {
    expect(name).toBe(`@fraudops/${path.basename(directory)}`);
    expect(manifest.description).toMatch(/^\S.{30,160}\.$/);
    expect(manifest.keywords).toEqual(expect.arrayContaining(['fraud', 'typescript']));
  });

  it('is an ES module for the Node.js versions of the house', () => {
    expect(manifest).toMatchObject({ type: 'module', sideEffects: false, engines: root.engines });
  });

  it('says its version, licence, place, and that everybody may install it', () => {
    expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(manifest).toMatchObject({ license: root.license, publishConfig: { access: 'public' } });
    expect(manifest.repository).toEqual({ type: 'git', url: 'git+https://github.com/fraudops/fraudops.git', directory: folder });
  });

  it('exports each entry with its types first, from dist, and from a source that exists', () => {
    const { './package.json': itself, ...entries } = manifest.exports ?? {};
    expect(itself).toBe('./package.json');
    expect(Object.keys(entries)[0]).toBe('.');
    for (const [subpath, targets] of Object.entries(entries)) {
      const file = subpath === '.' ? 'index' : subpath.slice(2);
      // The order of conditions is their priority: types must come first.
      expect(Object.entries(targets)).toEqual([
        ['types', `./dist/${file}.d.ts`],
        ['default', `./dist/${file}.js`],
      ]);
      expect(existsSync(path.join(directory, 'src', `${file}.ts`)), `src/${file}.ts`).toBe(true);
    }
  });

  it('ships dist, README.md and LICENSE, and nothing else', () => {
    expect(manifest.files).toEqual(['dist', 'LICENSE', 'README.md']);
    expect(readFileSync(path.join(directory, 'LICENSE'), 'utf8')).toBe(readFileSync(path.join(top, 'LICENSE'), 'utf8'));
    expect(readFileSync(path.join(directory, 'README.md'), 'utf8')).toMatch(new RegExp(`^# ${name}\n`));
  });

  it('runs nothing on the machine that installs it', () => {
    expect(Object.keys(manifest.scripts ?? {}).filter((script) => /install|prepare/.test(script))).toEqual([]);
  });

  it('starts its programs with node', () => {
    for (const target of Object.values(manifest.bin ?? {})) {
      const source = path.join(directory, 'src', `${path.basename(target, '.js')}.ts`);
      expect(readFileSync(source, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });

  it('depends on the present versions of the house, and on ranges of others, so that a user gets one copy of each', () => {
    const dependencies = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies });
    const isHouse = ([dependency]: [string, string]) => dependency.startsWith('@fraudops/');
    for (const [dependency, version] of dependencies.filter(isHouse)) expect(version).toBe(versions.get(dependency));
    expect(dependencies.filter((entry) => !isHouse(entry) && !/^(\^|~|>=)\d+\.\d+\.\d+(-r\.\d+)?$/.test(entry[1]))).toEqual([]);
  });
});
