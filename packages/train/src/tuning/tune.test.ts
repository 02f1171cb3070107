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
    [{ method: { kind: 'grid' } as unknown as TuningMethod }, "tune: method.kind is grid, expected 'random' or 'halving'"],
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
