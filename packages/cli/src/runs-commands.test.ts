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
  const parsed = parseLine(runCommands, [...words, '--store', folder]);
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
    expect(await printed(['runs', 'list', '--experiment', 'other'])).toBe('No run is like that.\n');
    await expect(printed(['runs', 'list', '--filter', 'metric.loss ~ 5'])).rejects.toThrow('"~" has no meaning here');
  });
});

describe('runs show', () => {
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

describe('runs compare', () => {
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

  it('wants two runs', () => expect(printed(['runs', 'compare', 'a'])).rejects.toThrow('takes ID IDS..., got ["a"'));
});
