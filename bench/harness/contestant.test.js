import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startOurs, startPeer } from './contestant.js';

const serveFile = pathToFileURL(fileURLToPath(new URL('serve-commands.js', import.meta.url))).href;
const program = `
import { serveCommands, timed } from ${JSON.stringify(serveFile)};
await serveCommands({
  add: ({ a, b }) => a + b,
  nothing() {},
  fail() { throw new Error('no such row'); },
  crash() { console.error('out of luck'); process.exit(3); },
  timed: async () => (await timed(async () => 7)).result,
});`;

let folder;
let script;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'fraudops-bench-contestant-'));
  script = path.join(folder, 'program.mjs');
  writeFileSync(script, program);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('answers one command after the other, until it is stopped', async () => {
  const ours = startOurs('ours', { script });
  expect(await ours.ask('add', { a: 1, b: 2 })).toBe(3);
  expect(await ours.ask('nothing')).toBeNull();
  expect(await ours.ask('timed')).toBe(7);
  await ours.stop();
  await ours.stop();
  await expect(ours.ask('add', { a: 1, b: 2 })).rejects.toThrow('ours ended during add');
});

it('says which command failed and why, and goes on', async () => {
  const ours = startOurs('ours', { script });
  await expect(ours.ask('fail')).rejects.toThrow(/^ours failed at fail:\nError: no such row/);
  await expect(ours.ask('toString')).rejects.toThrow('there is no command toString');
  expect(await ours.ask('add', { a: 1, b: 2 })).toBe(3);
  await ours.stop();
});

it('shows the last words of a process that ended', async () => {
  const ours = startOurs('ours', { script });
  await expect(ours.ask('crash')).rejects.toThrow('ours ended during crash:\nout of luck');
  await ours.stop();
});

it('says that a process could not be started', async () => {
  const peer = startPeer('peer', { python: path.join(folder, 'no-python'), script });
  await expect(peer.ask('load')).rejects.toThrow(/^peer ended during load:\n.*ENOENT/);
  await peer.stop();
});
