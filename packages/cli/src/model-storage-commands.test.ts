import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileStore, silentProgress } from '@fraudops/core';
import { modelRegistry, tracker } from '@fraudops/registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseLine } from './command.js';
import { modelStorageCommands } from './model-storage-commands.js';

const by = { by: 'ana', why: 'test' };
const files = (text: string) => [{ path: 'model.json', bytes: new TextEncoder().encode(text) }];

let folder: string;
let storeFolder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fraudops-storage-'));
  storeFolder = path.join(folder, 'store');
});
afterEach(async () => {
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

async function printed(...line: string[]): Promise<string> {
  const parsed = parseLine(modelStorageCommands, line);
  if (parsed.help) throw new Error('a command was expected');
  let text = '';
  const signal = new AbortController().signal;
  const context = { style: (_: string, styled: string) => styled, progress: silentProgress, user: 'ana', signal };
  await parsed.command.run({ ...parsed.given, ...context, print: (more) => (text += more) });
  return text;
}

/** Lets all that is stored look old. */
async function age(): Promise<void> {
  for (const entry of await readdir(storeFolder, { recursive: true })) {
    await utimes(path.join(storeFolder, entry), 1, 1).catch(() => {});
  }
}

describe('models retain, models gc', () => {
  it('delete old versions, and what only they needed', async () => {
    const registry = modelRegistry(fileStore(storeFolder));
    for (const text of ['one', 'two', 'three']) await registry.register('fraud', { files: files(text) });
    await registry.promote('fraud', 1, { stage: 'Production', ...by });
    const on = ['--store', storeFolder];
    await expect(printed('models', 'retain', ...on, '--keep-last', '1')).rejects.toThrow('--why is missing');
    await expect(printed('models', 'retain', ...on, '--dry-run')).rejects.toThrow('--keep-last or --keep-days');
    const dry = await printed('models', 'retain', ...on, '--keep-last', '1', '--dry-run');
    expect(dry).toContain('Would delete 1 version, kept 2.');
    expect(dry).toMatch(/v1 +kept: in Production/);
    const retained = JSON.parse(await printed('models', 'retain', ...on, '--keep-last', '1', '--why', 'old', '--json'));
    expect(retained.deleted).toEqual([{ model: 'fraud', version: 2 }]);
    await age();
    // The version was deleted just now: who reads it may go on for the grace period.
    expect(await printed('models', 'gc', ...on)).toContain('Deleted 0 files of 0 bytes; kept 3 files that something needs');
    await fileStore(storeFolder).put(`blobs/ab/ab${'0'.repeat(62)}`, new Uint8Array(2_048));
    await age();
    expect(await printed('models', 'gc', ...on, '--dry-run')).toContain('Would delete 1 file of 2.0 KiB');
    expect(JSON.parse(await printed('models', 'gc', ...on, '--json'))).toMatchObject({ deletedCount: 1, neededCount: 3 });
    await expect(printed('models', 'gc', ...on, '--grace', '1')).rejects.toThrow('--grace');
  });

  it('keeps runs that were heard of lately', async () => {
    const run = await tracker(fileStore(storeFolder)).startRun({ experiment: 'fraud' });
    await run.finish('failed');
    expect(await printed('runs', 'retain', '--store', storeFolder)).toBe('Deleted 0 runs, kept 1.\n');
  });
});

describe('models export, models import, store verify', () => {
  it('move a model with its history to another store', async () => {
    const registry = modelRegistry(fileStore(storeFolder));
    await registry.register('fraud', { files: files('one') });
    await registry.promote('fraud', 1, { stage: 'Production', ...by });
    const file = path.join(folder, 'fraud.tar');
    expect(await printed('models', 'export', 'fraud', file, '--store', storeFolder)).toMatch(
      /fraud\.tar holds fraud, \d+\.\d KiB/,
    );
    const other = ['--store', path.join(folder, 'other')];
    expect(await printed('models', 'import', file, ...other)).toBe('fraud is there, with 1 version and 2 events.\n');
    expect(await printed('models', 'import', file, ...other)).toBe('fraud has all of it already.\n');
    await registry.promote('fraud', 1, { stage: 'Archived', ...by });
    const exported = await stat(file);
    await expect(printed('models', 'export', 'fraud', file, '--store', storeFolder)).rejects.toThrow('is there already; --force');
    expect(await stat(file)).toEqual(exported);
    await printed('models', 'export', 'fraud', file, '--force', '--store', storeFolder);
    expect(await printed('models', 'import', file, ...other)).toBe('fraud got 1 event that it lacked.\n');
    expect(JSON.parse(await printed('models', 'import', file, '--as', 'copy', '--json', ...other))).toMatchObject({
      model: 'copy',
    });
    expect(await printed('store', 'verify', ...other)).toBe('Whole: 2 models, 0 runs, 1 file of 3 bytes.\n');
    expect(process.exitCode).toBeUndefined();
  });

  it('leave no file when there is nothing to export, and name a file that is none', async () => {
    const file = path.join(folder, 'fraud.tar');
    const none = printed('models', 'export', 'fraud', file, '--store', storeFolder);
    await expect(none).rejects.toThrow(`--store: there is no folder ${storeFolder}`);
    await expect(printed('models', 'export', 'fraud', file, '--store', folder)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await readdir(folder)).toEqual([]);
    await expect(printed('models', 'import', file, '--store', storeFolder)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(storeFolder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('end with 1 and name what is damaged', async () => {
    const store = fileStore(storeFolder);
    await modelRegistry(store).register('fraud', { files: files('one') });
    for await (const { key } of store.list('blobs/')) await store.put(key, new Uint8Array(3));
    expect(await printed('store', 'verify', '--store', storeFolder)).toContain('file model.json is missing or damaged');
    expect(process.exitCode).toBe(1);
  });
});
