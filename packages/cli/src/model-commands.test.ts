import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileStore, silentProgress } from '@fraudops/core';
import { modelRegistry, tracker } from '@fraudops/registry';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseLine } from './command.js';
import { modelCommands } from './model-commands.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'models-'));
  const store = fileStore(folder);
  const registry = modelRegistry(store);
  for (const trees of [100, 200, 300]) {
    const { id } = await tracker(store).startRun({
      experiment: 'fraud',
      params: { trees, learningRate: 0.1 },
      codeVersion: `c${trees}`,
    });
    await registry.register(
      'fraud',
      {
        files: [
          { path: 'model.onnx', bytes: Uint8Array.of(trees & 255) },
          { path: 'notes.txt', bytes: Uint8Array.of(1) },
        ],
        runId: id,
        metrics: { averagePrecision: 0.5 + trees / 1_000, rocAuc: 0.9 },
        algorithm: 'boosting',
        data: { fingerprint: 'sha256:1', rows: 58_264, fromMs: 0, toMs: 86_400_000 },
        signature: {
          inputs: ['AMOUNT', 'NIGHT', `F${trees}`].map((name) => ({ name, type: 'float' as const })),
          outputs: [{ name: 'score', type: 'float' }],
        },
      },
      { by: 'ci', why: 'weekly retraining on all transactions whose labels are known by now, and then some more words' },
    );
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function run(line: string[], width?: number): Promise<string> {
  const parsed = parseLine(modelCommands, ['models', ...line, '--store', folder]);
  if (parsed.help) throw new Error('a command was expected');
  let text = '';
  const signal = new AbortController().signal;
  const context = { style: (_: string, styled: string) => styled, progress: silentProgress, user: 'ana', signal };
  await parsed.command.run({ ...parsed.given, ...context, ...(width ? { width } : {}), print: (more) => (text += more) });
  return text;
}

const json = async (...line: string[]) => JSON.parse(await run([...line, '--json'])) as unknown;
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

const ESCAPE = '\u001b[2J';

it.each([
  'show',
  'history',
  'verify',
  'split',
  'watch',
  'diff nothing 1 2',
  'promote nothing 1 --why x',
  'rollback nothing --why x',
])('models %s names a model that does not exist', async (line) => {
  const [command = '', ...words] = line.split(' ');
  await expect(run([command, ...(words.length > 0 ? words : ['nothing'])])).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('models promote', () => {
  afterEach(() => {
    process.exitCode = undefined;
  });

  const gates = ['--at-least', 'averagePrecision=0.7,rocAuc=0.5', '--at-most', 'rocAuc=0.8', '--approved-by', 'ana,ben'];
  const promote = (version: string, ...more: string[]) => run(['promote', 'gated', version, '--why', 'x', ...more]);
  const register = (name: string) =>
    Promise.all(
      [0.6, 0.8].map(async (averagePrecision, i) => {
        const files = [{ path: 'model.json', bytes: Uint8Array.of(i) }];
        const metrics = { averagePrecision, rocAuc: 0.9 - i / 5 };
        await modelRegistry(fileStore(folder)).register(name, { files, metrics }, { by: 'ci', why: 'weekly' });
      }),
    );

  it('tells each gate that failed, ends with 1, and the history tells it too', async () => {
    const registry = modelRegistry(fileStore(folder));
    await register('gated');
    const [low, high] = (await registry.versions('gated'))
      .toSorted((a, b) => a.metrics['averagePrecision']! - b.metrics['averagePrecision']!)
      .map(({ version }) => String(version)) as [string, string];
    const refused = await promote(low, ...gates);
    expect(process.exitCode).toBe(1);
    expect(refused.split('\n')).toEqual([
      `v${low} was not promoted to Production:`,
      `  averagePrecision at least 0.7: version ${low} has 0.6, needs 0.7`,
      `  rocAuc at most 0.8: version ${low} has 0.9, needs at most 0.8`,
      expect.stringMatching(/^ {2}needs 2 approvals of ana, ben: /),
      '',
    ]);
    for (const width of [80, undefined]) {
      const history = await run(['history', 'gated'], width);
      expect(history).toContain(`refused v${low} for Production`);
      expect(history).toContain(`\n         averagePrecision at least 0.7: version ${low} has 0.6, needs 0.7\n`);
      if (width !== undefined) expect(widest(history)).toBeLessThanOrEqual(width);
    }

    process.exitCode = undefined;
    for (const name of ['ana', 'ben']) await run(['approve', 'gated', high, '--why', 'seen', '--by', name]);
    expect(await promote(high, ...gates)).toContain(`v${high} is in Production`);
    expect(process.exitCode).toBeUndefined();
    expect(await promote(low, '--above-incumbent', 'averagePrecision,rocAuc')).toBe(
      `v${low} was not promoted to Production:\n  averagePrecision above incumbent: version ${low} has 0.6, needs more than 0.8 of version ${high}\n`,
    );
  });

  it('tells who does it, by --by, and shows no control characters of names', async () => {
    await register('named');
    await run(['promote', 'named', '1', '--why', 'x', '--by', 'carla']);
    await run(['alias', 'named', 'a', '--to', '1', '--why', ESCAPE, '--by', 'dana']);
    await run(['tag', 'named', `market=e=${ESCAPE}`, '--by', 'emil']);
    await run(['describe', 'named', 'cards', '--by', `f${ESCAPE}`]);
    expect(await run(['approve', 'named', '2', '--why', 'x', '--by', `g${ESCAPE}`])).not.toContain(ESCAPE);
    const events = (await json('history', 'named')) as { by: string; payload: { tags?: object } }[];
    expect(events.slice(2).map(({ by }) => by)).toEqual(['carla', 'dana', 'emil', `f${ESCAPE}`, `g${ESCAPE}`]);
    expect(events[4]).toMatchObject({ payload: { tags: { market: `e=${ESCAPE}` } } });
    for (const line of [
      ['list'],
      ['show', 'named'],
      ['show', 'named', '2'],
      ['history', 'named', '1'],
      ['diff', 'named', '1', '2'],
    ]) {
      expect(await run(line, 80), line.join(' ')).not.toContain(ESCAPE);
      expect(await run(line), line.join(' ')).not.toContain(ESCAPE);
    }
  });
});

describe('models', () => {
  it('are promoted, named, approved, tagged and split, and tell it', async () => {
    expect(await run(['promote', 'fraud', 'v1', '--why', 'first'])).toMatch(/^v1 is in Production; nothing held it before/);
    expect(await run(['alias', 'fraud', 'challenger', '--to', '2', '--why', 'next'])).toBe(
      'challenger names v2, nothing before.\n',
    );
    expect(await run(['approve', 'fraud', 'challenger', '--why', 'looked at it'])).toBe('v2 for Production: approved by ana.\n');
    expect(await run(['tag', 'fraud', 'market', '--value', 'eu', '--version', 'challenger'])).toBe('Noted of fraud v2.\n');
    expect(await run(['describe', 'fraud', '--text', 'card payments'])).toBe('Noted of fraud.\n');
    expect(await run(['split', 'fraud', '--challengers', 'v2=10', '--shadow', '3', '--why', 'first days'])).toBe(
      [
        '  version  share  as',
        '  ───────  ─────  ────────────────────',
        '  v1        90 %  Production',
        '  v2        10 %  challenger',
        '  v3           –  shadow: scores along\n',
      ].join('\n'),
    );
    expect(await json('split', 'fraud')).toMatchObject({ champion: { version: 1, percent: 90 } });
    expect(await json('show', 'fraud')).toMatchObject({
      aliases: { challenger: 2 },
      production: 1,
      description: 'card payments',
    });
    expect(await json('show', 'fraud', '--version', 'challenger')).toMatchObject({
      version: 2,
      tags: { market: 'eu' },
      approvals: [{ by: 'ana', why: 'looked at it' }],
      lineage: { codeVersion: 'c200', run: { params: { trees: 200 } } },
    });
    expect(await run(['promote', 'fraud', 'challenger', '--expect', '1', '--why', 'better'])).toContain('v1 held it before');
    expect(await run(['split', 'fraud'])).toBe('All entities go to Production.\n');
    expect(await run(['rollback', 'fraud', '--why', 'alarms'])).toContain('v1 is in Production; v2 held it before');
    await expect(run(['rollback', 'fraud', '--expect', '2', '--why', 'late'])).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await run(['alias', 'fraud', 'challenger', '--remove', '--why', 'done'])).toBe(
      'challenger is removed; it named v2.\n',
    );
  });

  it('are shown in the width that there is', async () => {
    for (const width of [80, 120]) {
      for (const line of [
        ['list'],
        ['show', 'fraud'],
        ['show', 'fraud', '--version', '1'],
        ['history', 'fraud'],
        ['diff', 'fraud', '1', '3'],
      ]) {
        expect(widest(await run(line, width)), line.join(' ')).toBeLessThanOrEqual(width);
      }
    }
    expect(await run(['history', 'fraud'])).toContain('and then some more words');
    expect(await run(['history', 'fraud'], 80)).not.toContain('and then some more words');
  });

  it('are compared side by side', async () => {
    const text = await run(['diff', 'fraud', '1', '3']);
    expect(text).toMatch(/parameter +trees +100 +300 +\+200/);
    expect(text).toMatch(/metric +averagePrecision +0\.6 +0\.8 +\+0\.2/);
    expect(text).toMatch(/feature +F100 +yes +– +gone/);
    expect(text).toMatch(/F300 +– +yes +added/);
    expect(text).toMatch(/file +model\.onnx .* other/);
    expect(text).not.toContain('notes.txt');
    expect(await run(['diff', 'fraud', '1', '3', '--all'])).toContain('notes.txt');
    const { differences } = (await json('diff', 'fraud', 'Production', '3')) as {
      differences: { name: string; same: boolean }[];
    };
    expect(differences.filter(({ same }) => same).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['learningRate', 'rocAuc', 'AMOUNT', 'notes.txt']),
    );
  });

  it('have a history of each version', async () => {
    const types = async (...line: string[]) =>
      ((await json('history', 'fraud', ...line)) as { type: string }[]).map(({ type }) => type);
    expect(await types('--version', '3')).toEqual(['registered', 'traffic-split']);
    expect(await types('--limit', '1')).toEqual(['alias-removed']);
    expect(await types('--since', '3', '--limit', '1')).toEqual(['promoted']);
  });

  it.each([
    [['alias', 'fraud', 'best', '--why', 'x'], 'Give either --to or --remove.'],
    [['alias', 'fraud', 'best', '--to', '1', '--remove', '--why', 'x'], 'Give either --to or --remove.'],
    [['alias', 'fraud', 'best', '--to', '1'], '--why is missing'],
    [['tag', 'fraud', 'market'], 'Say the value, as market=VALUE or with --value'],
    [['tag', 'fraud', 'market', '--value', 'eu', '--remove'], 'Say the value'],
    [['tag', 'fraud', 'market', 'eu'], 'takes MODEL TAG, got ["fraud","market","eu"]; fraudops models tag --help'],
    [['describe', 'fraud'], 'Say the description once, as TEXT'],
    [['describe', 'fraud', 'a', '--text', 'b'], 'Say the description once'],
    [['show', 'fraud', '1', '--version', '2'], 'Give the version once'],
    [['promote', 'fraud', '1', '--why', 'x', '--at-least', 'rocAuc'], '--at-least has "rocAuc", expected such as'],
    [['promote', 'fraud', '1', '--why', 'x', '--at-most', 'rocAuc=1e999'], '--at-most has "rocAuc=1e999"'],
    [['promote', 'fraud', '1', '--why', 'x', '--above-incumbent', 'rocAuc,'], '--above-incumbent has "rocAuc,"'],
    [['promote', 'fraud', '1', '--why', 'x', '--approved-by', 'ana,ana'], 'expected each name once'],
    [['split', 'fraud', '--challengers', '2', '--why', 'x'], '--challengers has "", expected such as 4=10,5=2.5.'],
    [['split', 'fraud', '--challengers', '2=10', '--end', '--why', 'x'], 'Give either --end'],
    [['promote', 'fraud', '0', '--why', 'x'], 'VERSION is "0"'],
    [['approve', 'fraud', '1', '--stage', 'production', '--why', 'x'], '--stage is "production"'],
  ])('%s is asked wrongly', async (line, message) => {
    await expect(run(line)).rejects.toThrow(message);
  });

  it.each([
    [['promote', 'fraud', '9', '--why', 'x'], 'NOT_FOUND'],
    [['show', 'other'], 'NOT_FOUND'],
    [['show', 'fraud', '--version', 'nobody'], 'NOT_FOUND'],
    [['alias', 'fraud', 'v3', '--to', '1', '--why', 'x'], 'INVALID_NAME'],
    [['split', 'fraud', '--challengers', '1=10', '--why', 'x'], 'INVALID_ARGUMENT'],
  ])('%s can not be done', async (line, code) => {
    await expect(run(line)).rejects.toMatchObject({ code });
  });
});
