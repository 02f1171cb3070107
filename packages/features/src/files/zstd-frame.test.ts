import { decompressZstd } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { inflateZstdFrame } from './zstd-frame.js';

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** No content size, no checksum, a window of 1 MiB. */
const STREAMED = [...MAGIC, 0, 0x50];
const RAW = 0;
const RLE = 1;
const block = (type: number, size: number, content: readonly number[], isLast = false) => {
  const header = (size << 3) | (type << 1) | Number(isLast);
  return [header & 255, (header >> 8) & 255, header >> 16, ...content];
};
const inflate = (bytes: readonly number[], size: number) => inflateZstdFrame(decompressZstd, Uint8Array.from(bytes), size);

/** The text `abc0 abc1 ... abc9 `, 200 times, by zstd 1.5.4: a file, so with its size, and a pipe, so without, but with a checksum. */
const TEXT = Array.from({ length: 2000 }, (_, i) => `abc${i % 10} `).join('');
const WITH_SIZE = '28b52ffd6010263501008861626330206162633132333435363738390aa04078cf01b013e3d8a632dfb5766dedb0921d';
const AS_STREAM =
  '28b52ffd0458dd0100240361626330206162633120616263322061626333206162633420616263352061626336206162633720616263382061626339200100b26d2aafa0cee06b18';
const bytesOf = (hex: string) => [...Buffer.from(hex, 'hex')];

describe('inflateZstdFrame', () => {
  it.each([WITH_SIZE, AS_STREAM])('inflates a frame of zstd with and without its size', (hex) => {
    expect(Buffer.from(inflate(bytesOf(hex), TEXT.length)).toString()).toBe(TEXT);
    for (const size of [TEXT.length - 1, TEXT.length + 1, TEXT.length + 100_000])
      expect(() => inflate(bytesOf(hex), size)).toThrow(/Zstandard frame|out of bounds/);
  });

  it('inflates raw and repeated blocks', () => {
    const frame = [...STREAMED, ...block(RAW, 2, [1, 2]), ...block(RLE, 3, [7], true)];
    expect([...inflate(frame, 5)]).toEqual([1, 2, 7, 7, 7]);
    expect(inflate([...STREAMED, ...block(RAW, 0, [], true)], 0)).toHaveLength(0);
  });

  it('refuses a bomb before it inflates anything', () => {
    const bomb = [
      ...STREAMED,
      ...Array.from({ length: 1000 }, () => block(RLE, 131_072, [0])).flat(),
      ...block(RLE, 1, [0], true),
    ];
    const never = () => expect.fail('was inflated');
    const refused = (bytes: readonly number[]) => () => inflateZstdFrame(never, Uint8Array.from(bytes), 100);
    expect(refused(bomb)).toThrow('a Zstandard frame of more than 100 bytes');
    const good = [...MAGIC, 0x20, 100, ...block(RLE, 100, [0], true)];
    expect(refused([...good, ...bomb])).toThrow('bytes behind its end');
    expect(refused(good.slice(0, -4))).toThrow('outside the bounds');
    expect(refused([...STREAMED, ...block(RLE, 99, [0], true)])).toThrow('at most 99 bytes, expected 100');
    expect(refused([...MAGIC, 0x21, 1, 100, ...block(RLE, 100, [0], true)])).toThrow('needs a dictionary');
    expect([...inflate(good, 100)]).toEqual(Array.from({ length: 100 }, () => 0));
  });
});
