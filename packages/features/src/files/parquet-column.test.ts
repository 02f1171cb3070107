import { columnFromArray, decimal, tableFromColumns, tableToIPC } from '@uwdata/flechette';
import type { SchemaTree } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { tableFromArrow } from './arrow-table.js';
import { ByteDictionary } from './byte-dictionary.js';
import { parquetColumns } from './parquet-column.js';

const IDS = [12345678901234567890n, 12345678901234567891n, -7n];

/** A whole number as a Parquet file keeps it: 16 bytes, most significant first. */
function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(BigInt.asUintN(128, value).toString(16).padStart(32, '0'), 'hex'));
}

describe('decimals without decimal places', () => {
  it('keep every digit in Parquet', () => {
    const decode = (scale: number) => {
      const element = { name: 'id', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', scale } as const;
      const schema: SchemaTree = { children: [{ children: [], count: 1, element, path: ['id'] }], count: 2, element, path: [] };
      return parquetColumns(schema)[0]!.decode(IDS.map(bytesOf), new ByteDictionary());
    };
    expect(decode(0)).toEqual([IDS[0], IDS[1], -7]);
    expect(decode(2)).toEqual([Number('123456789012345678.90'), Number('123456789012345678.91'), -0.07]);
  });

  it('are exact ids in Arrow, and refused as numbers', async () => {
    const column = columnFromArray(IDS, decimal(38, 0, 128), { useDecimalInt: true });
    const bytes = tableToIPC(tableFromColumns({ id: column }), { format: 'file' })!;
    const table = await tableFromArrow(bytes, { id: 'category' });
    expect(table.category('id').dictionary).toEqual(['12345678901234567890', '12345678901234567891', '-7']);
    await expect(tableFromArrow(bytes)).rejects.toMatchObject({ code: 'INVALID_VALUE', details: { column: 'id', row: 0 } });
  });
});
