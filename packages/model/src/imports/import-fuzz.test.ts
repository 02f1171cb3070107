/** Damaged files: every one is refused with a ModelError, or read as a model whose scores are probabilities; quickly, whatever it says. */
import { readFileSync } from 'node:fs';
import { type Random, seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../model-error.js';
import type { Model } from '../model.js';
import { goldenImports } from './golden-imports.fixture.js';
import { fromLightgbm } from './lightgbm.js';
import { fromMlCart } from './ml-cart.js';
import { fromXgboost } from './xgboost.js';

const MUTATIONS = 10_000;
/** Slowest file allowed. Real ones of this size take 1 ms; the rest is for a busy machine. */
const MAX_FILE_MS = 50;

interface Corpus {
  readonly format: string;
  readonly files: readonly Uint8Array[];
  readonly read: (file: Uint8Array) => Model;
}

const unproven = { withoutCertificate: true } as const;
const fromXgboostFile = (file: Uint8Array): Model => fromXgboost(file, { ...unproven, iterations: 'all' }).model;
const xgboost = goldenImports('xgboost');
const lightgbm = goldenImports('lightgbm');
const mlCart = JSON.parse(readFileSync(new URL('ml-cart.golden.json', import.meta.url), 'utf8')) as { json: string };

const corpora: Corpus[] = [
  { format: 'XGBoost JSON', files: xgboost.map(({ json }) => Buffer.from(json)), read: fromXgboostFile },
  { format: 'XGBoost UBJ', files: xgboost.map(({ ubj }) => Buffer.from(ubj, 'base64')), read: fromXgboostFile },
  {
    format: 'LightGBM text',
    // Without the parameters: mutations should mostly meet trees.
    files: lightgbm.map(({ text }) => Buffer.from(text.replace(/\nparameters:[^]*end of parameters\n/, '\n'))),
    read: (file) => fromLightgbm(file, unproven).model,
  },
  {
    format: 'LightGBM JSON',
    files: lightgbm.map(({ dump }) => Buffer.from(dump)),
    read: (file) => fromLightgbm(file, unproven).model,
  },
  {
    format: 'ml-cart',
    files: [Buffer.from(mlCart.json)],
    read: (file) => fromMlCart(Buffer.from(file).toString(), unproven).model,
  },
];

const ODD_TEXTS = [
  'NaN',
  'Infinity',
  '-1',
  '0',
  '1e308',
  '-1e308',
  '1e39',
  '4294967296',
  '9007199254740993',
  '0.5',
  '""',
  'null',
  '[]',
  '{}',
];
ODD_TEXTS.push('['.repeat(5000), '{"left":'.repeat(3000), '9'.repeat(400), 'true', '\ud800', '__proto__', '-');

/** One to three injuries. */
function mutate(file: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = Buffer.from(file);
  for (let count = 1 + random.integer(3); count > 0; count--) bytes = injure(bytes, other, random);
  return bytes;
}

function injure(bytes: Buffer<ArrayBuffer>, other: Uint8Array, random: Random): Buffer<ArrayBuffer> {
  if (bytes.length < 20) return bytes;
  const at = random.integer(bytes.length);
  switch (random.integer(7)) {
    case 0: // A byte becomes another.
      bytes[at] = random.integer(256);
      return bytes;
    case 1: // A bit flips.
      bytes[at]! ^= 1 << random.integer(8);
      return bytes;
    case 2: // The end is lost.
      return bytes.subarray(0, at);
    case 3: // A piece is lost or comes twice.
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.integer(bytes.length))]);
    case 4: // A piece of another file comes in.
      return Buffer.concat([
        bytes.subarray(0, at),
        other.subarray(random.integer(other.length)).subarray(0, 60),
        bytes.subarray(at),
      ]);
    case 5: // Eight bytes become a huge number, as a declared length may be.
      bytes.fill(0xff, at, Math.min(at + 8, bytes.length));
      bytes[at] = random.integer(128);
      return bytes;
    default:
      return swapNumber(bytes, at, random);
  }
}

/** Puts something odd, or a small number, in the place of the next number that is written in digits. */
function swapNumber(bytes: Buffer<ArrayBuffer>, at: number, random: Random): Buffer<ArrayBuffer> {
  const text = bytes.subarray(at, at + 200).toString('latin1');
  const found = /-?\d[\d.eE+-]*/.exec(text);
  if (!found) return bytes;
  const odd = random.next() < 0.5 ? String(random.integer(20) - 2) : ODD_TEXTS[random.integer(ODD_TEXTS.length)]!;
  const end = at + found.index + found[0].length;
  return Buffer.concat([bytes.subarray(0, at + found.index), Buffer.from(odd), bytes.subarray(end)]);
}

/** Scores a few rows; whether they are probabilities. */
function scoresAreSound(model: Model): boolean {
  return [Number.NaN, 0, 3, -1e30, 1e30].every((value) => {
    const row = new Array<number>(model.featureNames.length).fill(value);
    const score = model.score(row);
    return Number.isFinite(model.margin(row)) && score >= 0 && score <= 1;
  });
}

describe('imports of damaged files', () => {
  it.each(corpora.map((corpus) => [corpus.format, corpus] as const))(
    '%s: refused or sound, and soon',
    (format, corpus) => {
      const random = seededRandom(`fuzz ${format}`);
      let refused = 0;
      const slow: number[] = [];
      for (let i = 0; i < MUTATIONS / corpora.length; i++) {
        const [file, other] = [corpus.files, corpus.files].map((files) => files[random.integer(files.length)]!);
        const mutated = mutate(file!, other!, random);
        const started = performance.now();
        try {
          const model = corpus.read(mutated);
          expect(scoresAreSound(model), `mutation ${i}`).toBe(true);
        } catch (error) {
          if (!(error instanceof ModelError)) throw new Error(`mutation ${i} of ${format} escaped`, { cause: error });
          expect(error.message.length).toBeLessThan(1000);
          refused++;
        }
        const elapsed = performance.now() - started;
        // A pause of the machine is no property of the file: what is slow has to be slow again.
        if (elapsed > MAX_FILE_MS)
          slow.push(
            Math.min(
              elapsed,
              timeOf(() => corpus.read(mutated)),
            ),
          );
      }
      expect(Math.max(0, ...slow)).toBeLessThan(MAX_FILE_MS);
      // Both ends are reached: many mutations break a file, and some only change it.
      expect(refused).toBeGreaterThan(MUTATIONS / corpora.length / 4);
      expect(refused).toBeLessThan(MUTATIONS / corpora.length);
    },
    60_000,
  );
});

function timeOf(run: () => unknown): number {
  const started = performance.now();
  try {
    run();
  } catch {
    // Refused, as before.
  }
  return performance.now() - started;
}
