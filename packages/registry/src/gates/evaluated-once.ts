import type { ModelVersion } from '../model-version.js';
import type { EvaluateVersion, EvaluatedRows } from './evaluated-rows.js';

/** Versions whose evaluation is remembered: a candidate and an incumbent, and those of a judgement before. */
const MAX_REMEMBERED = 4;

/**
 * An evaluation that scores each version once, for several gates of a promotion. The last four versions are remembered, told apart by their
 * names, numbers and files; an evaluation that fails is tried again.
 *
 * @example
 * const evaluate = evaluatedOnce(scoreTestRows);
 * const gates = [sampleAtLeast({ evaluate, frauds: 100 }), betterThanIncumbent({ evaluate, compare: compareModels, metric: 'averagePrecision' })];
 */
export function evaluatedOnce(evaluate: EvaluateVersion): EvaluateVersion {
  const remembered = new Map<string, Promise<EvaluatedRows>>();
  return async (version, signal) => {
    const key = keyOf(version);
    const known = remembered.get(key);
    if (known) return known;
    const rows = (async () => evaluate(version, signal))();
    remembered.set(key, rows);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    rows.catch(() => {
      if (remembered.get(key) === rows) remembered.delete(key);
    });
    return rows;
  };
}

/** Numbers are not used again, but another store may use them for something else. */
function keyOf({ name, version, files }: ModelVersion): string {
  return JSON.stringify([name, version, files.map(({ path, sha256 }) => [path, sha256])]);
}
