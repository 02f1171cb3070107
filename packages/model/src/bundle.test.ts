import { isFraudOpsError, sha256Hex } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bundle, readBundle, writeBundle } from './bundle.js';
import { linearModel } from './linear-model.js';

const model = linearModel({ featureNames: ['AMOUNT'], weights: [0.1], intercept: -3, missingValues: [50] });
const parts: Bundle = {
  model,
  features: { version: 'abc' },
  metrics: { rocAuc: 0.88, averagePrecision: null },
  lineage: { seed: 7, note: 'ü' },
};

const asMap = (files: readonly { path: string; bytes: Uint8Array }[]) => new Map(files.map(({ path, bytes }) => [path, bytes]));
const corrupt = (message: string) =>
  expect.objectContaining({ name: 'ModelError', code: 'CORRUPT_BUNDLE', message: expect.stringContaining(message) });

describe('writeBundle', () => {
  it('writes a file a part, and a manifest of their hashes', () => {
    const files = writeBundle(parts);
    expect(files.map(({ path }) => path)).toEqual([
      'model.json',
      'features.json',
      'metrics.json',
      'lineage.json',
      'manifest.json',
    ]);
    const manifest = JSON.parse(new TextDecoder().decode(files.at(-1)!.bytes)) as { files: Record<string, unknown> };
    expect(manifest.files['model.json']).toEqual({ sha256: sha256Hex(files[0]!.bytes), sizeBytes: files[0]!.bytes.length });
  });

  it('writes the same bytes for the same parts, in whatever order their members are', () => {
    const reordered = { ...parts, lineage: { note: 'ü', seed: 7 } };
    expect(writeBundle(reordered)).toEqual(writeBundle(parts));
  });

  it('refuses what JSON cannot hold', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    for (const metrics of [{ rocAuc: Number.NaN }, cyclic as never]) {
      expect(() => writeBundle({ model, metrics })).toThrow(
        expect.objectContaining({ code: 'INVALID_BUNDLE', details: { part: 'metrics' } }),
      );
    }
  });
});

describe('readBundle', () => {
  it('reads back what was written', () => {
    const bundle = readBundle(asMap(writeBundle(parts)));
    expect({ ...bundle, model: bundle.model.toJson() }).toEqual({ ...parts, model: model.toJson() });
    expect(bundle.model.score([12.5])).toBe(model.score([12.5]));
  });

  it('detects any flipped byte, naming a file', () => {
    const files = writeBundle(parts);
    fc.assert(
      fc.property(fc.nat(files.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, at, flip) => {
        const damaged = asMap(files);
        const bytes = files[which]!.bytes.slice();
        bytes[at % bytes.length]! ^= flip;
        damaged.set(files[which]!.path, bytes);
        expect(() => readBundle(damaged)).toThrow(expect.objectContaining({ name: 'ModelError' }));
      }),
      { numRuns: 3000 },
    );
  });

  it('detects every flip of a bit in the manifest', () => {
    const files = writeBundle(parts);
    const manifest = files.at(-1)!.bytes;
    let undetected = 0;
    for (let bit = 0; bit < manifest.length * 8; bit++) {
      const bytes = manifest.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      try {
        readBundle(asMap(files).set('manifest.json', bytes));
        undetected++;
      } catch (error) {
        if (!isFraudOpsError(error)) throw error;
      }
    }
    expect(undetected).toBe(0);
  });

  it('names the file that is missing, extra, cut off or changed', () => {
    const files = asMap(writeBundle(parts));
    const without = (path: string) => new Map([...files].filter(([name]) => name !== path));
    expect(() => readBundle(without('manifest.json'))).toThrow(corrupt('manifest.json: it is missing'));
    expect(() => readBundle(without('features.json'))).toThrow(
      corrupt('features.json: the manifest lists it, but it is missing'),
    );
    expect(() => readBundle(new Map(files).set('run.js', new Uint8Array(1)))).toThrow(
      corrupt('run.js: the manifest does not list it'),
    );
    expect(() => readBundle(new Map(files).set('model.json', files.get('model.json')!.subarray(1)))).toThrow(
      corrupt('model.json: '),
    );
    expect(() => readBundle(new Map(files).set('manifest.json', new TextEncoder().encode('{}')))).toThrow(
      corrupt('manifest.json: format'),
    );
    expect(() => readBundle(new Map(files).set('manifest.json', Uint8Array.of(0xff)))).toThrow(
      corrupt('manifest.json: it is not JSON'),
    );
    expect(() => readBundle(new Map(files).set('model.json', null as unknown as Uint8Array))).toThrow(
      corrupt('model.json: its content is null'),
    );
  });

  it('says when a bundle is of a later format', () => {
    const files = asMap(writeBundle(parts));
    files.set('manifest.json', new TextEncoder().encode('{"format":"fraudops.bundle","formatVersion":2}'));
    expect(() => readBundle(files)).toThrow('format version 2, this release reads 1');
  });
});
