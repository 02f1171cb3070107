/** The built command as a person runs it: each step in a process of its own, on one store. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startFakeS3 } from '@fraudops/s3/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const command = path.resolve(import.meta.dirname, '../dist/main.js');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fraudops-'));
});
afterAll(() => rm(folder, { recursive: true }));

function fraudops(line: string, environment: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command, ...line.split(' ')],
      { cwd: folder, env: { ...process.env, ...environment } },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      },
    );
  });
}

describe('fraudops', () => {
  it('goes from simulated transactions to a model in Production and back, telling what it does', {
    timeout: 120_000,
  }, async () => {
    expect((await fraudops('data simulate t.csv.gz --rows 40000 --days 60')).out).toContain('40,000 transactions');
    expect((await fraudops('data validate t.csv.gz')).out).toMatch(/^Passed: all 40,000 rows are valid/);
    expect((await fraudops('models list')).out).toBe('There are no models in .fraudops yet.\n');

    const trained = await fraudops('train t.csv.gz');
    expect(trained).toMatchObject({ code: 0, out: expect.stringMatching(/v[12] is in Production: average precision/) });
    const versions = JSON.parse((await fraudops('models list --json')).out) as { version: number; stage: string }[];
    const inProduction = versions.find(({ stage }) => stage === 'Production')!.version;
    const other = 3 - inProduction;

    const promoted = await fraudops(`models promote fraud v${other} --why test`);
    expect(promoted).toMatchObject({
      code: 0,
      out: expect.stringContaining(`v${other} is in Production; v${inProduction} held it before`),
    });
    const raced = await fraudops(`models promote fraud ${inProduction} --why test --expect ${inProduction}`);
    expect(raced).toMatchObject({ code: 1, err: expect.stringContaining('[CONFLICT]') });
    expect((await fraudops('models rollback fraud --why test')).out).toContain(`v${inProduction} is in Production`);
    expect((await fraudops('models history fraud')).out.split('\n')).toHaveLength(2 + 5 + 1);
    expect((await fraudops('models verify fraud')).out).toContain('every event and every file of fraud verifies');

    expect((await fraudops('drift t.csv.gz --out report.html')).out).toContain('of 15 features drifted');
    expect(await readFile(path.join(folder, 'report.html'), 'utf8')).toContain('<!doctype html>');
  });

  it('helps by groups, in the width of COLUMNS, and tells its version', async () => {
    const all = (await fraudops('--help', { COLUMNS: '80' })).out;
    expect(Math.max(...all.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    const titles = all.split('\n').filter((text) => /^[A-Z]/.test(text));
    expect(titles).toEqual(['Data and features', 'Training', 'Models in the registry', 'Runs', 'Model files', 'Stores']);
    // Each group of commands is below a title.
    for (const first of ['data', 'features', 'train', 'serve', 'drift', 'models', 'runs', 'model', 'store']) {
      expect(all).toMatch(new RegExp(`^  ${first} `, 'm'));
    }
    expect(await fraudops('models --help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('models promote MODEL VERSION'),
    });
    expect(await fraudops('runs')).toMatchObject({ code: 0, out: expect.not.stringContaining('models') });
    expect(await fraudops('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/) });
  });

  it('registers a folder, and watches the model until it is interrupted', { timeout: 60_000 }, async () => {
    await mkdir(path.join(folder, 'bundle'));
    await mkdir(path.join(folder, 'own'));
    await writeFile(path.join(folder, 'bundle', 'model.json'), '{}');
    const registered = await fraudops('models register own --files bundle --store own');
    expect(registered).toMatchObject({ code: 0, out: 'v1 of own is registered, with 1 file.\n' });
    const line = ['models', 'watch', 'own', '--since', '0', '--json', '--store', 'own'];
    const watching = spawn(process.execPath, [command, ...line], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const [first] = (await once(watching.stdout, 'data')) as [Buffer];
    expect(JSON.parse(first.toString())).toMatchObject({ seq: 1, type: 'registered' });
    watching.kill('SIGINT');
    expect(await once(watching, 'exit')).toEqual([0, null]);
    const piped = spawn(process.execPath, [command, ...line], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    piped.stdout.destroy();
    let complaint = '';
    piped.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    expect(await once(piped, 'exit')).toEqual([0, null]);
    expect(complaint).toBe('');
  });

  it('says nothing of its libraries where models are in S3', async () => {
    const server = await startFakeS3({ bucket: 'models' });
    const store = `s3://models?endpoint=${server.endpoint}`;
    const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
    expect(await fraudops(`models list --store ${store}`, keys)).toMatchObject({ code: 0, err: '' });
    await server.close();
  });

  it('names a folder that is not there, and makes none', async () => {
    for (const line of ['models list', 'models show fraud', 'models history fraud', 'runs list', 'store verify', 'models gc']) {
      const missing = await fraudops(`${line} --store ./typo`);
      expect(missing).toMatchObject({ code: 1, out: '', err: expect.stringContaining('there is no folder ./typo') });
    }
    expect(await readdir(folder)).not.toContain('typo');
  });

  it('ends with 2 when it was asked wrongly and with 1 when it could not', async () => {
    expect(await fraudops('bogus')).toMatchObject({ code: 2, err: expect.stringContaining('There is no command "bogus"') });
    expect(await fraudops('models promote fraud 0x --why a')).toMatchObject({
      code: 2,
      err: expect.stringContaining('VERSION is "0x"'),
    });
    expect(await fraudops('models promote fraud 1')).toMatchObject({ code: 2, err: expect.stringContaining('--why is missing') });
    expect(await fraudops('models verify nothing')).toMatchObject({ code: 1, err: expect.stringContaining('[NOT_FOUND]') });
    expect(await fraudops('data validate nothing.csv')).toMatchObject({ code: 1, err: expect.stringContaining('nothing.csv') });
  });
});
