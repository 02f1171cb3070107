import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileStore, silentProgress } from '@fraudops/core';
import { modelRegistry, tracker } from '@fraudops/registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseLine } from './command.js';
import { modelCommands } from './model-commands.js';

let folder: string;
let bundle: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'versions-'));
  bundle = path.join(folder, 'bundle');
  await mkdir(path.join(bundle, 'plots'), { recursive: true });
  await writeFile(path.join(bundle, 'model.json'), '{"trees":[]}');
  await writeFile(path.join(bundle, 'plots', 'roc.svg'), '<svg/>');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const place = () => path.join(folder, 'store');
async function openRegistry() {
  await mkdir(place(), { recursive: true });
  return modelRegistry(fileStore(place()));
}

async function run(
  line: string[],
  { signal = new AbortController().signal, print }: { signal?: AbortSignal; print?: (line: string) => void } = {},
): Promise<string> {
  const parsed = parseLine(modelCommands, ['models', ...line, '--store', place()]);
  if (parsed.help) throw new Error('a command was expected');
  let text = '';
  const context = { style: (_: string, styled: string) => styled, progress: silentProgress, user: 'ana', signal };
  const noted = (more: string) => {
    text += more;
    print?.(more);
  };
  await parsed.command.run({ ...parsed.given, ...context, print: noted });
  return text;
}

const refusal = (line: string[]) => run(line).then(String, (error: Error) => error.message);

describe('models register', () => {
  it('registers all files of a folder, and prints the version', async () => {
    const registry = await openRegistry();
    expect(await run(['register', 'fraud', '--files', bundle])).toBe('v1 of fraud is registered, with 2 files.\n');
    const files = await registry.load('fraud', 1);
    expect([...files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)])).toEqual([
      ['model.json', '{"trees":[]}'],
      ['plots/roc.svg', '<svg/>'],
    ]);
    const version = JSON.parse(
      await run(['register', 'fraud', '--files', bundle, '--metrics', 'rocAuc=0.9, f1=-1e-3', '--algorithm', 'cart', '--json']),
    ) as unknown;
    expect(version).toMatchObject({ version: 2, metrics: { rocAuc: 0.9, f1: -0.001 }, algorithm: 'cart', registeredBy: 'ana' });
  });

  it('takes metrics and code of the run that made it, unless others are given', async () => {
    const registry = await openRegistry();
    const made = await tracker(fileStore(place())).startRun({ experiment: 'fraud', codeVersion: 'c1' });
    await made.logMetrics({ rocAuc: 0.8, f1: null });
    await made.finish();
    const line = ['register', 'fraud', '--files', bundle, '--run', made.id];
    await run([...line, '--by', 'ci', '--why', 'nightly', '--description', 'with shops']);
    expect(await registry.get('fraud', 1)).toMatchObject({
      runId: made.id,
      metrics: { rocAuc: 0.8, f1: null },
      codeVersion: 'c1',
      description: 'with shops',
    });
    await run([...line, '--metrics', 'rocAuc=0.7', '--code-version', 'c2']);
    expect(await registry.get('fraud', 2)).toMatchObject({ metrics: { rocAuc: 0.7 }, codeVersion: 'c2' });
    expect((await registry.history('fraud'))[0]).toMatchObject({ by: 'ci', why: 'nightly' });
    expect(await refusal(['register', 'fraud', '--files', bundle, '--run', 'none'])).toContain('no run none');
    expect(await registry.head('fraud')).toBe(2);
  });

  it('says what is wrong with the folder and with options, and registers nothing', async () => {
    const registry = await openRegistry();
    const empty = path.join(folder, 'empty');
    await mkdir(empty);
    const many = path.join(folder, 'many');
    await mkdir(many);
    for (let i = 0; i <= 100; i++) await writeFile(path.join(many, String(i)), 'x');
    const linked = path.join(folder, 'linked');
    await mkdir(linked);
    await symlink('/etc/hostname', path.join(linked, 'model.json'));
    for (const [line, message] of [
      [[], '--files is missing'],
      [['--files', path.join(folder, 'gone')], 'is not there'],
      [['--files', path.join(bundle, 'model.json')], 'is no folder'],
      [['--files', empty], 'holds no files'],
      [['--files', many], 'more than 100 files'],
      [['--files', linked], 'model.json is neither a file nor a folder'],
      [['--files', bundle, '--metrics', 'rocAuc'], '--metrics has "rocAuc"'],
      [['--files', bundle, '--metrics', 'a=1,a=2'], 'each metric once'],
    ] as const) {
      expect(await refusal(['register', 'fraud', ...line])).toContain(message);
    }
    expect(await refusal(['register', '../fraud', '--files', bundle])).toContain('model');
    expect(await registry.models()).toEqual([]);
  });
});

describe('models delete-version', () => {
  it('deletes a version with a reason, and none that is in use', async () => {
    const registry = await openRegistry();
    for (let i = 0; i < 3; i++) await run(['register', 'fraud', '--files', bundle]);
    await registry.promote('fraud', 2, { stage: 'Production', by: 'ana', why: 'x' });
    expect(await refusal(['delete-version', 'fraud', '1'])).toContain('--why is missing');
    expect(await run(['delete-version', 'fraud', '1', '--why', 'a mistake', '--by', 'ben'])).toBe('v1 of fraud is deleted.\n');
    expect(await registry.get('fraud', 1)).toBeUndefined();
    expect((await registry.history('fraud')).at(-1)).toMatchObject({ type: 'deleted-version', by: 'ben', why: 'a mistake' });
    expect(JSON.parse(await run(['delete-version', 'fraud', 'v3', '--why', 'x', '--json']))).toEqual({
      model: 'fraud',
      version: 3,
      deleted: true,
    });
    await expect(run(['delete-version', 'fraud', 'Production', '--why', 'x'])).rejects.toMatchObject({ code: 'VERSION_IN_USE' });
    for (const gone of ['1', '9']) {
      await expect(run(['delete-version', 'fraud', gone, '--why', 'x'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(run(['delete-version', 'nothing', '1', '--why', 'x'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('models watch', () => {
  it('prints a line an event, as they come, until it is interrupted', async () => {
    const registry = await openRegistry();
    await run(['register', 'fraud', '--files', bundle, '--why', 'first\u001b[2J']);
    const end = new AbortController();
    const watching = run(['watch', 'fraud', '--since', '0', '--every', '1'], {
      signal: end.signal,
      print: (line) => {
        if (line.startsWith('1 ')) void registry.promote('fraud', 1, { stage: 'Production', by: 'ben', why: 'better' });
        else end.abort();
      },
    });
    const [first = '', second = '', ...rest] = (await watching).split('\n');
    expect(first).toMatch(/^1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}registered v1, by ana: first\ufffd\[2J$/);
    expect(second).toMatch(/^2 .* promoted v1 to Production, by ben: better$/);
    expect(rest).toEqual(['']);
  });

  it('prints lines of JSON, and only what is new unless told otherwise', async () => {
    const registry = await openRegistry();
    for (let i = 0; i < 2; i++) await run(['register', 'fraud', '--files', bundle]);
    const end = new AbortController();
    const watching = run(['watch', 'fraud', '--every', '1', '--json'], { signal: end.signal, print: () => end.abort() });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await registry.describe('fraud', { tags: { a: 'x' }, by: 'ana' });
    const lines = (await watching).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([expect.objectContaining({ seq: 3, type: 'described' })]);
  });

  it('names a model that is not there, and a place that is not', async () => {
    await openRegistry();
    await expect(run(['watch', 'nothing'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await run(['register', 'fraud', '--files', bundle]);
    await expect(run(['watch', 'fraud', '--since', '7'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
