import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { featureMatrix, seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { trainLogistic } from '../linear/train-logistic.js';
import { evaluate } from '../metrics/evaluate.js';
import { integer, logUniform, uniform } from './search-space.js';
import { type TuneOptions, type TuningMethod, tune } from './tune.js';
import type { TuningJournal } from './tuning-journal.js';

const space = { x: uniform(-2, 2), y: integer(0, 10) };
type Options = TuneOptions<typeof space, { x: number; y: number; budget: number | null }>;

/** A peak at x = 1, y = 7; a small budget blurs it, the same way for the same trial. Trials end in an order of their own. */
const toy: Pick<Options, 'space' | 'train' | 'evaluate'> = {
  space,
  train: async ({ x, y }, { budget, trial }) => {
    for (let turn = 0; turn < (trial * 7) % 5; turn++) await setImmediate();
    return { x, y, budget };
  },
  evaluate: ({ x, y, budget }, _, { trial }) => {
    const blur = budget === null ? 0 : seededRandom(trial).between(-1, 1) / budget;
    return -((x - 1) ** 2) - (y - 7) ** 2 / 10 + blur;
  },
};

const halving: TuningMethod = { kind: 'halving', minBudget: 1, maxBudget: 27 };

describe('tune', () => {
  it('finds the best sample at random', async () => {
    const { best, trials, journal } = await tune({ ...toy, trials: 60, seed: 1 });
    expect(trials).toHaveLength(60);
    expect(best.score).toBe(Math.max(...trials.map(({ score }) => score!)));
    expect(Math.abs(best.parameters.x - 1)).toBeLessThan(0.6);
    expect(best).toMatchObject({ round: 0, budget: null, failure: null });
    expect(journal.entries).toHaveLength(60);
  });

  it('gives fewer trials more by halving', async () => {
    const { best, journal } = await tune({ ...toy, trials: 27, method: halving, seed: 2 });
    const rounds = [0, 1, 2, 3].map((round) => journal.entries.filter((entry) => entry.round === round));
    expect(rounds.map((entries) => [entries.length, entries[0]!.budget])).toEqual([
      [27, 1],
      [9, 3],
      [3, 9],
      [1, 27],
    ]);
    // The best of a round go on.
    const kept = new Set(rounds[1]!.map(({ trial }) => trial));
    const worstKept = Math.min(...rounds[0]!.filter(({ trial }) => kept.has(trial)).map(({ score }) => score!));
    expect(rounds[0]!.filter(({ trial, score }) => !kept.has(trial) && score! > worstKept)).toEqual([]);
    expect(best).toMatchObject({ round: 3, budget: 27 });
  });

  it('gives the same however many run at once', async () => {
    const one = await tune({ ...toy, trials: 20, method: halving, concurrency: 1 });
    expect(await tune({ ...toy, trials: 20, method: halving, concurrency: 7 })).toEqual(one);
  });

  it('ends the same when it is stopped anywhere and continued', async () => {
    const whole = await tune({ ...toy, trials: 12, method: halving });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 4 }), async (stopAfter, concurrency) => {
        const stop = new AbortController();
        let stored: TuningJournal | undefined;
        const onJournal = (journal: TuningJournal) => {
          stored = JSON.parse(JSON.stringify(journal)) as TuningJournal;
          if (journal.entries.length >= stopAfter) stop.abort('enough');
        };
        await tune({ ...toy, trials: 12, method: halving, concurrency, onJournal, signal: stop.signal }).catch(
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'ABORTED' });
          },
        );
        const seen: number[] = [];
        const train: Options['train'] = (parameters, context) => {
          seen.push(context.trial);
          return toy.train(parameters, context);
        };
        const continued = await tune({ ...toy, train, trials: 12, method: halving, ...(stored && { journal: stored }) });
        expect(continued).toEqual(whole);
        expect(seen.length).toBe(whole.journal.entries.length - (stored?.entries.length ?? 0));
      }),
      { numRuns: 25 },
    );
  });

  it('records trials that fail and goes on', async () => {
    const { best, trials } = await tune({
      ...toy,
      train: (parameters, context) => {
        if (context.trial % 2 === 0) throw new Error('too deep');
        return toy.train(parameters, context);
      },
      evaluate: (trained, parameters, context) => (context.trial === 1 ? Number.NaN : toy.evaluate(trained, parameters, context)),
      trials: 8,
    });
    expect(best.trial % 2).toBe(1);
    expect(trials.at(-1)).toMatchObject({ trial: 6, score: null, failure: 'too deep' });
    expect(trials.find(({ trial }) => trial === 1)!.failure).toBe('the score is NaN, expected a finite number');
  });

  it('keeps what a trial achieved before a larger budget failed', async () => {
    const train: Options['train'] = (parameters, context) => {
      if (context.budget! > 3) throw new Error('out of memory');
      return toy.train(parameters, context);
    };
    const method: TuningMethod = { kind: 'halving', minBudget: 1, maxBudget: 9 };
    const alone = await tune({ ...toy, train, trials: 1, method });
    expect(alone.best).toMatchObject({ trial: 0, round: 1, budget: 3, failure: null });
    expect(alone.journal.entries.at(-1)).toMatchObject({ round: 2, budget: 9, score: null, failure: 'out of memory' });

    const { best, trials, journal } = await tune({ ...toy, train, trials: 9, method });
    const second = journal.entries.filter(({ round }) => round === 1);
    expect(second).toHaveLength(3);
    expect(best).toMatchObject({ round: 1, score: Math.max(...second.map(({ score }) => score!)) });
    expect(trials.map(({ round }) => round)).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('leaves out rounds that would repeat a budget', async () => {
    const method: TuningMethod = { kind: 'halving', minBudget: 1, maxBudget: 6, factor: 1.1 };
    const { journal, best } = await tune({ ...toy, trials: 20, method });
    const budgets = [...new Map(journal.entries.map(({ round, budget }) => [round, budget])).values()];
    expect(budgets).toEqual([1, 2, 3, 4, 5, 6]);
    expect(best.budget).toBe(6);
    // In proportion to the budgets, as with any factor.
    const counts = budgets.map((_, of) => journal.entries.filter(({ round }) => round === of).length);
    expect(counts[0]).toBe(20);
    expect(counts.every((count, round) => round === 0 || count < counts[round - 1]!)).toBe(true);
  });

  it('records a failure that has no text', async () => {
    const train: Options['train'] = (parameters, context) => {
      if (context.trial === 0) throw Object.create(null);
      return toy.train(parameters, context);
    };
    const { trials } = await tune({ ...toy, train, trials: 3 });
    expect(trials.at(-1)).toMatchObject({ trial: 0, failure: 'a value that has no text was thrown' });
  });

  it('says so when all trials fail', async () => {
    const broken = tune({ ...toy, train: () => Promise.reject(new Error('no data')), trials: 3 });
    await expect(broken).rejects.toMatchObject({
      code: 'TRIALS_FAILED',
      message: expect.stringContaining('all 3 trials failed, the first because: no data'),
    });
  });

  it('tells its progress', async () => {
    const told: unknown[] = [];
    const progress = {
      task: (name: string, options?: object) => {
        told.push([name, options]);
        return {
          advance: (units: number) => told.push(units),
          total: () => {},
          done: () => told.push('done'),
          fail: () => told.push('fail'),
        };
      },
    };
    await tune({ ...toy, trials: 3, progress });
    expect(told).toEqual([['Tuning', { total: 3, unit: 'trials' }], 1, 1, 1, 'done']);
  });

  it('starts nothing when it is stopped before', async () => {
    const tried = tune({
      ...toy,
      trials: 3,
      signal: AbortSignal.abort('late'),
      train: () => Promise.reject(new Error('started')),
    });
    await expect(tried).rejects.toMatchObject({ code: 'ABORTED', message: expect.stringContaining('(late)') });
  });

  it('fails with the journal that can not be stored', async () => {
    await expect(tune({ ...toy, trials: 3, onJournal: () => Promise.reject(new Error('disk full')) })).rejects.toThrow(
      'disk full',
    );
  });

  it.each<[Partial<Options>, string]>([
    [{ trials: 0 }, 'tune: trials: 0'],
    [{ concurrency: 0 }, 'tune: concurrency: 0'],
    [{ method: { kind: 'halving', minBudget: 10, maxBudget: 5 } }, 'tune: method.maxBudget: 5'],
    [{ method: { kind: 'halving', minBudget: 0.5, maxBudget: 5 } }, 'tune: method.minBudget: 0.5'],
    [{ method: { kind: 'grid' } as unknown as TuningMethod }, 'tune: method.kind is "grid", expected "random" or "halving"'],
    [{ journal: { format: 'other' } as unknown as TuningJournal }, 'tune: journal: format: '],
  ])('refuses %j', async (change, message) => {
    await expect(tune({ ...toy, trials: 3, ...change })).rejects.toThrow(message);
  });

  it('refuses the journal of another search', async () => {
    const { journal } = await tune({ ...toy, trials: 3 });
    await expect(tune({ ...toy, trials: 3, seed: 9, journal })).rejects.toThrow(
      'it is of another space, seed, method or number of trials',
    );
  });

  describe('with a damaged journal', () => {
    type Entry = TuningJournal['entries'][number];
    const change = (i: number, members: Partial<Entry>) => (entries: Entry[]) =>
      entries.map((entry, at) => (at === i ? { ...entry, ...members } : entry));
    const without = (gone: (entry: Entry) => boolean) => (entries: Entry[]) => entries.filter((entry) => !gone(entry));
    /** In the order of the journal: trials 0 to 8 of round 0, the best three of them, the best one of those. */
    const method: TuningMethod = { kind: 'halving', minBudget: 3, maxBudget: 27 };

    it.each<[string, (entries: Entry[]) => Entry[], string]>([
      ['a trial beyond the last', change(0, { trial: 9 }), 'entries.0: trial is 9, expected less than the 9 trials'],
      ['a round beyond the last', change(12, { round: 3 }), 'entries.12: round is 3, expected less than the 3 rounds'],
      ['another budget', change(0, { budget: 4 }), 'entries.0: budget is 4, expected 3 in round 0'],
      ['other parameters', change(2, { parameters: { x: 0, y: 1 } }), 'entries.2: parameters are not those of trial 2'],
      ['neither score nor failure', change(1, { score: null }), 'entries.1: score is null and failure is null'],
      ['score and failure', change(1, { failure: 'odd' }), 'and failure is odd, expected one of them to be null'],
      ['an entry twice', (entries) => [...entries, entries[4]!], 'entries.13: trial 4 is in round 0 twice'],
      [
        'a round without the one before',
        without(({ round }) => round === 1),
        'round 2 has begun, but round 1 has 0 of its 3 trials',
      ],
      ['a gap in a round', without(({ round, trial }) => round === 0 && trial === 8), 'but round 0 has 8 of its 9 trials'],
      [
        'a trial that was not promoted',
        (entries) => {
          const promoted = new Set(entries.filter(({ round }) => round === 1).map(({ trial }) => trial));
          const left = entries.find(({ trial }) => !promoted.has(trial))!;
          return [...entries, { ...left, round: 1, budget: 9, score: 1e9 }];
        },
        'is in round 1, but did not get that far',
      ],
    ])('refuses %s', async (_, damage, message) => {
      const { journal } = await tune({ ...toy, trials: 9, method });
      expect(journal.entries).toHaveLength(13);
      const damaged = { ...journal, entries: damage([...journal.entries]) };
      await expect(tune({ ...toy, trials: 9, method, journal: damaged })).rejects.toMatchObject({
        code: 'INVALID_VALUE',
        message: expect.stringContaining(message),
      });
    });
  });

  it('tunes a model', async () => {
    const random = seededRandom(3);
    const column = Float32Array.from({ length: 400 }, () => random.normal());
    const labels = Uint8Array.from(column, (value) => Number(random.next() < 1 / (1 + Math.exp(-2 * value))));
    const matrix = featureMatrix(['x'], [column]);
    const { best } = await tune({
      space: { l2: logUniform(0.01, 1e6) },
      train: ({ l2 }) => trainLogistic(matrix, labels, { l2 }),
      evaluate: (model) => -evaluate(model, matrix, { labels }).logLoss!,
      trials: 12,
    });
    expect(best.parameters.l2).toBeLessThan(10);
  });
});
