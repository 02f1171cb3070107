import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStore } from './file-store.js';
import { blobStoreContract } from './testing.js';

const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const builtCore = pathToFileURL(path.resolve(import.meta.dirname, '../dist/index.js')).href;

blobStoreContract('fileStore', { describe, it }, async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'fraudops-'));
  return { open: () => fileStore(directory), dispose: () => rm(directory, { recursive: true }) };
});

/** Starts a process that runs the given body with `store` and `bytesOf`, and prints what the body prints. */
function storeProcess(directory: string, body: string) {
  const script = `
    import { fileStore } from ${JSON.stringify(builtCore)};
    const store = fileStore(${JSON.stringify(directory)});
    const bytesOf = (text) => new TextEncoder().encode(text);
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const ended = new Promise<string>((resolve) => child.on('close', () => resolve(output)));
  return { child, ended };
}

describe('fileStore', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'fraudops-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('lets exactly one of several processes win each conditional put', async () => {
    const body = `
      let won = 0;
      for (let round = 0; round < 60; round++) {
        await store.put('race/' + round, bytesOf(String(process.pid)), { ifNoneMatch: '*' }).then(() => won++, (error) => { if (error.code !== 'CONFLICT') throw error; });
      }
      console.log(won);`;
    const outputs = await Promise.all(Array.from({ length: 4 }, () => storeProcess(directory, body).ended));
    expect(outputs.reduce((sum, won) => sum + Number(won), 0)).toBe(60);
  });

  it('loses no step of a counter that several processes raise, also while old generations are trimmed', async () => {
    const body = `
      for (let step = 0; step < 60; ) {
        const blob = await store.get('counter');
        const value = blob ? Number(new TextDecoder().decode(blob.bytes)) : 0;
        const when = blob ? { ifMatch: blob.etag } : { ifNoneMatch: '*' };
        await store.put('counter', bytesOf(String(value + 1)), when).then(() => step++, (error) => { if (error.code !== 'CONFLICT') throw error; });
      }`;
    await Promise.all(Array.from({ length: 4 }, () => storeProcess(directory, body).ended));
    expect(textOf((await fileStore(directory).get('counter'))?.bytes)).toBe('240');
    const epochs = await readdir(path.join(directory, 'counter#'));
    expect(epochs).toHaveLength(1);
    expect((await readdir(path.join(directory, 'counter#', epochs[0]!))).length).toBeLessThanOrEqual(17);
  });

  it('keeps every put that was reported, whole, when its process is killed', async () => {
    const body = `
      for (let n = 0; ; n++) {
        await store.put('log/' + String(n).padStart(6, '0'), new Uint8Array(20_000).fill(n % 251), { ifNoneMatch: '*' });
        await store.put('head', bytesOf(String(n)));
        process.stdout.write(n + '\\n');
      }`;
    for (let kill = 0; kill < 8; kill++) {
      const place = path.join(directory, `kill-${kill}`);
      const { child, ended } = storeProcess(place, body);
      await new Promise<void>((resolve) => child.stdout.once('data', () => setTimeout(resolve, kill * 13)));
      child.kill('SIGKILL');
      const reported = Number((await ended).trim().split('\n').at(-1));
      const store = fileStore(place);
      expect(Number(textOf((await store.get('head'))?.bytes))).toBeGreaterThanOrEqual(reported);
      for (let n = 0; n <= reported; n++) {
        const { bytes } = (await store.get(`log/${String(n).padStart(6, '0')}`))!;
        expect(bytes.length === 20_000 && bytes.every((byte) => byte === n % 251)).toBe(true);
      }
      // Whatever was under way left nothing that stands in the way.
      await store.put('head', bytesOf('again'));
      expect(textOf((await store.get('head'))?.bytes)).toBe('again');
    }
  });

  it('refuses a blob above its bound before writing', async () => {
    const store = fileStore(directory, { maxBlobBytes: 10 });
    await expect(store.put('a', new Uint8Array(11))).rejects.toMatchObject({
      code: 'TOO_LARGE',
      details: { sizeBytes: 11, maxBytes: 10 },
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it('removes temporary files that a dead process left, and leaves fresh ones alone', async () => {
    const folder = path.join(directory, '#tmp');
    await mkdir(folder);
    await writeFile(path.join(folder, 'old'), 'x');
    await writeFile(path.join(folder, 'fresh'), 'x');
    await utimes(path.join(folder, 'old'), 0, 0);
    await fileStore(directory).put('a', bytesOf('1'));
    expect(await readdir(folder)).toEqual(['fresh']);
  });

  it('lists nothing and reads nothing where its folder does not exist yet', async () => {
    const store = fileStore(path.join(directory, 'not', 'yet'));
    expect(await store.get('a')).toBeUndefined();
    for await (const blob of store.list('')) throw new Error(`unexpected ${blob.key}`);
  });

  it('says that a path which is a file can hold no store', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, 'x');
    await expect(fileStore(file).put('a', bytesOf('1'))).rejects.toMatchObject({ code: 'IO' });
  });
});
