/**
 * Which features make the model's scores: exact contributions of a sample of rows. The importance of a feature is its mean absolute
 * contribution; the swarm shows single rows, so that direction and spread are seen too.
 *
 * Frauds are so rare that a plain sample would hold hardly any: up to half of the sample are frauds, and means weigh the classes by their
 * shares among all rows, so that they are those of all rows.
 */
import { type FeatureMatrix, type Random, seededRandom } from '@fraudops/core';
import type { Explanation, Model } from '@fraudops/model';

/** Contributions of a sample of rows. */
export interface Attributions {
  /** Rows that were explained. */
  readonly rows: number;
  /** Frauds among them. */
  readonly frauds: number;
  /** Unit of the contributions. */
  readonly space: Explanation['space'];
  /** The most important features, at most 20, most important first. */
  readonly importance: readonly FeatureImportance[];
  /** Features that are not among them. */
  readonly omitted: number;
  /** Mean absolute contribution of all those together. */
  readonly omittedImportance: number;
  /** Single rows for the first features, at most 10 features and 2,000 points in all. */
  readonly swarm: readonly FeatureSwarm[];
}

/** How much a feature moves the margin of a row on average. */
export interface FeatureImportance {
  readonly name: string;
  /** Mean absolute contribution over all rows. */
  readonly importance: number;
}

/** What a feature contributed to single rows. */
export interface FeatureSwarm {
  readonly name: string;
  readonly points: readonly SwarmPoint[];
}

/** One row. */
export interface SwarmPoint {
  /** In the unit of the margin; above 0 is towards fraud. */
  readonly contribution: number;
  /** Where the feature's value stands among the sampled rows, 0 lowest to 1 highest; null when it is missing. */
  readonly level: number | null;
  readonly isFraud: boolean;
}

const MOST_FEATURES = 20;
const SWARM_FEATURES = 10;
const MOST_DOTS = 2000;

/**
 * Explains a sample of rows; see the module's comment.
 *
 * @param labels a label for each row of the matrix, 0 or 1
 * @param sampleSize rows to explain, 1 or more
 * @returns null when no row is sampled or the model has no contributions
 */
export function attributions(
  model: Model,
  matrix: FeatureMatrix,
  labels: ArrayLike<number>,
  sampleSize: number,
  seed: number | string,
): Attributions | null {
  const sample = sampleRows(labels, sampleSize, seededRandom(seed).fork('attributions'));
  if (sample.rows.length === 0) return null;
  const names = model.featureNames;
  const values = sample.rows.map((row) => Float32Array.from(matrix.columns, (column) => column[row]!));
  const explanations = values.map((row) => model.explain(row));
  const importance = names.map((name, j) => ({
    name,
    importance: explanations.reduce((sum, { contributions }, i) => sum + sample.weights[i]! * Math.abs(contributions[j]!), 0),
  }));
  // Equal importances keep the order of the features, since sorting is stable.
  const order = names.map((_, j) => j).toSorted((a, b) => importance[b]!.importance - importance[a]!.importance);
  const omitted = order.slice(MOST_FEATURES);
  const shown = Math.min(SWARM_FEATURES, order.length);
  const dots = Math.min(sample.rows.length, Math.floor(MOST_DOTS / shown));
  return {
    rows: sample.rows.length,
    frauds: sample.rows.reduce((sum, row) => sum + labels[row]!, 0),
    space: explanations[0]!.space,
    importance: order.slice(0, MOST_FEATURES).map((j) => importance[j]!),
    omitted: omitted.length,
    omittedImportance: omitted.reduce((sum, j) => sum + importance[j]!.importance, 0),
    swarm: order.slice(0, shown).map((j) => {
      const levels = levelsOf(values.map((row) => row[j]!));
      return {
        name: names[j]!,
        points: explanations.slice(0, dots).map(({ contributions }, i) => ({
          contribution: contributions[j]!,
          level: levels[i]!,
          isFraud: labels[sample.rows[i]!] === 1,
        })),
      };
    }),
  };
}

interface Sample {
  /** Shuffled, so that any first part is a sample as well. */
  readonly rows: readonly number[];
  /** Together 1; those of a class have the class's share of all rows. */
  readonly weights: readonly number[];
}

function sampleRows(labels: ArrayLike<number>, size: number, random: Random): Sample {
  const byClass: [number[], number[]] = [[], []];
  for (let i = 0; i < labels.length; i++) byClass[labels[i] === 1 ? 1 : 0].push(i);
  const frauds = Math.min(byClass[1].length, Math.max(Math.floor(size / 2), size - byClass[0].length));
  const genuine = Math.min(byClass[0].length, size - frauds);
  const chosen = [...draw(byClass[1], frauds, random), ...draw(byClass[0], genuine, random)];
  random.shuffle(chosen);
  const total = (frauds > 0 ? byClass[1].length : 0) + (genuine > 0 ? byClass[0].length : 0);
  const weightOf = [byClass[0].length / genuine / total, byClass[1].length / frauds / total];
  return { rows: chosen, weights: chosen.map((row) => weightOf[labels[row]!]!) };
}

/** The first places of a shuffle (Fisher-Yates), without shuffling the rest. */
function draw(rows: number[], count: number, random: Random): number[] {
  for (let i = 0; i < count; i++) {
    const j = i + random.integer(rows.length - i);
    [rows[i], rows[j]] = [rows[j]!, rows[i]!];
  }
  return rows.slice(0, count);
}

/** Middle ranks as shares, 0 for the lowest value to 1 for the highest; equal values share one. */
function levelsOf(values: readonly number[]): (number | null)[] {
  const sorted = Float32Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  return values.map((value) => {
    if (Number.isNaN(value)) return null;
    if (sorted.length < 2) return 0.5;
    const first = sorted.indexOf(value);
    const last = sorted.lastIndexOf(value);
    return (first + last) / 2 / (sorted.length - 1);
  });
}
