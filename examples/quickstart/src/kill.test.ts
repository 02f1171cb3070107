/**
 * The loop is killed at random moments and started again on the same store: it always goes on, and whatever version is visible is whole.
 * `KILLS` sets how often; half of the kills are spread over the whole loop, half fall just behind a line of its output, where the
 * registry is written.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileStore, seededRandom } from '@fraudops/core';
import { readBundle } from '@fraudops/model';
import { modelRegistry } from '@fraudops/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLoop } from './loop-process.fixture.js';
import type { LoopResult } from './loop-result.js';

const kills = Number(process.env['KILLS'] ?? 6);
const random = seededRandom('kills');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fraudops-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const loopWords = () => ['--once', '--rows', '20000', '--port', '0', '--store', path.join(folder, 'store')];
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Every version loads, verifies and can be used; versions are numbered without gaps. Returns how many there are. */
async function wholeVersions(): Promise<number> {
  const registry = modelRegistry(fileStore(path.join(folder, 'store')));
  const versions = await registry.versions('fraud');
  expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => i + 1));
  for (const { version } of versions) readBundle(await registry.load('fraud', version));
  if (versions.length > 0) expect((await registry.verify('fraud')).problems).toEqual([]);
  return versions.length;
}

describe('kill -9', () => {
  it(`at ${kills} random moments leaves every version whole, and the loop goes on`, { timeout: 1_200_000 }, async () => {
    let versions = 0;
    let loopMs = 8000;
    for (let kill = 0; kill < kills; kill++) {
      const loop = startLoop(...loopWords());
      const started = performance.now();
      if (kill % 2 === 0) {
        await Promise.race([sleep(random.between(0, loopMs)), loop.ended]);
      } else {
        const line = random.integer(8);
        while (loop.output().split('\n').length <= line && loop.child.exitCode === null) await sleep(2);
        await sleep(random.between(0, 250));
      }
      loop.child.kill('SIGKILL');
      const ended = await loop.ended;
      expect(['SIGKILL', 0], loop.output()).toContain(ended);
      if (ended === 0) loopMs = performance.now() - started;
      const now = await wholeVersions();
      expect(now).toBeGreaterThanOrEqual(versions);
      versions = now;
    }
    const json = path.join(folder, 'out.json');
    const last = startLoop(...loopWords(), '--json', json);
    expect(await last.ended, last.output()).toBe(0);
    const result = JSON.parse(await readFile(json, 'utf8')) as LoopResult;
    expect(result.models[0]!.version).toBe(versions + 1);
    expect(await wholeVersions()).toBe(versions + result.models.length);
    expect(result.api.failed).toBe(0);
  });
});
