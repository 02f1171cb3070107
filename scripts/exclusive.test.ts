import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const exclusiveFile = fileURLToPath(new URL('./exclusive.js', import.meta.url));

let folder: string;
const turnsFolder = () => path.join(folder, 'turns');
const log = () => path.join(folder, 'log');

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fraudops-exclusive-'));
  writeFileSync(log(), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that notes when its work begins and ends, `times` times; `work` is the text of an async function's body. */
function startWorker(times: number, work = 'await sleep(Math.random() * 3);') {
  const program = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { exclusively } from ${JSON.stringify(exclusiveFile)};
    const note = (text) => appendFileSync(${JSON.stringify(log())}, text + ' ' + process.pid + '\\n');
    for (let i = 0; i < ${times}; i++) {
      await exclusively(${JSON.stringify(turnsFolder())}, async () => { note('begin'); ${work} note('end'); });
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' });
  return { child, ended: new Promise<number | null>((resolve) => void child.on('close', resolve)) };
}

const lines = () => readFileSync(log(), 'utf8').trim().split('\n').filter(Boolean);

async function logHas(lineCount: number) {
  while (lines().length < lineCount) await new Promise((resolve) => void setTimeout(resolve, 10));
}

/** The id of a process that has ended. */
const deadProcess = () => String(spawnSync(process.execPath, ['--version']).pid);

describe('exclusively', () => {
  it('lets four processes work one after the other, and loses no turn', async () => {
    const workers = Array.from({ length: 4 }, () => startWorker(25));
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    const noted = lines();
    expect(noted).toHaveLength(200);
    for (let i = 0; i < noted.length; i += 2) {
      const processId = noted[i]!.split(' ')[1];
      expect([noted[i], noted[i + 1]]).toEqual([`begin ${processId}`, `end ${processId}`]);
    }
    expect(readdirSync(turnsFolder())).toHaveLength(1);
  });

  it('goes on after a holder was killed', async () => {
    const killed = startWorker(1, 'await sleep(60_000);');
    await logHas(1);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await startWorker(1).ended).toBe(0);
    expect(lines().map((line) => line.split(' ')[0])).toEqual(['begin', 'begin', 'end']);
  });

  it('lets one of many take over from a dead holder', async () => {
    mkdirSync(turnsFolder());
    writeFileSync(path.join(turnsFolder(), '7'), deadProcess());
    await Promise.all(Array.from({ length: 4 }, () => startWorker(1).ended));
    expect(lines().map((line) => line.split(' ')[0])).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end', 'begin', 'end']);
  });

  it('does not wait for a process that merely has the id of a dead holder', async () => {
    mkdirSync(turnsFolder());
    const held = path.join(turnsFolder(), '7');
    writeFileSync(held, String(process.pid));
    const minutesAgo = new Date(Date.now() - 120_000);
    utimesSync(held, minutesAgo, minutesAgo);
    expect(await startWorker(1).ended).toBe(0);
  });

  it('gives the turn back when the work throws', async () => {
    expect(await startWorker(1, "throw new Error('expected by this test');").ended).toBe(1);
    expect(await startWorker(1).ended).toBe(0);
  });
});
