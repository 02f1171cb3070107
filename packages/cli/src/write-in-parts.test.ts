import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simulateTransactions, streamTransactions, writeTransactions } from '@fraudops/features';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeInParts } from './write-in-parts.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parts-'));
});
afterEach(() => rm(folder, { recursive: true }));
const file = (name: string) => path.join(folder, name);

const simulation = { rows: 2500, days: 30, seed: 7, world: 'payments' } as const;
const signal = new AbortController().signal;

describe('writeInParts', () => {
  it('writes the bytes that one table would have, and tells of each part', async () => {
    const whole = simulateTransactions(simulation);
    await writeTransactions(file('whole.csv'), whole);
    let rows = 0;
    const onTable = (table: { rowCount: number }) => (rows += table.rowCount);
    await writeInParts(file('parts.csv'), streamTransactions({ ...simulation, batchRows: 700 }), { onTable, signal });
    await writeInParts(file('parts.csv.gz'), streamTransactions({ ...simulation, batchRows: 700 }), { onTable, signal });
    const expected = await readFile(file('whole.csv'));
    expect((await readFile(file('parts.csv'))).equals(expected)).toBe(true);
    expect(gunzipSync(await readFile(file('parts.csv.gz'))).equals(expected)).toBe(true);
    expect(rows).toBe(2 * whole.rowCount);
    expect(await readdir(folder)).toHaveLength(3);
  });

  it('leaves nothing behind when it fails or is interrupted', async () => {
    const interruption = new AbortController();
    const onTable = () => interruption.abort(new Error('stop'));
    const parts = streamTransactions({ ...simulation, batchRows: 100 });
    await expect(writeInParts(file('a.csv'), parts, { onTable, signal: interruption.signal })).rejects.toThrow('stop');
    const failing = function* () {
      yield simulateTransactions(simulation);
      throw new Error('no more');
    };
    await expect(writeInParts(file('b.csv'), failing(), { onTable: () => {}, signal })).rejects.toThrow('no more');
    expect(await readdir(folder)).toEqual([]);
  });
});
