import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenNumbers } from '../golden-rows.js';
import type { BoostingOptions } from './boosting-options.js';
import { type GrowTreesKernel, growTreesKernel, growTreesKernelMemory } from './grow-trees-wasm.js';
import { paymentLikeRows } from './payment-like-rows.fixture.js';
import { type FillBinsKernel, fillBinsKernel } from './fill-bins-wasm.js';
import { binOf, chooseCuts } from './feature-bins.js';
import { plainBinning } from './plain-binning.js';
import { COLUMN_BYTES, FEATURE_BYTES, plainKernel, writeOrders } from './plain-kernel.js';
import { shareColumns } from './shared-columns.js';
import { boost } from './train-boosting.js';

/** Runs a function by both kernels over memories that start with the same random bytes; both must end with the same. */
function bothAgree(
  seed: number,
  fill: (bytes: Uint8Array) => void,
  run: (kernel: GrowTreesKernel & FillBinsKernel) => unknown,
): void {
  const next = goldenNumbers(seed);
  const start = Uint8Array.from({ length: 3 * 65_536 }, () => next() * 256);
  fill(start);
  const memory = growTreesKernelMemory(3)!;
  const plain = new SharedArrayBuffer(3 * 65_536);
  for (const buffer of [memory.buffer, plain]) new Uint8Array(buffer).set(start);
  const compiled = { ...growTreesKernel(memory)!, ...fillBinsKernel(memory)! };
  expect(run(both(plainKernel(plain), plainBinning(plain)))).toEqual(run(compiled));
  expect(Buffer.compare(Buffer.from(memory.buffer), Buffer.from(plain))).toBe(0);
}

/** The methods of two objects, each called on its own. */
function both<A extends object, B extends object>(a: A, b: B): A & B {
  return new Proxy(a, {
    get: (_, name) => {
      const owner = (name in a ? a : b) as Record<string | symbol, (...values: unknown[]) => unknown>;
      return (...values: unknown[]) => owner[name]!(...values);
    },
  }) as A & B;
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
      fc.property(
        seed,
        count,
        count,
        fc.constantFrom(0, 8192),
        fc.double({ min: 0, max: 300, noNaN: true }),
        (s, a, b, weights, spread) => {
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
        },
      ),
    ));

  it('addToColumns and takeFromColumns', () =>
    fc.assert(
      fc.property(
        seed,
        fc.array(fc.oneof(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 256 })), { minLength: 1, maxLength: 30 }),
        count,
        fc.constantFrom(0, 20_000),
        fc.constantFrom(0, 16),
        fc.tuple(fc.nat(30), fc.nat(30)),
        (s, binCounts, rows, index, wider, someColumns) => {
          const [features, owned, codes, columns, histogram] = [1024, 2048, 30_000, 50_000, 122_880];
          const shared = shareColumns(binCounts);
          const columnCount = Math.max(...shared.map(({ column }) => column)) + 1;
          const [first, end] = someColumns.map((column) => column % (columnCount + 1)).sort((a, b) => a - b) as [number, number];
          const own = binCounts.flatMap((_, feature) =>
            shared[feature]!.column >= first && shared[feature]!.column < end ? [feature] : [],
          );
          const stride = Math.ceil(columnCount / 16) * 16 + wider;
          const fill = (bytes: Uint8Array) => {
            const next = goldenNumbers(s);
            const ints = new Int32Array(bytes.buffer);
            for (let i = 0; i < 64; i++) ints[5000 + i] = next() * 60;
            ints.set(own, owned / 4);
            let place = 0;
            binCounts.forEach((bins, feature) => {
              const { column, step, codes: all, isLast } = shared[feature]!;
              ints.set(
                [place, bins - 2, column * COLUMN_BYTES, step, all, Number(isLast)],
                (features + FEATURE_BYTES * feature) / 4,
              );
              place += Math.ceil(bins / 4) * 32;
            });
            bytes.fill(0, codes, codes + 60 * stride);
            for (let row = 0; row < 60; row++) {
              binCounts.forEach((bins, feature) => {
                const { column, step } = shared[feature]!;
                bytes[codes + row * stride + column]! += step * Math.floor(next() * bins);
              });
            }
            // Gradients that sum up to what fits, hessians that aren't negative.
            for (let row = 0; row < 64; row++) {
              ints[2500 + 2 * row]! &= 0xffff;
              ints[2501 + 2 * row]! >>= 12;
            }
            bytes.fill(0, columns, histogram + place);
          };
          bothAgree(s, fill, (kernel) => {
            kernel.addToColumns(columns, codes, stride, 10_000, index, 0, rows, first, end, 4096, 8);
            // The room of a block is the compiled kernel's alone.
            kernel.clear(4096, 8 * (stride + 8));
            kernel.takeFromColumns(histogram, columns, features, owned, own.length);
          });
        },
      ),
    ));

  it('addCounts', () =>
    fc.assert(
      fc.property(seed, fc.nat(8), count, fc.constantFrom(0, 20_000), (s, owned, rows, index) => {
        const fill = (bytes: Uint8Array) => {
          const ints = new Int32Array(bytes.buffer);
          for (let i = 0; i < 64; i++) ints[5000 + i]! &= 63;
          for (let i = 0; i < 16; i++) ints[(1024 + FEATURE_BYTES * i) / 4] = 2048 * i;
          // Every other one.
          for (let i = 0; i < 16; i++) ints[512 + i] = 2 * i;
        };
        bothAgree(s, fill, (kernel) => kernel.addCounts(40_000, 30_000, 64, index, 0, rows, 1024, 2048, owned));
      }),
    ));

  it('subtract, add, clear and fillIndex', () =>
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
          kernel.clear(16_384, 16 * vectors);
          kernel.fillIndex(32_768, vectors, 2 * vectors, 7);
        });
      }),
    ));

  it('findSplit', () =>
    fc.assert(
      fc.property(
        seed,
        fc.array(fc.tuple(fc.nat(254), fc.boolean()), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.nat(3000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (s, features, l2, least, emptyShare) => {
          let gradient = 0;
          let hessian = 0;
          const fill = (bytes: Uint8Array) => {
            const next = goldenNumbers(s);
            const ints = new Int32Array(bytes.buffer);
            let place = 0;
            features.forEach(([cuts, anyMissing], feature) => {
              ints.set([place, cuts], (1024 + FEATURE_BYTES * feature) / 4);
              ints[512 + feature] = feature;
              gradient = 0;
              hessian = 0;
              for (let bin = 0; bin < cuts + 2; bin++) {
                const isEmpty = bin === cuts + 1 ? !anyMissing : next() < emptyShare;
                const at = 8192 + place / 4 + 2 * bin;
                hessian += ints[at] = isEmpty ? 0 : next() * 2000;
                gradient += ints[at + 1] = isEmpty ? 0 : (next() - 0.5) * 4000;
              }
              place += Math.ceil((cuts + 2) / 4) * 32;
            });
          };
          bothAgree(s, fill, (kernel) => {
            const before = (gradient * gradient) / (hessian + l2 + 1);
            kernel.findSplit(32_768, 1024, 2048, features.length, gradient, hessian, l2, least, before, before, 0.25, 4096);
          });
        },
      ),
    ));

  it.each(['compiled', 'plain'])(
    'findSplit, %s: of cuts that score the same the lowest bin wins, of features the first',
    (which) => {
      const memory = growTreesKernelMemory(3)!;
      const kernel = which === 'plain' ? plainKernel(memory.buffer) : growTreesKernel(memory)!;
      const ints = new Int32Array(memory.buffer);
      // Features 0 and 1 of eight cuts: bins 3 to 6 are empty, so that cuts 2 to 6 part the rows alike.
      for (const feature of [0, 1]) {
        ints.set([128 * feature, 8], (1024 + FEATURE_BYTES * feature) / 4);
        for (const bin of [0, 1, 2]) ints.set([50, 100], 8192 + 32 * feature + 2 * bin);
        for (const bin of [7, 8]) ints.set([75, -150], 8192 + 32 * feature + 2 * bin);
      }
      ints.set([0, 1], 512);
      kernel.findSplit(32_768, 1024, 2048, 2, 0, 300, 1, 1, 0, 0, 1, 4096);
      const [isSplit, bin, feature] = [ints[1024 + 6], ints[1024 + 10], ints[1024 + 11]];
      expect({ isSplit, bin, feature }).toEqual({ isSplit: 1, bin: 2, feature: 0 });
    },
  );

  it('part and addToMargins', () =>
    fc.assert(
      fc.property(seed, count, count, (s, a, b) => {
        const fill = (bytes: Uint8Array) => {
          const ints = new Int32Array(bytes.buffer);
          for (let i = 0; i < 64; i++) ints[1024 + i]! &= 63;
          for (let bin = 0; bin < 256; bin++) bytes[512 + bin]! &= 1;
          float64s(16_384, (i) => i / 7)(bytes);
          writeOrders(bytes, 24_576);
        };
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        bothAgree(s, fill, (kernel) => {
          const middle = kernel.part(4096, start, end, 2048, 512, 8192, 24_576);
          kernel.clear(8192, 1024);
          kernel.addToMargins(16_384, 4096, start, end, 0.1);
          return middle;
        });
      }),
    ));

  it('turn', () =>
    fc.assert(
      fc.property(seed, count, fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 1), (s, rows, step, adds) => {
        const fill = (bytes: Uint8Array) => {
          for (let i = 0; i < 4096; i++) bytes[1024 + i]! &= 15;
        };
        bothAgree(s, fill, (kernel) => kernel.turn(2048, 16, 1024, rows, step, adds));
      }),
    ));

  it('sorting and binning, which finds the bins that binOf finds', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.float({ noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 }), fc.constant(-0)), {
          minLength: 1,
          maxLength: 300,
        }),
        fc.integer({ min: 2, max: 255 }),
        (values, maxBins) => {
          const column = Float32Array.from(values);
          const numbers = column.filter((value) => !Number.isNaN(value)).sort();
          const cuts = chooseCuts(numbers, maxBins);
          const fill = (bytes: Uint8Array) => {
            const float32 = new Float32Array(bytes.buffer);
            float32.set(column, 1024);
            float32.fill(Number.POSITIVE_INFINITY, 2048, 2048 + 257).set(cuts, 2048);
          };
          bothAgree(1, fill, (kernel) => {
            const present = kernel.sortKeys(4096, column.length, 16_384);
            const sorted = kernel.sortByKeys(16_384, 20_480, present, 32_768);
            kernel.fillCells(65_536, 8192, cuts.length + 1);
            kernel.binValues(4096, column.length, 65_536, 8192, 61_440);
            return [present, sorted];
          });
          const buffer = new SharedArrayBuffer(3 * 65_536);
          fill(new Uint8Array(buffer));
          const plain = plainBinning(buffer);
          expect(plain.sortKeys(4096, column.length, 16_384)).toBe(numbers.length);
          const sorted = plain.sortByKeys(16_384, 20_480, numbers.length, 32_768);
          expect(new Float32Array(buffer, sorted, numbers.length).slice()).toEqual(numbers);
          plain.fillCells(65_536, 8192, cuts.length + 1);
          plain.binValues(4096, column.length, 65_536, 8192, 61_440);
          const bins = Array.from(new Uint8Array(buffer, 61_440, column.length));
          expect(bins).toEqual(Array.from(column, (value) => (Number.isNaN(value) ? cuts.length + 1 : binOf(value, cuts))));
        },
      ),
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
