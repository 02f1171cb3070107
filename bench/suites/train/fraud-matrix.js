/**
 * The matrix of the training benchmarks: 30 float32 features like a fraud team's (log-normal amounts, over-dispersed counts, codes of few
 * levels, bounded and normal scores, four columns with missing values), and a non-linear signal with interactions, one row in a hundred a
 * fraud.
 *
 * A row depends on the seed and its number alone, so that more rows begin with the same ones.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '@fraudops/core';

export const FEATURE_COUNT = 30;
export const FEATURE_NAMES = Array.from({ length: FEATURE_COUNT }, (_, j) => `f${j}`);

/** Levels of the codes, features 16 to 21. */
const CODE_LEVELS = [2, 3, 7, 12, 24, 50];
/** Shares of missing values in features 26 to 29. */
const MISSING_SHARES = [0.03, 0.1, 0.2, 0.02];
/** Puts the share of frauds at one in a hundred. */
const BIAS = -8;

/**
 * @typedef {object} FraudMatrix
 * @property {Float32Array[]} columns
 * @property {Uint8Array} labels
 */

/** @param {number} rows @param {number} seed @returns {FraudMatrix} */
export function fraudMatrix(rows, seed) {
  const random = seededRandom(seed);
  const shares = CODE_LEVELS.map((levels) => codeShares(levels, seededRandom(`levels ${levels}`)));
  const columns = FEATURE_NAMES.map(() => new Float32Array(rows));
  const labels = new Uint8Array(rows);
  const x = new Float64Array(FEATURE_COUNT);
  for (let row = 0; row < rows; row++) {
    drawFeatures(x, shares, random);
    const missing = MISSING_SHARES.map((share) => random.next() < share);
    const margin = 1.15 * (signal(x) + (missing[1] ? 0.9 : 0)) + BIAS;
    labels[row] = random.next() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
    missing.forEach((isMissing, i) => {
      if (isMissing) x[26 + i] = Number.NaN;
    });
    for (let j = 0; j < FEATURE_COUNT; j++) columns[j][row] = x[j];
  }
  return { columns, labels };
}

function drawFeatures(x, shares, random) {
  for (let j = 0; j < 10; j++) x[j] = Math.exp(random.normal(3 + 0.2 * j, 0.6 + 0.1 * j));
  for (let j = 10; j < 16; j++) x[j] = random.poisson(random.exponential(1 + (j - 10) * 3));
  for (let j = 16; j < 22; j++) x[j] = codeOf(random.next(), shares[j - 16]);
  for (let j = 22; j < 24; j++) x[j] = random.normal(0, 1);
  for (let j = 24; j < 26; j++) x[j] = random.next();
  for (let j = 26; j < 30; j++) x[j] = Math.exp(random.normal(1, 1));
}

/** Upper ends of each code's share, which are as uneven as exponential draws. */
function codeShares(levels, random) {
  const weights = Array.from({ length: levels }, () => random.exponential(1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let end = 0;
  return weights.map((weight) => (end += weight / total));
}

function codeOf(draw, ends) {
  const code = ends.findIndex((end) => draw < end);
  return code < 0 ? ends.length - 1 : code;
}

function signal(x) {
  const standard = (j) => (Math.log(x[j]) - (3 + 0.2 * j)) / (0.6 + 0.1 * j);
  let z = 1.1 * standard(0) + 0.9 * Math.max(standard(1), 0) * Number(x[16] > 0) - 0.8 * Math.abs(standard(2));
  z += 1.2 * Number(standard(3) > 1 && x[10] > 1) + 0.8 * Math.log1p(x[11]) + 0.9 * Math.sin((2 * Math.PI * x[20]) / 24);
  z += 0.5 * (x[18] % 2) * standard(4) + 0.7 * x[22] * x[23] + 1.5 * Number(x[24] > 0.8 && x[25] < 0.3);
  z += 0.6 * (Math.log(x[26]) > 1.5 ? 1 : -0.2) + 0.4 * standard(5) * standard(6) * Number(x[17] === 1);
  return z + 1.3 * Number(x[12] > 6 && standard(7) > 0) + 0.4 * Math.cos(x[21]);
}

/** Writes column after column to `x.f32`, labels to `y.u8`. @param {string} folder @param {FraudMatrix} matrix */
export function writeFraudMatrix(folder, { columns, labels }) {
  const handle = openSync(path.join(folder, 'x.f32'), 'w');
  for (const column of columns) writeSync(handle, column);
  closeSync(handle);
  const labelsHandle = openSync(path.join(folder, 'y.u8'), 'w');
  writeSync(labelsHandle, labels);
  closeSync(labelsHandle);
}

/**
 * Reads rows start to end of the files into shared memory, as a service would keep what it trains on.
 * @param {string} folder
 * @param {{ totalRows: number, start: number, end: number }} rows
 */
export function readFraudMatrix(folder, { totalRows, start, end }) {
  const rowCount = end - start;
  const handle = openSync(path.join(folder, 'x.f32'), 'r');
  const columns = FEATURE_NAMES.map((_, j) => {
    const column = new Float32Array(new SharedArrayBuffer(4 * rowCount));
    readSync(handle, column, 0, 4 * rowCount, 4 * (j * totalRows + start));
    return column;
  });
  closeSync(handle);
  const labels = new Uint8Array(new SharedArrayBuffer(rowCount));
  const labelsHandle = openSync(path.join(folder, 'y.u8'), 'r');
  readSync(labelsHandle, labels, 0, rowCount, start);
  closeSync(labelsHandle);
  return { matrix: { names: FEATURE_NAMES, columns, rowCount }, labels };
}
