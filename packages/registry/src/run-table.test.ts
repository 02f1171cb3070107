import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRecord, recordOf } from './run-records.fixture.js';
import { decodeRunTable, encodeRunTable } from './run-table.js';
import { ByteReader, ByteWriter } from './varint-bytes.js';

describe('a table of runs', () => {
  it('gives every record back as it was', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 8 }), (records) => {
        const runs = records.map((record, i) => ({ record: { ...record, id: `r${i}` }, etag: `e${i}`, sizeBytes: i }));
        const table = decodeRunTable(encodeRunTable('fraud', runs))!;
        expect(table.count).toBe(runs.length);
        expect(runs.map((_, row) => table.run(row))).toEqual(runs);
      }),
    );
  });

  it('knows a run in one state only', () => {
    const table = decodeRunTable(encodeRunTable('fraud', [{ record: recordOf({ id: 'r1' }), etag: 'e1', sizeBytes: 5 }]))!;
    expect([table.find('r1', 'e1', 5), table.find('r1', 'e2', 5), table.find('r1', 'e1', 6), table.find('r2', 'e1', 5)]).toEqual([
      0,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is not read from bytes of which any bit was flipped, or that were cut', () => {
    const runs = [
      { record: recordOf({ id: 'r1', metrics: { loss: { value: 1, step: 2, atMs: 3 } } }), etag: 'e1', sizeBytes: 5 },
    ];
    const bytes = encodeRunTable('fraud', runs);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), fc.nat(bytes.length - 1), (bit, length) => {
        const flipped = bytes.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(decodeRunTable(flipped)).toBeUndefined();
        expect(decodeRunTable(bytes.slice(0, length))).toBeUndefined();
      }),
    );
  });

  it('can be read from bytes that begin anywhere in memory', () => {
    const bytes = encodeRunTable('fraud', [{ record: recordOf({ id: 'r1' }), etag: 'e1', sizeBytes: 5 }]);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeRunTable(shifted.subarray(3))!.idOf(0)).toBe('r1');
  });
});

describe('varints', () => {
  it('give any whole number back', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -200, max: 200 }))), (values) => {
        const writer = new ByteWriter();
        for (const value of values) writer.difference(value);
        const reader = new ByteReader(writer.bytes(), 0);
        expect(values.map(() => reader.difference())).toEqual(values.map((value) => value + 0));
      }),
    );
  });
});
