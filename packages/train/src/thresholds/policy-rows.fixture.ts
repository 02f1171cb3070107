import { seededRandom } from '@fraudops/core';

/** Calibrated scores of transactions over some days, as typed arrays would hold them. */
export function policyRows(seed: number, rowCount = 600, days = 10) {
  const random = seededRandom(seed);
  const scores = Array.from({ length: rowCount }, () => Math.round(random.next() ** 6 * 1000) / 1000);
  return {
    scores,
    labels: scores.map((score) => Number(random.next() < score)),
    times: scores.map(() => random.integer(days) * 86_400_000),
    amounts: scores.map(() => 1 + random.integer(30_000)),
  };
}
