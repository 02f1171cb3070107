import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentProgress } from '@fraudops/core';
import { defineFeatures, difference, field, handbookTransactions, ratio, risk, days, targetEncoding } from '@fraudops/features';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLine } from './command.js';
import { featureCommands } from './feature-commands.js';

let folder: string;
let set: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'features-'));
  set = path.join(folder, 'set.json');
  const features = defineFeatures(handbookTransactions, {
    AMOUNT: field('TX_AMOUNT'),
    RISK: risk({ per: 'TERMINAL_ID', windowMs: days(30) }),
    OVER: ratio('AMOUNT', 'RISK'),
    REST: difference('OVER', 'AMOUNT'),
    RATE: targetEncoding('TERMINAL_ID'),
  });
  await writeFile(set, JSON.stringify(features.toJson()));
});
afterAll(() => rm(folder, { recursive: true }));

async function printed(line: string): Promise<string> {
  const parsed = parseLine(featureCommands, line.split(' '));
  if (parsed.help) throw new Error('a command was expected');
  let text = '';
  const signal = new AbortController().signal;
  const context = { style: (_: string, styled: string) => styled, progress: silentProgress, user: 'test', signal };
  await parsed.command.run({ ...parsed.given, ...context, print: (more) => (text += more) });
  return text;
}

describe('features list', () => {
  it('gives each feature a sentence', async () => {
    const text = await printed('features list');
    expect(text).toMatch(/^15 features, version [0-9a-f]{16}\n\nTX_AMOUNT {2}number\n {2}The transaction's TX_AMOUNT\.\n/);
    expect(JSON.parse(await printed(`features list --set ${set} --json`))).toMatchObject({
      features: [{ name: 'AMOUNT', kind: 'number' }, { name: 'RISK' }, { name: 'OVER' }, { name: 'REST' }, { name: 'RATE' }],
    });
  });
});

describe('features explain', () => {
  it('shows what a feature is made of, down to the raw fields', async () => {
    expect((await printed(`features explain REST --set ${set}`)).split('\n')).toEqual([
      'REST  number',
      'OVER minus AMOUNT.',
      '',
      'Made of',
      '  REST',
      '  ├─ OVER  AMOUNT over RISK.',
      "  │  ├─ AMOUNT  The transaction's TX_AMOUNT.",
      '  │  │  └─ TX_AMOUNT  number, the amount',
      '  │  └─ RISK  Share of known frauds in the transactions of the same TERMINAL_ID in the 30 days until 7 days before the transaction.',
      '  │     ├─ TX_DATETIME  time, when it happened',
      '  │     ├─ TERMINAL_ID  category, an entity',
      '  │     └─ TX_FRAUD  flag, the label',
      "  └─ AMOUNT  The transaction's TX_AMOUNT.",
      '     └─ TX_AMOUNT  number, the amount',
      '',
      'Definition',
      '  {',
      '    "type": "difference",',
      '    "of": [',
      '      "OVER",',
      '      "AMOUNT"',
      '    ]',
      '  }',
      '',
    ]);
  });

  it('gives the same as JSON', async () => {
    const json = JSON.parse(await printed('features explain TX_DURING_NIGHT --json')) as unknown;
    expect(json).toMatchObject({ name: 'TX_DURING_NIGHT', fields: ['TX_DATETIME'], definition: { type: 'duringNight' } });
  });

  it('sums up what an encoding learned', async () => {
    const table = {
      fromMs: [1, 2],
      categories: ['a', 'b', 'c'],
      values: [
        [0, 0, 0],
        [0, 0, 0],
      ],
      otherwise: [0, 0],
    };
    const features = JSON.parse(
      JSON.stringify(defineFeatures(handbookTransactions, { RATE: targetEncoding('TERMINAL_ID') }).toJson()),
    ) as { features: object[] };
    const fitted = path.join(folder, 'fitted.json');
    await writeFile(fitted, JSON.stringify({ ...features, features: [{ ...features.features[0], steps: table }] }));
    expect(await printed(`features explain RATE --set ${fitted}`)).toContain('"steps": "2 steps of 3 values"');
  });

  it('names what is not there', async () => {
    await expect(printed('features explain NOPE')).rejects.toThrow('there is no feature NOPE; the set has TX_AMOUNT');
    await expect(printed('features list --set /none.json')).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(path.join(folder, 'bad.json'), '{');
    await expect(printed(`features list --set ${folder}/bad.json`)).rejects.toThrow('bad.json is no JSON');
  });
});
