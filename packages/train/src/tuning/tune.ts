/**
 * Searches parameters. Random search (Bergstra and Bengio 2012) tries so many samples of the space. Successive halving (Jamieson and
 * Talwalkar 2016) gives many samples a small budget, such as few trees or a part of the rows, keeps the best 1 / factor of them with
 * `factor` times the budget, and so on up to the whole budget: more of the space for the same time.
 *
 * The result depends on the space, the seed and the scores alone: not on which trial ends first, not on how many run at once, and not on
 * whether the search was stopped and continued with its journal. Ties go to the trial with the lower number.
 *
 * Score on validation rows that are later than the training rows, never on the test rows: see {@link prequentialFolds}.
 */
import { type OptionKinds, type Progress, showValue, silentProgress } from '@fraudops/core';
import { requireOneOf, requireOptions, requireSeed } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { failureText } from './failure-text.js';
import { byRank, promotedTrials } from './promoted-trials.js';
import { runBounded } from './run-bounded.js';
import { type SampledParameters, type SearchSpace, requireSpace, sampleParameters } from './search-space.js';
import { type TuningEntry, type TuningJournal, entryKey, readJournal, searchName, writeJournal } from './tuning-journal.js';

/** How to search. */
export type TuningMethod =
  | { readonly kind: 'random' }
  | {
      readonly kind: 'halving';
      /**
       * Least budget of the first round, above 0, in whatever unit `train` understands. Budgets are counted down from `maxBudget`, so the
       * first is maxBudget / factor^n with the largest n that keeps it from falling below: for 10 to 100 by 3 they are 11, 33 and 100.
       */
      readonly minBudget: number;
      /** Budget of the last round, at least `minBudget`, up to 1e12. */
      readonly maxBudget: number;
      /** How many times larger each round's budget is, and how many times fewer its trials, 1.1 to 100; default 3. */
      readonly factor?: number;
      /** Whether budgets are whole numbers, such as trees; default true. Rounds that would repeat a budget are left out. */
      readonly wholeBudgets?: boolean;
    };

/** What a trial is told besides its parameters. */
export interface TrialContext {
  /** Number of the trial, from 0. */
  readonly trial: number;
  /** Budget of this round; null in random search. */
  readonly budget: number | null;
  /** Aborted when the search is. Pass it on, for instance to `trainInWorker`. */
  readonly signal: AbortSignal;
}

/** Options of {@link tune}. */
export interface TuneOptions<Space extends SearchSpace, Trained> {
  readonly space: Space;
  /** Trains with the parameters; several run at once, so let each use a thread of its own (`trainInWorker`). */
  readonly train: (parameters: SampledParameters<Space>, context: TrialContext) => Trained | Promise<Trained>;
  /** The score of what was trained: a finite number, higher is better. */
  readonly evaluate: (trained: Trained, parameters: SampledParameters<Space>, context: TrialContext) => number | Promise<number>;
  /** Samples of the space, 1 to 100,000. */
  readonly trials: number;
  /** Default `random`. */
  readonly method?: TuningMethod;
  /** Trials under way at once, 1 to 1,024; default 1. */
  readonly concurrency?: number;
  /** Default 0. */
  readonly seed?: number | string;
  /** Stops the search; trials under way are waited for. */
  readonly signal?: AbortSignal;
  /** Told of each trial; default: nobody. */
  readonly progress?: Progress;
  /** What an earlier, stopped search of the same kind found; it is continued. */
  readonly journal?: TuningJournal;
  /** Given the journal after each trial, to be stored; when it fails, so does the search. */
  readonly onJournal?: (journal: TuningJournal) => void | Promise<void>;
}

/** A trial in the last round in which it succeeded; one that never did, in the last it reached. */
export interface TuningTrial<Space extends SearchSpace> extends Omit<TuningEntry, 'parameters'> {
  readonly parameters: SampledParameters<Space>;
}

/** What a search found. */
export interface TuningResult<Space extends SearchSpace> {
  /** The best trial of the last round in which one succeeded. */
  readonly best: TuningTrial<Space> & { readonly score: number };
  /**
   * All trials, each in the last round in which it succeeded; best first, later rounds before earlier ones, those that never succeeded
   * last. What failed later on is in the journal.
   */
  readonly trials: readonly TuningTrial<Space>[];
  readonly journal: TuningJournal;
}

/**
 * Searches parameters by random search or successive halving, which gives many samples a small budget and the best of them ever more. The
 * result depends on the space, the seed and the scores alone: not on how many trials run at once, nor on whether the search was stopped and
 * continued with its journal. A trial that throws or scores NaN counts as failed and is recorded with its reason; the search goes on.
 *
 * Score on validation rows that are later than the training rows, never on the test rows: see {@link prequentialFolds}.
 *
 * @throws {TrainError} (as a rejection) INVALID_OPTION; INVALID_VALUE for a damaged journal; ABORTED; TRIALS_FAILED when all trials fail;
 *   and what `onJournal` throws
 * @example
 * const { best } = await tune({
 *   space: { depth: integer(2, 6), learningRate: logUniform(0.02, 0.3), l2: logUniform(0.1, 30) },
 *   train: (parameters, { budget, signal }) =>
 *     trainInWorker({ algorithm: 'boosting', matrix, labels, options: { ...parameters, trees: budget! } }, { signal }),
 *   evaluate: ({ model }) => evaluate(model, laterMatrix, laterTruth).averagePrecision ?? 0,
 *   trials: 27,
 *   method: { kind: 'halving', minBudget: 30, maxBudget: 270 },
 *   concurrency: 2,
 * });
 */
export async function tune<Space extends SearchSpace, Trained>(
  options: TuneOptions<Space, Trained>,
): Promise<TuningResult<Space>> {
  const search = new Search(options);
  return search.run();
}

// Of any search, since kinds don't depend on what is searched.
const OPTIONS: OptionKinds<TuneOptions<SearchSpace, unknown>> = {
  space: 'object',
  train: 'function',
  evaluate: 'function',
  trials: 'checked',
  method: 'object',
  concurrency: 'checked',
  seed: 'checked',
  signal: 'signal',
  progress: 'progress',
  journal: 'checked',
  onJournal: 'function',
};

const HALVING: OptionKinds<Extract<TuningMethod, { kind: 'halving' }>> = {
  kind: 'checked',
  minBudget: 'checked',
  maxBudget: 'checked',
  factor: 'checked',
  wholeBudgets: 'flag',
};

function requireTuneOptions(options: object): void {
  requireOptions<object>('tune', options, OPTIONS);
  for (const name of ['space', 'train', 'evaluate'] as const) {
    if ((options as Record<string, unknown>)[name] !== undefined) continue;
    throw new TrainError(
      'INVALID_OPTION',
      `tune: options.${name} is undefined, expected ${name === 'space' ? 'an object' : 'a function'}`,
    );
  }
}

/** One search under way. */
class Search<Space extends SearchSpace, Trained> {
  readonly #options: TuneOptions<Space, Trained>;
  readonly #name: string;
  readonly #budgets: readonly (number | null)[];
  /** How many trials each round has at most. */
  readonly #counts: readonly number[];
  readonly #concurrency: number;
  readonly #seed: number | string;
  readonly #entries: Map<string, TuningEntry>;
  readonly #signal: AbortSignal;
  /** Journals are handed out one after the other, in the order of the trials' ends. */
  #handingOut: Promise<void> = Promise.resolve();

  constructor(options: TuneOptions<Space, Trained>) {
    requireTuneOptions(options);
    const { space, method = { kind: 'random' }, journal } = options;
    const seed = requireSeed('tune', options.seed);
    requireSpace(space);
    const trials = requireOption('tune: trials', options.trials, { low: 1, high: 100_000, default: Number.NaN, whole: true });
    this.#concurrency = requireOption('tune: concurrency', options.concurrency, { low: 1, high: 1_024, default: 1, whole: true });
    const { budgets, counts } = requireRounds(method, trials);
    this.#budgets = budgets;
    this.#counts = counts;
    this.#seed = seed;
    this.#name = searchName({ space, seed, trials, method: { budgets, counts } });
    const plan = { budgets, counts, parametersOf: (trial: number) => sampleParameters(space, seed, trial) };
    this.#entries = journal === undefined ? new Map() : readJournal(journal, this.#name, plan);
    this.#signal = options.signal ?? new AbortController().signal;
    this.#options = options;
  }

  async run(): Promise<TuningResult<Space>> {
    const { trials, progress = silentProgress } = this.#options;
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    const task = progress.task('Tuning', { total, unit: 'trials' });
    try {
      let contenders = Array.from({ length: trials }, (_, trial) => trial);
      for (let round = 0; round < this.#budgets.length; round++) {
        if (round > 0) {
          const before = contenders.map((trial) => this.#entries.get(entryKey(trial, round - 1))!);
          contenders = promotedTrials(before, this.#counts[round]!);
        }
        await runBounded(contenders, this.#concurrency, async (trial) => {
          await this.#runTrial(trial, round);
          task.advance(1);
        });
      }
      const result = this.#result();
      task.done(`best score ${result.best.score}`);
      return result;
    } catch (error) {
      task.fail(failureText(error));
      throw error;
    }
  }

  /** Runs a trial, unless the journal has it. */
  async #runTrial(trial: number, round: number): Promise<void> {
    if (this.#entries.has(entryKey(trial, round))) return;
    this.#requireGoing();
    const { space, train, evaluate, onJournal } = this.#options;
    const parameters = sampleParameters(space, this.#seed, trial);
    const context: TrialContext = { trial, budget: this.#budgets[round]!, signal: this.#signal };
    let score: number | null = null;
    let failure: string | null = null;
    try {
      const value = await evaluate(await train(parameters, context), parameters, context);
      if (Number.isFinite(value)) score = value;
      else failure = `the score is ${showValue(value)}, expected a finite number`;
    } catch (error) {
      failure = failureText(error);
    }
    // A trial that ended because the search was stopped has not failed, and must not be taken for it later.
    this.#requireGoing();
    this.#entries.set(entryKey(trial, round), { trial, round, budget: context.budget, parameters, score, failure });
    if (!onJournal) return;
    const journal = writeJournal(this.#name, this.#entries);
    await (this.#handingOut = this.#handingOut.then(() => onJournal(journal)));
  }

  #requireGoing(): void {
    if (!this.#signal.aborted) return;
    const { reason } = this.#signal as { reason: unknown };
    throw new TrainError('ABORTED', `tune: stopped by the caller's signal (${failureText(reason)}); its journal continues it`, {
      cause: reason,
    });
  }

  #result(): TuningResult<Space> {
    const last = new Map<number, TuningEntry>();
    for (const entry of this.#entries.values()) {
      const known = last.get(entry.trial);
      if (!known || byRank(entry, known) < 0) last.set(entry.trial, entry);
    }
    const trials = [...last.values()].toSorted(byRank) as unknown as TuningTrial<Space>[];
    const [best] = trials;
    if (best?.score === null || best === undefined) {
      const reason = `all ${trials.length} trials failed, the first because: ${best?.failure}`;
      throw new TrainError('TRIALS_FAILED', `tune: ${reason}; try one trial's parameters alone`);
    }
    return { best: best as TuningResult<Space>['best'], trials, journal: writeJournal(this.#name, this.#entries) };
  }
}

/** Budget of each round, null without budgets, and how many trials it has: 1 / factor of the one before, at least one. */
function requireRounds(method: TuningMethod, trials: number): { budgets: (number | null)[]; counts: number[] } {
  requireOneOf('tune', 'method.kind', method.kind, ['random', 'halving']);
  if (method.kind === 'random') {
    requireOptions('tune', method, { kind: 'checked' }, 'options.method');
    return { budgets: [null], counts: [trials] };
  }
  requireOptions('tune', method, HALVING, 'options.method');
  const { wholeBudgets = true } = method;
  const whole = wholeBudgets;
  const minBudget = requireOption('tune: method.minBudget', method.minBudget, {
    low: whole ? 1 : Number.MIN_VALUE,
    high: 1e12,
    default: Number.NaN,
    whole,
  });
  const maxBudget = requireOption('tune: method.maxBudget', method.maxBudget, {
    low: minBudget,
    high: 1e12,
    default: Number.NaN,
    whole,
  });
  const factor = requireOption('tune: method.factor', method.factor, { low: 1.1, high: 100, default: 3 });
  const rounds = 1 + Math.floor(Math.log(maxBudget / minBudget) / Math.log(factor) + 1e-9);
  if (rounds > MAX_ROUNDS) {
    throw new TrainError(
      'INVALID_OPTION',
      `tune: method: ${rounds} rounds, at most ${MAX_ROUNDS} are allowed; raise minBudget or factor`,
    );
  }
  // From the last round down, so that the last has the whole budget.
  const all = Array.from({ length: rounds }, (_, round) => {
    const budget = maxBudget / factor ** (rounds - 1 - round);
    return { budget: whole ? Math.max(1, Math.round(budget)) : budget, count: Math.max(1, Math.floor(trials / factor ** round)) };
  });
  // A small factor rounds neighbours to the same budget: the same trials again would tell nothing new.
  const distinct = all.filter(({ budget }, round) => round === 0 || budget > all[round - 1]!.budget);
  return { budgets: distinct.map(({ budget }) => budget), counts: distinct.map(({ count }) => count) };
}

const MAX_ROUNDS = 50;
