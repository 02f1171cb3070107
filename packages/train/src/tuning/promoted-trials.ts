/** Which trials of a round go on to the next; the same from a journal as from a search under way. */

/** What ranks a trial: how far it got, and how well it did there. */
export interface RankedTrial {
  readonly trial: number;
  readonly round: number;
  /** Higher is better; null when it failed. */
  readonly score: number | null;
}

/** The best trials of a round, at most `count` of them, the best first. Failed ones never go on. */
export function promotedTrials(ofRound: readonly RankedTrial[], count: number): number[] {
  const best = ofRound.filter(({ score }) => score !== null).toSorted(byRank);
  return best.slice(0, count).map(({ trial }) => trial);
}

/** Failed ones last, then later rounds, higher scores and lower numbers first. */
export function byRank(a: RankedTrial, b: RankedTrial): number {
  if (a.score === null || b.score === null) return Number(a.score === null) - Number(b.score === null) || a.trial - b.trial;
  return b.round - a.round || b.score - a.score || a.trial - b.trial;
}
