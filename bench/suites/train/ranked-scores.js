/** How well contestants rank held-out rows, by the scores that they save. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { averagePrecision, rocAuc } from '@fraudops/train';

/**
 * @param {import('../../harness/contestant.js').Contestant} contestant has answered `run`, and answers `save`
 * @param {string} folder
 * @param {Uint8Array} labels
 * @returns {Promise<{ scores: Float64Array, rocAuc: number | null, averagePrecision: number | null }>}
 */
export async function rankedScores(contestant, folder, labels) {
  const file = path.join(folder, 'scores.f64');
  await contestant.ask('save', { file });
  const scores = new Float64Array(Uint8Array.from(readFileSync(file)).buffer);
  rmSync(file);
  if (scores.length !== labels.length)
    throw new Error(`${contestant.name} has ${scores.length} scores, expected ${labels.length}`);
  return { scores, rocAuc: rocAuc(scores, labels), averagePrecision: averagePrecision(scores, labels) };
}
