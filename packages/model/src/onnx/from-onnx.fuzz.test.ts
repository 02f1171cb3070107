/** Files that were damaged in thousands of ways: each is refused by a typed error or gives a model that scores, and neither takes long. */
import { seededRandom, type Random } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { linearModel } from '../linear-model.js';
import { ModelError } from '../model-error.js';
import golden from './foreign-files.golden.json' with { type: 'json' };
import { type FromOnnxOptions, fromOnnx } from './from-onnx.js';
import { randomTreeModel } from './random-trees.fixture.js';
import { toOnnx } from './to-onnx.js';

const MUTATIONS = 3200;
/** Generous for a busy machine: a file takes about a millisecond. */
const LONGEST_MS = 500;

const calibration = { kind: 'platt', slope: 2, intercept: 1 } as const;
const files: Uint8Array[] = [
  toOnnx(randomTreeModel({ seed: 1, trees: 3, splits: 8, features: 4, leafSize: 1 })),
  toOnnx(randomTreeModel({ seed: 2, trees: 1, splits: 3, features: 1, leafSize: 1, parts: { calibration } }), {
    labelThreshold: 0.5,
  }),
  toOnnx(linearModel({ featureNames: ['a', 'b'], weights: [1, 2], intercept: 3, missingValues: [4, 5] })),
  ...Object.values(golden).map(({ onnx }) => new Uint8Array(Buffer.from(onnx, 'base64'))),
];

const options: FromOnnxOptions = { withoutCertificate: true, sumIs: 'margin', missingValues: [0, 0, 0, 0] };

/** One to three changes of a file: single bytes only, or runs of bytes, lengths, pieces of another file, the end too. */
function mutated(random: Random, file: Uint8Array): Uint8Array {
  let bytes: Uint8Array = file.slice();
  const kinds = random.integer(2) === 0 ? 2 : 8;
  for (let changes = 1 + random.integer(3); changes > 0 && bytes.length > 0; changes--) {
    const at = random.integer(bytes.length);
    const kind = random.integer(kinds);
    if (kind === 0) bytes[at]! ^= 1 << random.integer(8);
    else if (kind === 1) bytes[at] = random.integer(256);
    else if (kind === 2) bytes = bytes.slice(0, at);
    else if (kind === 3) bytes.fill(0xff, at, at + 1 + random.integer(12));
    else if (kind === 4) bytes = spliced(bytes, at, random.integer(20), new Uint8Array(0));
    else if (kind === 5) bytes = spliced(bytes, at, 0, bytes.slice(at, at + random.integer(200)));
    else if (kind === 6) {
      const other = files[random.integer(files.length)]!;
      const from = random.integer(other.length);
      bytes = spliced(bytes, at, random.integer(50), other.slice(from, from + random.integer(100)));
      // A length of almost 4 GB.
    } else bytes = spliced(bytes, at, 1, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f));
  }
  return bytes;
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes.slice(0, at), ...added, ...bytes.slice(at + removed)]);
}

describe('fromOnnx', () => {
  it(`survives ${MUTATIONS} damaged files`, () => {
    const random = seededRandom('damaged onnx files');
    const outcomes = { refused: 0, scored: 0, slow: [] as number[] };
    for (let i = 0; i < MUTATIONS; i++) {
      const bytes = mutated(random, files[i % files.length]!);
      const start = performance.now();
      try {
        const { model } = fromOnnx(bytes, options);
        const row = model.featureNames.map((_, j) => (j % 2 === 0 ? Number.NaN : j));
        const score = model.score(row);
        expect(score >= 0 && score <= 1).toBe(true);
        outcomes.scored++;
      } catch (error) {
        if (!(error instanceof ModelError)) throw new Error(`mutation ${i}: ${String(error)}`, { cause: error });
        outcomes.refused++;
      }
      const elapsedMs = performance.now() - start;
      if (elapsedMs > LONGEST_MS) outcomes.slow.push(i);
    }
    expect(outcomes.slow).toEqual([]);
    expect(Math.min(outcomes.refused, outcomes.scored)).toBeGreaterThan(MUTATIONS / 20);
  });

  it('refuses a cycle, a child that does not exist and a vote of no leaf', () => {
    // The last lists of true and false branches, and of votes, are changed by name.
    const file = files[1]!;
    const names = ['nodes_truenodeids', 'nodes_falsenodeids', 'target_nodeids'];
    for (const name of names) {
      const at = Buffer.from(file).indexOf(name) + name.length;
      for (const id of [0, 100]) {
        const bytes = file.slice();
        // Field 8, its length, then the first number.
        bytes[at + 2] = id;
        expect(() => fromOnnx(bytes, options)).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }));
      }
    }
  });
});
