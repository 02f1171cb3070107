import type { FeatureBins } from './bin-table.js';
import type { CrewMember } from './training-crew.js';

/** Neighbouring features start to end, whose splits one member of a crew searches. */
export interface FeatureShare {
  readonly start: number;
  readonly end: number;
}

/** What a feature costs besides its bins, in bins. */
const BINS_PER_FEATURE = 16;

/** This member's features: of each member they have about as many bins, since a search tries them all. */
export function featureShare(features: readonly FeatureBins[], { index, size }: CrewMember): FeatureShare {
  const ends: number[] = [];
  let work = 0;
  for (const { count } of features) ends.push((work += count + BINS_PER_FEATURE));
  // A feature goes to the member in whose share of the work its middle lies.
  const memberOf = (feature: number) => {
    const begin = ends[feature - 1] ?? 0;
    return Math.min(size - 1, Math.floor((((begin + ends[feature]!) / 2) * size) / work));
  };
  const owners = features.map((_, feature) => memberOf(feature));
  const firstFrom = (member: number) => {
    const found = owners.findIndex((owner) => owner >= member);
    return found < 0 ? features.length : found;
  };
  return { start: firstFrom(index), end: firstFrom(index + 1) };
}
