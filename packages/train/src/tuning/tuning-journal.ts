/**
 * What a search has found so far, as plain JSON that the caller stores wherever it likes. Tuning that is given its journal again continues
 * where it stopped, and ends with the same result as one that never stopped.
 */
import { canonicalJson, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { TrainError } from '../train-error.js';
import { promotedTrials } from './promoted-trials.js';
import type { ParameterValue, SearchSpace } from './search-space.js';

/** One trial in one round, finished. */
export interface TuningEntry {
  /** Number of the trial, from 0. */
  readonly trial: number;
  /** Round of successive halving, from 0; always 0 in random search. */
  readonly round: number;
  /** What the trial could spend, such as trees; null where the method has no budget. */
  readonly budget: number | null;
  readonly parameters: Readonly<Record<string, number | string | boolean | null>>;
  /** Higher is better; null when the trial failed. */
  readonly score: number | null;
  /** Why it failed; null when it didn't. */
  readonly failure: string | null;
}

/** The finished trials of a search as plain data, from which it goes on where it stopped. */
export interface TuningJournal {
  readonly format: 'fraudops.tuning-journal';
  readonly formatVersion: 1;
  /** Of the space, the seed, the method and the number of trials: a journal belongs to one search. */
  readonly search: string;
  /** At most 1,000,000. */
  readonly entries: readonly TuningEntry[];
}

const entrySchema = z.strictObject({
  trial: z.number().int().min(0),
  round: z.number().int().min(0),
  budget: z.number().nullable(),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  score: z.number().nullable(),
  failure: z.string().nullable(),
});

const journalSchema = z.strictObject({
  format: z.literal('fraudops.tuning-journal'),
  formatVersion: z.literal(1),
  search: z.string(),
  entries: z.array(entrySchema).max(1_000_000),
});

/** What makes two searches the same. */
export interface SearchIdentity {
  readonly space: SearchSpace;
  readonly seed: number | string;
  readonly trials: number;
  readonly method: unknown;
}

/** The name of a search, the same for the same space, seed, trials and method. */
export function searchName({ space, seed, trials, method }: SearchIdentity): string {
  return sha256Hex(canonicalJson({ space, seed: String(seed), trials, method }));
}

/** What a search will do, against which its journal is checked. */
export interface SearchPlan {
  /** Of each round; null without budgets. */
  readonly budgets: readonly (number | null)[];
  /** How many trials each round has at most; the first has them all. */
  readonly counts: readonly number[];
  readonly parametersOf: (trial: number) => Readonly<Record<string, ParameterValue>>;
}

/**
 * The entries of a journal by trial and round. Each must be one that the search could have written: of a trial that got as far as its
 * round, with the round's budget and the trial's parameters, and either a score or a failure.
 *
 * @throws {TrainError} INVALID_VALUE for no journal or a damaged one, INVALID_OPTION for another search's
 */
export function readJournal(journal: unknown, search: string, plan: SearchPlan): Map<string, TuningEntry> {
  const parsed = journalSchema.safeParse(journal);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(issue?.path.join('.') || 'journal', issue?.message);
  }
  if (parsed.data.search !== search) {
    throw new TrainError(
      'INVALID_OPTION',
      'tune: journal: it is of another space, seed, method or number of trials; start without it',
    );
  }
  const entries = new Map<string, TuningEntry>();
  parsed.data.entries.forEach((entry, i) => {
    const key = entryKey(entry.trial, entry.round);
    const problem = entries.has(key) ? `trial ${entry.trial} is in round ${entry.round} twice` : problemOf(entry, plan);
    if (problem) throw damaged(`entries.${i}`, problem);
    entries.set(key, entry);
  });
  requirePromotions(entries, plan);
  return entries;
}

function damaged(where: string, problem: string | undefined): TrainError {
  return new TrainError('INVALID_VALUE', `tune: journal: ${where}: ${problem}; start without it`);
}

function problemOf({ trial, round, budget, parameters, score, failure }: TuningEntry, plan: SearchPlan): string | undefined {
  const { budgets, counts, parametersOf } = plan;
  if (trial >= counts[0]!) return `trial is ${trial}, expected less than the ${counts[0]} trials of the search`;
  if (round >= budgets.length) return `round is ${round}, expected less than the ${budgets.length} rounds of the search`;
  if (budget !== budgets[round]) return `budget is ${budget}, expected ${budgets[round]} in round ${round}`;
  if ((score === null) === (failure === null))
    return `score is ${score} and failure is ${failure}, expected one of them to be null`;
  const isSampled = canonicalJson(parameters) === canonicalJson(parametersOf(trial));
  return isSampled ? undefined : `parameters are not those of trial ${trial}`;
}

/** A later round begins when the one before is complete, with the best of it. */
function requirePromotions(entries: ReadonlyMap<string, TuningEntry>, { counts }: SearchPlan): void {
  const byRound = counts.map(() => [] as TuningEntry[]);
  for (const entry of entries.values()) byRound[entry.round]!.push(entry);
  const last = byRound.findLastIndex((ofRound) => ofRound.length > 0);
  let expected = counts[0]!;
  for (let round = 1; round <= last; round++) {
    const before = byRound[round - 1]!;
    if (before.length < expected) {
      throw damaged('entries', `round ${last} has begun, but round ${round - 1} has ${before.length} of its ${expected} trials`);
    }
    const promoted = new Set(promotedTrials(before, counts[round]!));
    const stranger = byRound[round]!.find(({ trial }) => !promoted.has(trial));
    if (stranger) throw damaged('entries', `trial ${stranger.trial} is in round ${round}, but did not get that far`);
    expected = promoted.size;
  }
}

/** Entries in order of round and trial, whatever the order in which they ended. */
export function writeJournal(search: string, entries: ReadonlyMap<string, TuningEntry>): TuningJournal {
  const inOrder = [...entries.values()].toSorted((a, b) => a.round - b.round || a.trial - b.trial);
  return { format: 'fraudops.tuning-journal', formatVersion: 1, search, entries: inOrder };
}

export function entryKey(trial: number, round: number): string {
  return `${trial}/${round}`;
}
