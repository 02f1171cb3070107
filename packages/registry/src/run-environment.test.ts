import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeEnvironment, gitCodeVersion } from './run-environment.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fraudops-environment-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('describeEnvironment', () => {
  it('names Node.js, the platform and the installed versions of the dependencies', async () => {
    const inner = path.join(folder, 'src', 'jobs');
    await mkdir(inner, { recursive: true });
    const install = async (name: string, manifest: object) => {
      await mkdir(path.join(folder, 'node_modules', name), { recursive: true });
      await writeFile(path.join(folder, 'node_modules', name, 'package.json'), JSON.stringify(manifest));
    };
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ dependencies: { '@a/b': '^1.0.0', c: '*', gone: '1' } }));
    await install('@a/b', { version: '1.2.3' });
    await install('c', { version: 5 });
    await install('d', { version: '4.0.0' });
    const { version: node, platform, arch } = process;
    expect(await describeEnvironment({ folder: inner })).toEqual({ node, platform, arch, packages: { '@a/b': '1.2.3' } });
    expect((await describeEnvironment({ folder: inner, packages: ['d', '@a/b'] })).packages).toEqual({
      '@a/b': '1.2.3',
      d: '4.0.0',
    });
  });
});

describe('gitCodeVersion', () => {
  it('gives the commit, and whether files differ from it', async () => {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    git('init');
    expect(await gitCodeVersion(folder)).toEqual({});
    await writeFile(path.join(folder, 'a'), '1');
    git('add', 'a');
    git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-m', 'a');
    const codeVersion = git('rev-parse', 'HEAD').trim();
    expect(await gitCodeVersion(folder)).toEqual({ codeVersion, codeDirty: false });
    await writeFile(path.join(folder, 'b'), '2');
    expect(await gitCodeVersion(folder)).toEqual({ codeVersion, codeDirty: true });
  });

  it('gives nothing where there is no such folder', async () => {
    expect(await gitCodeVersion(path.join(folder, 'none'))).toEqual({});
  });
});
