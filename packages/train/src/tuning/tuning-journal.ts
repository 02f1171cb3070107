/**
 * What a search has found so far, as plain JSON that the caller stores wherever it likes. Tuning that is given its journal again continues
 * where it stopped, and ends with the same result as one that never stopped.
 */
import { canonicalJson, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { TrainError } from '../train-error.js';
import type { SearchSpace } from './search-space.js';

const entrySchema = z.strictObject({
  /** Number of the trial, from 0. */
  trial: z.number().int().min(0),
  /** Round of successive halving, from 0; always 0 in random search. */
  round: z.number().int().min(0),
  /** What the trial could spend, such as trees; null where the method has no budget. */
  budget: z.number().nullable(),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  /** Higher is better; null when the trial failed. */
  score: z.number().nullable(),
  /** Why it failed. */
  failure: z.string().nullable(),
});

const journalSchema = z.strictObject({
  format: z.literal('fraudops.tuning-journal'),
  formatVersion: z.literal(1),
  /** Of the space, the seed, the method and the number of trials: a journal belongs to one search. */
  search: z.string(),
  entries: z.array(entrySchema).max(1_000_000),
});

/** One trial in one round, finished. */
export type TuningEntry = Readonly<z.infer<typeof entrySchema>>;

/** See the module's comment. */
export type TuningJournal = Readonly<z.infer<typeof journalSchema>>;

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

/** The entries of a journal by trial and round. @throws {TrainError} INVALID_VALUE for no journal, INVALID_OPTION for another search's */
export function readJournal(journal: unknown, search: string): Map<string, TuningEntry> {
  const parsed = journalSchema.safeParse(journal);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TrainError(
      'INVALID_VALUE',
      `tune: journal: ${issue?.path.join('.') || 'journal'}: ${issue?.message}; start without it`,
    );
  }
  if (parsed.data.search !== search) {
    throw new TrainError(
      'INVALID_OPTION',
      'tune: journal: it is of another space, seed, method or number of trials; start without it',
    );
  }
  return new Map(parsed.data.entries.map((entry) => [entryKey(entry.trial, entry.round), entry]));
}

/** Entries in order of round and trial, whatever the order in which they ended. */
export function writeJournal(search: string, entries: ReadonlyMap<string, TuningEntry>): TuningJournal {
  const inOrder = [...entries.values()].toSorted((a, b) => a.round - b.round || a.trial - b.trial);
  return { format: 'fraudops.tuning-journal', formatVersion: 1, search, entries: inOrder };
}

export function entryKey(trial: number, round: number): string {
  return `${trial}/${round}`;
}
