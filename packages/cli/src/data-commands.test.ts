import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Table, silentProgress } from '@fraudops/core';
import { handbookFeatures, inRange, rulesToJson, writeTransactions } from '@fraudops/features';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseLine } from './command.js';
import { dataCommands } from './data-commands.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'data-'));
  await printed('data simulate payments.parquet --world payments --rows 2000 --days 30');
  await printed('data simulate cards.csv.gz --rows 2000 --days 30');
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = undefined;
});

const file = (name: string) => path.join(folder, name);

/** What a command prints; words that name files are files of the test's folder. */
async function printed(line: string, signal = new AbortController().signal): Promise<string> {
  const parsed = parseLine(
    dataCommands,
    line.split(' ').map((word) => (/\.\w+$/.test(word) ? file(word) : word)),
  );
  if (parsed.help) throw new Error('a command was expected');
  let text = '';
  const context = { style: (_: string, styled: string) => styled, progress: silentProgress, user: 'test', signal };
  await parsed.command.run({ ...parsed.given, ...context, print: (more) => (text += more) });
  return text.replaceAll(`${folder}/`, '');
}

describe('data simulate', () => {
  it('says how many there are', async () => {
    expect(await printed('data simulate a.csv --rows 1000 --days 10')).toMatch(
      /^a\.csv: 1,000 transactions, \d\.\d\d % fraud\n$/,
    );
    expect((await readFile(file('a.csv'), 'utf8')).split('\n')).toHaveLength(1002);
  });

  it('refuses worlds that are none', async () => {
    await expect(printed('data simulate a.csv --world mars')).rejects.toThrow('--world is "mars", expected handbook or payments');
  });

  it('leaves no file when it is interrupted', async () => {
    const interrupted = AbortSignal.abort(new Error('stop'));
    await expect(printed('data simulate stopped.parquet --rows 1000 --days 10', interrupted)).rejects.toThrow('stop');
    expect((await readdir(folder)).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });
});

describe('data validate', () => {
  it('passes good files', async () => {
    expect(await printed('data validate cards.csv.gz')).toBe('Passed: all 2,000 rows are valid; no rule of the schema broken.\n');
    expect(process.exitCode).toBeUndefined();
  });

  it('judges by rules of one’s own, writes the bad rows apart, and ends with 1', async () => {
    await writeFile(file('rules.json'), JSON.stringify(rulesToJson([inRange('TX_AMOUNT', { maximum: 100 })])));
    const line = 'data validate payments.parquet --transactions payments --rules rules.json';
    const text = await printed(`${line} --quarantine bad.csv`);
    const bad = Number(/(\d+) quarantined/.exec(text)?.[1]);
    expect(text).toMatch(/^Failed: 1,\d+ of 2,\d+ rows are valid/);
    expect(text).toContain('✗ TX_AMOUNT is at most 100');
    expect(text).toContain(`\n${bad} rows in bad.csv\n`);
    expect((await readFile(file('bad.csv'), 'utf8')).split('\n')).toHaveLength(bad + 2);
    expect(process.exitCode).toBe(1);
    expect(JSON.parse(await printed(`${line} --json`))).toMatchObject({ formatVersion: 1, passed: false });
  });
});

describe('--transactions', () => {
  it('is hinted at when a file has other columns than the handbook’s', async () => {
    await expect(printed('data validate payments.parquet')).rejects.toThrow(
      /no column TERMINAL_ID.*name others with --transactions: payments for a file of data simulate --world payments/,
    );
  });

  it('is no set of features', async () => {
    await writeFile(file('set.json'), JSON.stringify(handbookFeatures.toJson()));
    await expect(printed('data validate cards.csv.gz --transactions set.json')).rejects.toThrow('set.json is a set of features');
  });
});

describe('data profile', () => {
  it('finds out the columns of any file', async () => {
    const text = await printed('data profile cards.csv.gz --out page.html');
    expect(text).toMatch(/^cards\.csv\.gz: 2,000 rows, 7 columns\n\n {2}column/);
    expect(text).toMatch(/\n {2}CUSTOMER_ID +category +– /);
    expect(text).toMatch(/\n {2}TX_FRAUD +flag +– /);
    expect(text.endsWith('\npage: page.html\n')).toBe(true);
    expect(await readFile(file('page.html'), 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('takes the columns that are named, and prints JSON', async () => {
    const profile = JSON.parse(await printed('data profile payments.parquet --transactions payments --json')) as {
      columns: unknown[];
    };
    expect(profile.columns).toHaveLength(15);
  });
});

describe('data infer', () => {
  it('proposes source, reasons, and a definition that the other commands take', async () => {
    expect(await printed('data infer payments.parquet')).toContain("time: 'TX_DATETIME',");
    expect(await printed('data infer payments.parquet --reasons')).toMatch(/label +TX_FRAUD +✓ /);
    expect(await printed('data infer payments.parquet --arrival LABEL_KNOWN_AT')).toContain("arrival: 'LABEL_KNOWN_AT',");
    expect(await printed('data infer payments.parquet --known-at LABEL_KNOWN_AT')).toContain("knownAt: 'LABEL_KNOWN_AT' },");
    await writeFile(
      file('definition.json'),
      await printed('data infer payments.parquet --label-days 30 --entities CUSTOMER_ID --json'),
    );
    const definition = JSON.parse(await readFile(file('definition.json'), 'utf8')) as unknown;
    expect(definition).toMatchObject({ label: { delayMs: 30 * 86_400_000 }, entities: ['CUSTOMER_ID'] });
    expect(await printed('data validate payments.parquet --transactions definition.json')).toMatch(/^Passed/);
  });

  it('knows a label in words, in text files as in Parquet', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      at: `2024-01-01 00:00:${10 + i}`,
      card: 'a',
      is_fraud: i % 10 ? 'N' : 'Y',
    }));
    const written = Table.fromRows(rows, { at: 'time', card: 'category', is_fraud: 'category' });
    for (const name of ['words.csv', 'words.parquet']) {
      await writeTransactions(file(name), written);
      expect(await printed(`data infer ${name}`)).toContain("label: { field: 'is_fraud',");
      expect(await printed(`data profile ${name}`)).toMatch(/\n {2}is_fraud +flag /);
    }
  });
});
