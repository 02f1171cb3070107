/**
 * What few clusters do to a percentile interval, and how it is mended. The bootstrap takes the spread of c clusters for the true one: the
 * interval of a mean is too narrow by sqrt((c - 1) / c), and by the normal quantile's being smaller than Student's t with c - 1 degrees
 * of freedom. With 5 days a 95 % interval then misses in 17 of 100 cases, with 2 in half of them (Hesterberg 2015, "What teachers
 * should know about the bootstrap"). Both ends are moved away from the estimate by what is lacking.
 */
import { normalQuantile, studentTQuantile } from '@fraudops/core';

/** How much wider the interval has to be: t / z * sqrt(c / (c - 1)); 9.2 with 2 clusters, 1.58 with 5, 1.1 with 20, 1.01 with 200. */
export function fewClustersFactor(clusters: number, level: number): number {
  const share = (1 + level) / 2;
  return (studentTQuantile(share, clusters - 1) / normalQuantile(share)) * Math.sqrt(clusters / (clusters - 1));
}

/** The interval with both ends moved away from the estimate; null ends stay. An interval beside the estimate isn't moved over it. */
export function widenForFewClusters<Ends extends { readonly low: number | null; readonly high: number | null }>(
  interval: Ends,
  estimate: number | null,
  factor: number,
): Ends {
  const { low, high } = interval;
  if (low === null || high === null || estimate === null) return { ...interval, low: null, high: null };
  const centre = Math.min(high, Math.max(low, estimate));
  return { ...interval, low: centre - factor * (centre - low), high: centre + factor * (high - centre) };
}
