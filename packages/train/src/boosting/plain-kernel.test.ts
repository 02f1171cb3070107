import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenNumbers } from '../golden-rows.js';
import type { BoostingOptions } from './boosting-options.js';
import { type GrowTreesKernel, growTreesKernel, growTreesKernelMemory } from './grow-trees-wasm.js';
import { paymentLikeRows } from './payment-like-rows.fixture.js';
import { plainKernel } from './plain-kernel.js';
import { boost } from './train-boosting.js';

/** Runs a function by both kernels over memories that start with the same random bytes; both must end with the same. */
function bothAgree(seed: number, fill: (bytes: Uint8Array) => void, run: (kernel: GrowTreesKernel) => unknown): void {
  const next = goldenNumbers(seed);
  const start = Uint8Array.from({ length: 65_536 }, () => next() * 256);
  fill(start);
  const memory = growTreesKernelMemory(1)!;
  const plain = new SharedArrayBuffer(65_536);
  for (const buffer of [memory.buffer, plain]) new Uint8Array(buffer).set(start);
  expect(run(plainKernel(plain))).toEqual(run(growTreesKernel(memory)!));
  expect(Buffer.compare(Buffer.from(memory.buffer), Buffer.from(plain))).toBe(0);
}

const seed = fc.integer({ min: 1, max: 1e6 });
const count = fc.nat(60);
const float64s = (at: number, make: (i: number) => number) => (bytes: Uint8Array) => {
  const values = new Float64Array(bytes.buffer);
  for (let i = 0; i < 64; i++) values[at / 8 + i] = make(i);
};

describe('the two kernels leave the same bytes', () => {
  it('logLossDerivatives and quantise', () =>
    fc.assert(
      fc.property(seed, count, count, fc.constantFrom(0, 8192), fc.double({ min: 0, max: 300 }), (s, a, b, weights, spread) => {
        const next = goldenNumbers(s);
        const fill = (bytes: Uint8Array) => {
          float64s(4096, () => (next() - 0.5) * spread)(bytes);
          bytes.subarray(6144, 6208).forEach((byte, i, labels) => (labels[i] = byte & 1));
          new Float32Array(bytes.buffer).subarray(2048, 2112).forEach((_, i, all) => (all[i] = next()));
        };
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        bothAgree(s, fill, (kernel) => {
          kernel.logLossDerivatives(1024, 4096, 6144, weights, start, end, 64);
          kernel.quantise(1024, start, end, 2 ** 24, 2 ** 20);
        });
      }),
    ));

  it('addHistogram and addCounts', () =>
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 32 }), count, fc.constantFrom(0, 20_000), (s, features, rows, index) => {
        const next = goldenNumbers(s);
        const fill = (bytes: Uint8Array) => {
          const ints = new Int32Array(bytes.buffer);
          for (let i = 0; i < 64; i++) ints[5000 + i] = next() * 64;
          for (let i = 0; i < 64; i++) ints[256 + i] = 512 * i;
          for (let i = 0; i < 64 * 32; i++) bytes[30_000 + i]! &= 63;
          for (let i = 0; i < 128; i++) ints[400 + i]! &= 0xffff;
        };
        bothAgree(s, fill, (kernel) => {
          const placeCount = Math.ceil(features / 4) * 4;
          kernel.clear(40_000, 20_480);
          kernel.addHistogram(40_000, 30_000, 32, 1600, index, 0, rows, 1024, placeCount, 4096, 8);
          // The room of a block is the compiled kernel's alone.
          kernel.clear(4096, 8 * (32 + 8));
          kernel.addCounts(8192, 30_000, 32, index, 0, rows, 1024, features);
        });
      }),
    ));

  it('subtract, subtractAndSwap, add, copy and fillIndex', () =>
    fc.assert(
      fc.property(seed, count, (s, vectors) => {
        const fill = (bytes: Uint8Array) => {
          const ints = new Int32Array(bytes.buffer);
          // As histograms are: hessians not negative, the part's no larger.
          for (let i = 1024; i < 2048; i += 2) ints[i]! &= 0x3fff_ffff;
          for (let i = 2048; i < 3072; i += 2) ints[i] = ints[i - 1024]! >>> 1;
        };
        bothAgree(s, fill, (kernel) => {
          kernel.subtract(4096, 8192, 16 * vectors);
          kernel.add(4096, 8192, 16 * vectors);
          kernel.subtractAndSwap(4096, 8192, 16 * vectors);
          kernel.copy(16_384, 4096, 16 * vectors);
          kernel.fillIndex(32_768, vectors, 2 * vectors, 7);
        });
      }),
    ));

  it('findCut', () =>
    fc.assert(
      fc.property(seed, fc.nat(255), fc.double({ min: 0, max: 1e5, noNaN: true }), fc.nat(3000), (s, cuts, l2, least) => {
        const next = goldenNumbers(s);
        let gradient = 0;
        let hessian = 0;
        const fill = (bytes: Uint8Array) => {
          const ints = new Int32Array(bytes.buffer);
          gradient = 0;
          hessian = 0;
          for (let bin = 0; bin < 256; bin++) {
            hessian += ints[1024 + 2 * bin] = next() * 2000;
            gradient += ints[1025 + 2 * bin] = (next() - 0.5) * 4000;
          }
        };
        bothAgree(s, fill, (kernel) => kernel.findCut(4096, cuts, 5, 9, gradient + 5, hessian + 9, l2, least, 0, 64));
      }),
    ));

  it('part and addToMargins', () =>
    fc.assert(
      fc.property(seed, count, count, (s, a, b) => {
        const fill = (bytes: Uint8Array) => {
          const ints = new Int32Array(bytes.buffer);
          for (let i = 0; i < 64; i++) ints[1024 + i]! &= 63;
          for (let bin = 0; bin < 256; bin++) bytes[512 + bin]! &= 1;
          float64s(16_384, (i) => i / 7)(bytes);
        };
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        bothAgree(s, fill, (kernel) => {
          const middle = kernel.part(4096, start, end, 2048, 512, 8192);
          kernel.clear(8192, 1024);
          kernel.addToMargins(16_384, 4096, start, end, 0.1);
          return middle;
        });
      }),
    ));

  it.each<BoostingOptions>([
    {},
    { depth: 64, maxLeaves: 31 },
    { minRowsPerLeaf: 20, l1: 0.1, categorical: ['kind', 'place'] },
    { rowSampling: 0.6, columnSampling: 0.5, monotone: { rising: 1 }, positiveWeight: 3 },
    { objective: { focal: {} }, bins: 16, maxLeaves: 9, growth: 'depth' },
  ])('whole models: %j', (options) => {
    const rows = paymentLikeRows(5)(1000);
    const job = { ...rows, options: { trees: 5, ...options } };
    const fastest = boost(job);
    const plain = boost(job, 'plain');
    expect(JSON.stringify(plain.model.toJson())).toBe(JSON.stringify(fastest.model.toJson()));
    expect(plain.margins).toEqual(fastest.margins);
  });
});
