import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileStore, manualClock, silentProgress } from '@fraudops/core';
import { tracker } from '@fraudops/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLine } from './command.js';
import { runCommands } from './runs-commands.js';
import { stylist, visibleLength } from './terminal-style.js';

let folder: string;
const startedMs = Date.now() - 10_000;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fraudops-runs-'));
  const clock = manualClock(startedMs);
  const runs = tracker(fileStore(folder), { clock });
  for (let i = 0; i < 6; i++) {
    clock.advance(1000);
    const name = i === 2 ? 'a name that is much too long for a column' : undefined;
    const params = { algorithm: i % 2 ? 'boosting' : 'logistic', trees: 100 };
    const inputs = [{ name: 'transactions', fingerprint: 'f'.repeat(64), rows: 1_754_155, context: 'training' }];
    const run = await runs.startRun({ experiment: 'fraud', params, inputs, ...(name === undefined ? {} : { name }) });
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, j) => [`metricNumber${j}`, j]));
    await run.logMetrics({ averagePrecision: 0.6 + i / 70, rocAuc: i === 3 ? null : 0.87, ...many });
    if (i === 0) await run.logArtifact('model.json', new Uint8Array(12_345));
    if (i === 0) await (await run.startChild({ name: 'fold 1' })).finish();
    if (i < 5) await run.finish(i % 2 ? 'failed' : 'finished');
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function printed(words: string[], width?: number): Promise<string> {
  const parsed = parseLine(runCommands, words.includes('--store') ? words : [...words, '--store', folder]);
  if (parsed.help) throw new Error('a command was expected');
  let text = '';
  const style = stylist({ write: () => {}, isTTY: width !== undefined });
  const context = { style, progress: silentProgress, user: 'test', signal: new AbortController().signal };
  await parsed.command.run({
    ...parsed.given,
    ...context,
    ...(width === undefined ? {} : { width }),
    print: (more) => (text += more),
  });
  return text;
}

const best = ['runs', 'list', '--order', 'metrics.averagePrecision DESC'];

describe('runs list', () => {
  it('orders and filters, and writes the numbers of a column with the same decimals', async () => {
    const lines = (await printed([...best, '--filter', "params.algorithm = 'boosting'", '--limit', '2'])).split('\n');
    expect(lines[0]).toMatch(/^ {2}run +started +status +averagePrecision/);
    expect(lines.slice(2, 4).map((line) => /running|failed|\d\.\d+/g.exec(line)?.[0])).toEqual(['running', 'failed']);
    expect(lines[2]).toMatch(/0\.6714 /);
    expect(lines[3]).toMatch(/0\.6429 /);
    expect(lines.at(-2)).toBe('  2 of 3 runs; --limit shows more');
  });

  it.each([80, 120])('fits a terminal of %i columns, names what has no room, and colours statuses', async (width) => {
    const text = await printed(best, width);
    const lines = text.split('\n');
    expect(Math.max(...lines.map(visibleLength))).toBeLessThanOrEqual(width);
    expect(lines[0]).toContain('averagePrecision');
    expect(text).toContain('no room for');
    expect(text).toContain('\u001b[31mfailed\u001b[39m');
    expect(text).toContain('\u001b[36mrunning\u001b[39m');
    if (width === 120) expect(text).toContain('a name that is much too…');
  });

  it('prints records as JSON', async () => {
    const records = JSON.parse(await printed([...best, '--limit', '1', '--json'])) as object[];
    expect(records).toMatchObject([{ experiment: 'fraud', status: 'running', params: { algorithm: 'boosting' } }]);
  });

  it('says when there is nothing, or the filter is none', async () => {
    expect(await printed(['runs', 'list', '--filter', 'metrics.rocAuc > 2'])).toBe('No run is like that.\n');
    await expect(printed(['runs', 'list', '--experiment', 'other'])).rejects.toThrow(/^There is no experiment other\.$/);
    await expect(printed(['runs', 'list', '--experiment', 'frad'])).rejects.toThrow('experiment frad; did you mean fraud?');
    await expect(printed(['runs', 'list', '--filter', 'metric.loss ~ 5'])).rejects.toThrow('"~" has no meaning here');
  });
});

describe('runs show', () => {
  it('shows no control characters of names', async () => {
    const other = path.join(folder, 'escapes');
    const escape = '\u001b[2J';
    const { id } = await tracker(fileStore(other)).startRun({ experiment: 'x', name: `a${escape}`, params: { p: escape } });
    const lines = [['list'], ['list', '--columns', 'name,p'], ['show', id], ['compare', id, id]];
    for (const line of lines) {
      for (const width of [80, undefined]) {
        expect(await printed(['runs', ...line, '--store', other], width), line.join(' ')).not.toContain(escape);
      }
    }
  });

  it('takes the beginning of an id, if it is enough', async () => {
    const [first] = JSON.parse(
      await printed(['runs', 'list', '--order', 'start_time', '--filter', 'params.trees is not null', '--json']),
    ) as [{ id: string }];
    const text = await printed(['runs', 'show', first.id.slice(0, 24)]);
    expect(text).toMatch(new RegExp(`^${first.id}\n  experiment +fraud\n`));
    expect(text).toMatch(/averagePrecision +0\.6 +0\n/);
    expect(text).toMatch(/transactions +training +1,754,155 +f{23}…\n/);
    expect(text).toMatch(/model\.json +12,345/);
    expect(text).toMatch(/finished +fold 1/);
    expect(JSON.parse(await printed(['runs', 'show', first.id, '--json']))).toMatchObject({
      id: first.id,
      artifacts: [{ path: 'model.json' }],
    });
    await expect(printed(['runs', 'show', first.id.slice(0, 3)])).rejects.toThrow('runs begin with');
    await expect(printed(['runs', 'show', 'none'])).rejects.toThrow('There is no run none');
    await expect(printed(['runs', 'show', "x' or"])).rejects.toThrow('expected the id of a run');
  });
});

describe('runs list --columns', () => {
  it('shows these and no others, in their order', async () => {
    const text = await printed(['runs', 'list', '--columns', 'trees, rocAuc,name'], 100);
    expect(text.split('\n')[0]).toMatch(/^ {2}run +started +status +trees +rocAuc +name$/);
    expect(text).not.toContain('no room');
  });

  it('names all that has no room, and what may be meant', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `metricNumber${i}`);
    const text = await printed(['runs', 'list', '--columns', names.join(',')], 80);
    for (const name of names) expect(text).toContain(name);
    expect(Math.max(...text.split('\n').map(visibleLength))).toBeLessThanOrEqual(80);
    await expect(printed(['runs', 'list', '--columns', 'rocAcu'])).rejects.toThrow('Did you mean rocAuc?');
  });
});

describe('runs compare', () => {
  it('rounds numbers for people, says nothing of what did not change, and cuts names only when it must', async () => {
    const other = path.join(folder, 'compared');
    const runs = tracker(fileStore(other));
    const ids: string[] = [];
    for (const extra of [0, 0.05]) {
      const run = await runs.startRun({
        experiment: 'x',
        params: { rate: 0.1 + extra, 'a parameter with a name of 40 letters': extra },
      });
      await run.logMetrics({ equal: 0.5, other: 0.5 + extra, near: 0.5 + extra / 1e6 });
      ids.push(run.id);
    }
    const text = await printed(['runs', 'compare', ...ids, '--store', other], 80);
    expect(text).toMatch(/rate +0\.1 +0\.15\n/);
    expect(text).toMatch(/equal +0\.5 +0\.5\n/);
    expect(text).toMatch(/other +0\.50 +0\.55 \(\+0\.05\)/);
    expect(text).toContain('a parameter with a name of 40 letters ');
    expect(text).not.toMatch(/\([+−-]?0\.0*\)/);
  });

  it.each([80, undefined])('shows all runs that are named, in blocks if need be (%s columns)', async (width) => {
    const records = JSON.parse(await printed([...best, '--json'])) as { id: string }[];
    const ids = records.slice(0, 6).map(({ id }) => id);
    const text = await printed(['runs', 'compare', ...ids], width);
    const heads = text.split('\n').filter((_, i, lines) => lines[i + 1]?.trim().startsWith('──'));
    expect(heads.length > 1).toBe(width !== undefined);
    expect(new Set(heads.join(' ').match(/\w+/g))).toEqual(new Set(ids.map((id) => id.slice(0, 9))));
    expect(text).toContain('0.6571 (−0.0143)');
    expect(text).toContain('equal in all: trees');
    if (width !== undefined) expect(Math.max(...text.split('\n').map(visibleLength))).toBeLessThanOrEqual(width);
    expect(JSON.parse(await printed(['runs', 'compare', ids[0]!, ids[1]!, '--json']))).toMatchObject({ equalParams: ['trees'] });
  });

  it('wants two runs', () =>
    expect(printed(['runs', 'compare', 'a'])).rejects.toThrow('takes ID IDS..., at least two, got ["a"'));
});
