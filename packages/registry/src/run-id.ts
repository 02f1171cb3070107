import { sha256Hex } from '@fraudops/core';

/**
 * The id of a run: when it was started, a sign of its experiment, and what no other run has, joined by hyphens. So ids in order are runs in
 * the order of their starts, and the record of a run, which lies under its experiment, is found by the id alone.
 *
 * @example runIdOf(Date.UTC(2024, 0, 1), 'fraud', '9f8e7d6c5b4a'); // '0lqu5m2o0-3aaf9dc9-9f8e7d6c5b4a'
 */
export function runIdOf(startedMs: number, experiment: string, unique: string): string {
  return `${startedMs.toString(36).padStart(9, '0')}-${experimentSign(experiment)}-${unique}`;
}

/** Whether a run of this id can be one of the experiment. A few names out of a billion share a sign, so only its record says that it is. */
export function canBeOf(experiment: string, runId: string): boolean {
  return runId.split('-')[1] === experimentSign(experiment);
}

function experimentSign(experiment: string): string {
  return sha256Hex(experiment).slice(0, 8);
}
