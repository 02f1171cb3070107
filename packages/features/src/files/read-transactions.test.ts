import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Progress } from '@fraudops/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { readTransactions } from './read-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';

const payments = defineTransactions({
  schema: z.object({
    id: z.string(),
    at: z.date(),
    amount: z.number().multipleOf(0.01),
    fraud: z.boolean(),
    note: z.string().optional(),
  }),
  time: 'at',
  label: { field: 'fraud', delayMs: 0 },
  id: 'id',
  entities: ['id'],
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-transactions-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(content: string | Uint8Array, name = 'payments.csv'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function refusal(content: string | Uint8Array, options = {}): Promise<FeatureError> {
  const path = await fileWith(content);
  return readTransactions(path, payments, options).then(
    () => expect.fail('was not refused'),
    (error: FeatureError) => error,
  );
}

const HEADER = 'id,at,amount,fraud,note\n';

describe('readTransactions', () => {
  it('finds columns by the header, in any order, and ignores those it does not know', async () => {
    const path = await fileWith(
      '\uFEFFshop,fraud,"amount",at,id\r\nx,1,12.50,2018-04-01 00:00:31,a\r\ny,,,2018-04-02T10:00:00.5Z,"b, ""c"""\r\n',
    );
    const table = await readTransactions(path, payments);
    expect(table.columnNames).toEqual(['id', 'at', 'amount', 'fraud']);
    expect(table.toRows()).toEqual([
      { id: 'a', at: new Date('2018-04-01T00:00:31Z'), amount: 12.5, fraud: true },
      { id: 'b, "c"', at: new Date('2018-04-02T10:00:00.5Z'), amount: null, fraud: null },
    ]);
  });

  it('takes an empty cell as missing, and "" as the empty string where there are strings', async () => {
    const path = await fileWith(`${HEADER},,,,\n"","","","",""\n`);
    const missing = { id: null, at: null, amount: null, fraud: null, note: null };
    expect((await readTransactions(path, payments)).toRows()).toEqual([missing, { ...missing, id: '', note: '' }]);
  });

  it('reads flags as 0, 1, true, false, yes, no, Y and N', async () => {
    const flags = ['0', '1', 'true', 'False', 'TRUE', 'Y', 'n', 'Yes', 'no', '1.0', '""'];
    const path = await fileWith('id,at,amount,fraud\n' + flags.map((flag) => `a,,,${flag}\n`).join(''));
    expect([...(await readTransactions(path, payments)).flag('fraud')]).toEqual([0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 255]);
  });

  it('reads a file without rows, and skips empty lines', async () => {
    expect((await readTransactions(await fileWith(HEADER), payments)).rowCount).toBe(0);
    expect((await readTransactions(await fileWith(`${HEADER}\r\na,,,,\n\n`), payments)).rowCount).toBe(1);
  });

  it('refuses lines that end with CR alone, which would be one long header', async () => {
    const error = await refusal('id,at,amount,fraud,note,shop\ra,2018-04-01 00:00:31,1,0,,x\r');
    expect(error.code).toBe('INVALID_FILE');
    expect(error.message).toContain(
      'line 1: a carriage return stands inside the header; save the file with LF or CRLF line ends',
    );
  });

  it('tells gzip by its content, and reads several members as one file', async () => {
    const rows = Buffer.concat([gzipSync(`${HEADER}a,,1.5,,`), gzipSync('\nb,,2,,')]);
    const table = await readTransactions(await fileWith(rows, 'payments.data'), payments);
    expect([...table.number('amount')]).toEqual([1.5, 2]);
  });

  it('reads files larger than its chunks', async () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, i) => `card-${i % 777},2018-04-01 00:00:31,${i / 100},0,"a ""quoted"" note"\n`,
    );
    const table = await readTransactions(await fileWith(HEADER + lines.join('')), payments);
    expect(table.rowCount).toBe(100_000);
    expect(table.row(99_999)).toMatchObject({ id: 'card-543', amount: 999.99, note: 'a "quoted" note' });
    expect(table.category('id').dictionary).toHaveLength(777);
  });

  it('names file, line, column, value and rule of a bad cell', async () => {
    const error = await refusal(`${HEADER}a,,1,,"two\nlines"\nb,,1.2.3,,\n`);
    expect(error).toBeInstanceOf(FeatureError);
    expect(error.code).toBe('INVALID_VALUE');
    expect(error.message).toMatch(
      /payments\.csv, line 4, column amount: "1\.2\.3" is not a decimal number such as 57\.16; leave the cell empty/,
    );
    expect(error.details).toMatchObject({ line: 4, column: 'amount', value: '1.2.3' });
  });

  it.each([
    ['', 'INVALID_FILE', 'line 1: the file is empty'],
    ['id,amount,fraud\n', 'MISSING_COLUMN', 'line 1: no column at; the first line names id, amount, fraud'],
    ['id,at,amount,fraud,id\n', 'INVALID_FILE', 'line 1: column id comes twice'],
    [`${HEADER}a,,1\n`, 'INVALID_FILE', 'line 2: 3 cells, the header has 5'],
    [`${HEADER}a,,1,5,5,,\n`, 'INVALID_FILE', 'line 2: 7 cells, the header has 5'],
    [`${HEADER}a,2018-02-30 00:00:00,,,\n`, 'INVALID_VALUE', 'line 2, column at: "2018-02-30 00:00:00" is not a time'],
    [`${HEADER}a,,,2,\n`, 'INVALID_VALUE', 'line 2, column fraud: "2" is not 0, 1, true, false, yes, no, Y or N'],
    [`${HEADER}"a"x,,,,\n`, 'INVALID_FILE', 'line 2: cell 1 goes on after its closing quote'],
    [
      Buffer.concat([Buffer.from(HEADER), Buffer.of(0xff), Buffer.from(',,,,\n')]),
      'INVALID_VALUE',
      'line 2, column id: "\uFFFD" is not UTF-8',
    ],
  ])('refuses %j', async (content, code, message) => {
    const error = await refusal(content);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('refuses a gzip file that ends early or is damaged', async () => {
    const whole = gzipSync(HEADER + 'a,,1,,\n'.repeat(10_000));
    for (const content of [whole.subarray(0, whole.length - 20), whole.subarray(0, 12), Buffer.from(whole).fill(7, 40, 60)]) {
      const error = await refusal(content);
      expect(error).toBeInstanceOf(FeatureError);
      expect(error.code).toBe('INVALID_FILE');
      expect(error.message).toContain('the gzip stream is damaged or ends early');
    }
  });

  it('refuses more rows or longer lines than its limits, without cutting anything off', async () => {
    for (const limit of [Number.NaN, 'a' as never, -1, 1.5]) {
      for (const option of ['maxRows', 'maxLineBytes'])
        expect(await refusal(HEADER, { [option]: limit })).toMatchObject({ code: 'INVALID_OPTION', details: { option } });
    }
    expect(await refusal(`${HEADER}a,,,,\nb,,,,\n`, { maxRows: 1 })).toMatchObject({
      code: 'TOO_LARGE',
      details: { line: 3, maxRows: 1 },
    });
    expect(await refusal(`${HEADER}${'a'.repeat(100)},,,,\n`, { maxLineBytes: 64 })).toMatchObject({
      code: 'TOO_LARGE',
      details: { line: 2 },
    });
  });

  it('stops when its signal aborts', async () => {
    const stopped = new AbortController();
    stopped.abort();
    expect(await refusal(HEADER, { signal: stopped.signal })).toMatchObject({ code: 'ABORTED' });
  });

  it('lets errors of the file system pass', async () => {
    await expect(readTransactions(join(folder, 'nothing.csv'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('reports the bytes it read', async () => {
    let [total, read, summary] = [0, 0, ''];
    const progress: Progress = {
      task: (_, options) => {
        total = options?.total ?? 0;
        return {
          advance: (units) => void (read += units),
          total: () => {},
          done: (text = '') => void (summary = text),
          fail: () => {},
        };
      },
    };
    await readTransactions(await fileWith(`${HEADER}a,,,,\n`), payments, { progress });
    expect([total, read, summary]).toEqual([30, 30, '1 transactions']);
  });
});

const handbookFile = fileURLToPath(new URL('../../../../../shared/data/handbook/transactions.csv.gz', import.meta.url));

describe.skipIf(!existsSync(handbookFile))('readTransactions on the handbook data', () => {
  it('reads 1,754,155 transactions of 4,990 customers with 14,681 frauds', { timeout: 60_000 }, async () => {
    const table = await readTransactions(handbookFile);
    expect(table.rowCount).toBe(1_754_155);
    expect(table.category('CUSTOMER_ID').dictionary).toHaveLength(4990);
    expect(table.flag('TX_FRAUD').reduce((sum, flag) => sum + flag, 0)).toBe(14_681);
    // Sum of the amounts in cents, by awk over the file.
    expect(table.number('TX_AMOUNT').reduce((sum, amount) => sum + Math.round(amount * 100), 0)).toBe(9_407_937_008);
    expect(table.row(1_754_154)).toMatchObject({ TRANSACTION_ID: 1_754_154, TX_DATETIME: new Date('2018-09-30T23:59:57Z') });
  });
});
