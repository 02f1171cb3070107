import { FraudOpsError } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TaskHandle, defineDag } from './dag.js';
import type { PipelineError } from './pipeline-error.js';
import { runDag } from './run-dag.js';

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('runDag', () => {
  it('hands results on and gives the output task’s result', async () => {
    const dag = defineDag('sum', (task) => {
      const two = task('two', [], () => 2);
      const three = task('three', [], async () => 3);
      return task('sum', [two, three], ([a, b]) => a + b);
    });
    const run = await runDag(dag);
    expect(run.output).toBe(5);
    expect(run.tasks.map(({ id, state, attempts }) => [id, state, attempts])).toEqual([
      ['two', 'success', 1],
      ['three', 'success', 1],
      ['sum', 'success', 1],
    ]);
  });

  it('runs every task once, after its upstream tasks, and never more than allowed at once', async () => {
    const graph = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 4 }), async (edges, maxActiveTasks) => {
        const ended: number[] = [];
        let active = 0;
        const dag = defineDag('random', (task) => {
          const handles: TaskHandle<number>[] = [];
          edges.forEach((targets, i) => {
            const upstream = [...new Set(targets.map((target) => target % (i + 1)))].filter((position) => position < i);
            const body = async () => {
              active++;
              expect(active).toBeLessThanOrEqual(maxActiveTasks);
              for (const position of upstream) expect(ended).toContain(position);
              await soon();
              active--;
              ended.push(i);
              return i;
            };
            handles.push(
              task(
                `t${i}`,
                upstream.map((position) => handles[position]!),
                body,
              ),
            );
          });
          return handles.at(-1)!;
        });
        expect((await runDag(dag, { maxActiveTasks })).output).toBe(edges.length - 1);
        expect(ended.toSorted((a, b) => a - b)).toEqual(edges.map((_, i) => i));
      }),
    );
  });

  it('ends other branches, marks what comes behind as upstream_failed, and throws the cause', async () => {
    const done: string[] = [];
    const dag = defineDag('broken', (task) => {
      const bad = task('bad', [], () => {
        throw new Error('no data');
      });
      const good = task('good', [], async () => {
        await soon();
        done.push('good');
      });
      const behind = task('behind', [bad], () => done.push('behind'));
      return task('last', [behind, good], () => done.push('last'));
    });
    const error = await runDag(dag).catch((reason: unknown) => reason as PipelineError);
    expect(error).toMatchObject({
      code: 'TASK_FAILED',
      message: 'broken: task bad failed: no data',
      cause: { message: 'no data' },
    });
    const tasks = (error as PipelineError).details['tasks'] as { id: string; state: string }[];
    expect(tasks.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'bad failed',
      'good success',
      'behind upstream_failed',
      'last upstream_failed',
    ]);
    expect(done).toEqual(['good']);
  });

  it('tries again as often as it may, and not after an error that says it is final', async () => {
    const failing = (retries: number, makeError: (attempt: number) => Error | undefined) => {
      let attempts = 0;
      const dag = defineDag('retry', (task) =>
        task(
          'shaky',
          [],
          (_, context) => {
            attempts++;
            expect(context.attempt).toBe(attempts);
            const error = makeError(attempts);
            if (error) throw error;
            return attempts;
          },
          { retries, retryDelayMs: 1 },
        ),
      );
      return runDag(dag).then(
        ({ output }) => `ended at ${output}`,
        () => `failed at ${attempts}`,
      );
    };
    expect(await failing(3, (attempt) => (attempt < 3 ? new Error('later') : undefined))).toBe('ended at 3');
    expect(await failing(2, () => new Error('never'))).toBe('failed at 3');
    expect(await failing(5, () => new FraudOpsError('BAD', 'bad input'))).toBe('failed at 1');
    expect(
      await failing(5, (attempt) => (attempt < 2 ? new FraudOpsError('BUSY', 'busy', { retryable: true }) : undefined)),
    ).toBe('ended at 2');
  });

  it('starts nothing more once it is cancelled, and does not wait out a pause', async () => {
    const cancel = new AbortController();
    const started: string[] = [];
    const dag = defineDag('long', (task) => {
      const first = task('first', [], (_, { signal }) => {
        started.push('first');
        cancel.abort(new Error('stopped by hand'));
        expect(signal.aborted).toBe(true);
      });
      const shaky = task('shaky', [], () => Promise.reject(new Error('once')), { retries: 1, retryDelayMs: 60_000 });
      return task('second', [first, shaky], () => started.push('second'));
    });
    await expect(runDag(dag, { signal: cancel.signal })).rejects.toMatchObject({ code: 'TASK_FAILED' });
    expect(started).toEqual(['first']);
  });
});

describe('defineDag', () => {
  const refusals: [message: string, build: Parameters<typeof defineDag>[1], id?: string][] = [
    ['"a b" is no id', (task) => task('a b', [], () => 1)],
    ['"" is no id', (task) => task('a', [], () => 1), ''],
    [
      'task "a" is declared twice',
      (task) => {
        task('a', [], () => 1);
        return task('a', [], () => 2);
      },
    ],
    ['upstream task "elsewhere" is not declared before it', (task) => task('a', [{ id: 'elsewhere' }], () => 1)],
    ['the output task "nowhere" is not declared', () => ({ id: 'nowhere' })],
    ['retries is -1, expected a whole number from 0 to 100', (task) => task('a', [], () => 1, { retries: -1 })],
    ['retryDelayMs is 0.5', (task) => task('a', [], () => 1, { retryDelayMs: 0.5 })],
  ];
  it.each(refusals)('refuses what is no graph: %s', (message, build, id = 'dag') => {
    expect(() => defineDag(id, build)).toThrow(message);
  });

  it('refuses bad options of a run', async () => {
    const dag = defineDag('a', (task) => task('a', [], () => 1));
    await expect(runDag(dag, { maxActiveTasks: 0 })).rejects.toThrow('maxActiveTasks is 0');
  });
});
