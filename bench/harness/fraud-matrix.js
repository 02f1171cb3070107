/**
 * Features and labels like a fraud team's, for suites about models: 30 float32 features (log-normal amounts, over-dispersed counts, codes
 * of few levels, bounded and normal scores, four features with missing values), a signal with interactions, 1 % frauds. The same seed
 * gives the same rows.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '@fraudops/core';

const FRAUD_RATE = 0.01;
const LEVELS = [2, 3, 7, 12, 24, 50];
const MISSING_SHARES = [0.03, 0.1, 0.2, 0.02];

/** Names of the features, in the order of the columns. */
export const FRAUD_FEATURES = Array.from({ length: 30 }, (_, j) => `f${j}`);

/** @typedef {{ names: readonly string[], rowCount: number, columns: Float32Array[], labels: Uint8Array }} FraudMatrix */

/** @param {number} rowCount @param {number} seed @returns {FraudMatrix} */
export function fraudMatrix(rowCount, seed) {
  const random = seededRandom(seed);
  const columns = FRAUD_FEATURES.map((_, j) => column(rowCount, j, random));
  const missing = MISSING_SHARES.map((share) => Uint8Array.from({ length: rowCount }, () => Number(random.next() < share)));
  const signal = Float64Array.from({ length: rowCount }, (_, i) => signalOf(columns, i) + 0.9 * missing[1][i]);
  missing.forEach((isMissing, k) => {
    for (let i = 0; i < rowCount; i++) if (isMissing[i] === 1) columns[26 + k][i] = Number.NaN;
  });
  return { names: FRAUD_FEATURES, rowCount, columns, labels: drawLabels(signal, random) };
}

function column(rowCount, j, random) {
  const draw = drawer(j, random);
  return Float32Array.from({ length: rowCount }, draw);
}

/** How a feature's values are drawn. */
function drawer(j, random) {
  if (j < 10) return () => Math.exp(3 + 0.2 * j + (0.6 + 0.1 * j) * random.normal());
  // A gamma variable of shape 1 is an exponential one.
  if (j < 16) return () => random.poisson((1 + (j - 10) * 3) * random.exponential(1));
  if (j < 22) return levelDrawer(LEVELS[j - 16], random);
  if (j < 24) return () => random.normal();
  if (j < 26) return () => random.next();
  return () => Math.exp(1 + random.normal());
}

/** Levels 0, 1, 2 and so on, with shares drawn once. */
function levelDrawer(levels, random) {
  const weights = Array.from({ length: levels }, () => random.exponential(1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return () => {
    let left = random.next() * total;
    let level = 0;
    while (level < levels - 1 && left >= weights[level]) left -= weights[level++];
    return level;
  };
}

/** What makes row i more or less suspicious, before missing values count. */
function signalOf(x, i) {
  const standard = (j) => (Math.log(x[j][i]) - (3 + 0.2 * j)) / (0.6 + 0.1 * j);
  let z = 1.1 * standard(0) - 0.8 * Math.abs(standard(2)) + 0.8 * Math.log1p(x[11][i]) + 0.4 * Math.cos(x[21][i]);
  if (x[16][i] > 0) z += 0.9 * Math.max(standard(1), 0);
  if (standard(3) > 1 && x[10][i] > 1) z += 1.2;
  z += 0.9 * Math.sin((2 * Math.PI * x[20][i]) / 24) + 0.5 * (x[18][i] % 2) * standard(4) + 0.7 * x[22][i] * x[23][i];
  if (x[24][i] > 0.8 && x[25][i] < 0.3) z += 1.5;
  z += Math.log(x[26][i]) > 1.5 ? 0.6 : -0.12;
  if (x[17][i] === 1) z += 0.4 * standard(5) * standard(6);
  if (x[12][i] > 6 && standard(7) > 0) z += 1.3;
  return z;
}

/** Labels by the logistic of the signal, moved until the expected share of frauds is FRAUD_RATE. */
function drawLabels(signal, random) {
  const mean = signal.reduce((sum, z) => sum + z, 0) / signal.length;
  const probability = (z, bias) => 1 / (1 + Math.exp(-(1.15 * (z - mean) + bias)));
  let [low, high] = [-20, 5];
  for (let step = 0; step < 40; step++) {
    const bias = (low + high) / 2;
    const rate = signal.reduce((sum, z) => sum + probability(z, bias), 0) / signal.length;
    if (rate > FRAUD_RATE) high = bias;
    else low = bias;
  }
  return Uint8Array.from(signal, (z) => Number(random.next() < probability(z, low)));
}

/** Writes NAME.x.f32, column after column, and NAME.y.u8, which {@link readFraudMatrix} and `fraud_matrix.py` read. */
export function writeFraudMatrix(folder, name, { columns, labels }) {
  writeFileSync(path.join(folder, `${name}.x.f32`), Buffer.concat(columns.map((values) => new Uint8Array(values.buffer))));
  writeFileSync(path.join(folder, `${name}.y.u8`), labels);
}

/** @returns {FraudMatrix} */
export function readFraudMatrix(folder, name) {
  const labels = Uint8Array.from(readFileSync(path.join(folder, `${name}.y.u8`)));
  const values = new Float32Array(Uint8Array.from(readFileSync(path.join(folder, `${name}.x.f32`))).buffer);
  const rowCount = labels.length;
  const columns = FRAUD_FEATURES.map((_, j) => values.slice(j * rowCount, (j + 1) * rowCount));
  return { names: FRAUD_FEATURES, rowCount, columns, labels };
}
