import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { readSample } from './read-sample.js';
import { writeTransactions } from './write-transactions.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sample-'));
});
afterAll(() => rm(folder, { recursive: true }));
const file = (name: string) => path.join(folder, name);

describe('readSample', () => {
  it.each(['t.csv', 't.csv.gz', 't.parquet', 't.arrow'])('takes rows evenly over the whole of %s, in order', async (name) => {
    await writeTransactions(file(name), simulateTransactions({ rows: 5000, days: 30, seed: 7 }));
    const ids = [...(await readSample(file(name), { rows: 1000 })).number('TRANSACTION_ID')];
    expect(ids.length).toBeGreaterThanOrEqual(500);
    expect(ids.length).toBeLessThanOrEqual(1000);
    const stride = ids[1]!;
    expect(ids).toEqual(ids.map((_, i) => i * stride));
    expect(ids.at(-1)! + stride).toBeGreaterThanOrEqual(5000);
  });

  it('takes all rows of a small file, with the kinds that their values suggest', async () => {
    await writeFile(file('a.csv'), 'card_id,at,amount,fraud,note\n7,2024-01-01,1.50,0,"a ""b"", c"\n7,2024-01-02,2,1,\n\n');
    const sample = await readSample(file('a.csv'));
    expect(sample.toRows()).toEqual([
      { card_id: '7', at: new Date('2024-01-01'), amount: 1.5, fraud: false, note: 'a "b", c' },
      { card_id: '7', at: new Date('2024-01-02'), amount: 2, fraud: true, note: null },
    ]);
  });

  it('refuses what is no such file, and odd options', async () => {
    await writeFile(file('empty.csv'), '');
    await writeFile(file('twice.csv'), 'a,a\n1,2\n');
    await writeFile(file('cut.csv'), 'a,b\n1\n');
    await writeFile(file('cut.csv.gz'), Uint8Array.of(0x1f, 0x8b, 8, 0, 0));
    await expect(readSample(file('empty.csv'))).rejects.toThrow('line 1: the file is empty');
    await expect(readSample(file('twice.csv'))).rejects.toThrow('line 1: column a comes twice');
    await expect(readSample(file('cut.csv'))).rejects.toThrow('line 2: 1 cells, the header has 2');
    await expect(readSample(file('cut.csv.gz'))).rejects.toMatchObject({ code: 'INVALID_FILE' });
    await expect(readSample(file('none.csv'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readSample(file('a.csv'), { rows: 1 })).rejects.toThrow('readSample: rows is 1, expected a whole number');
    await expect(readSample(file('a.csv'), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
