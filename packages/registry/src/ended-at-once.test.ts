import { describe, expect, it } from 'vitest';
import { endedAtOnce } from './ended-at-once.js';

const never = new Promise<never>(() => {});
const done = { done: true, value: undefined };

describe('endedAtOnce', () => {
  it('gives what the generator gives, and its end', async () => {
    const seen: number[] = [];
    for await (const value of endedAtOnce(async function* () {
      yield 1;
      yield 2;
    })) {
      seen.push(value);
    }
    expect(seen).toEqual([1, 2]);
  });

  it('ends at once when its reader goes, whatever is waited for, and tells the generator', async () => {
    let heard: AbortSignal | undefined;
    const values = endedAtOnce(async function* (signal): AsyncGenerator<number, void> {
      heard = signal;
      yield await never;
    });
    const pending = values.next();
    expect(await values.return!()).toEqual(done);
    expect(await pending).toEqual(done);
    expect(await values.next()).toEqual(done);
    expect(heard?.aborted).toBe(true);
  });

  it('ends at once when a signal says so, before it and in the midst of it', async () => {
    const end = new AbortController();
    let begun = 0;
    const make = () =>
      endedAtOnce(async function* (): AsyncGenerator<number, void> {
        begun++;
        yield await never;
      }, end.signal);
    const pending = make().next();
    end.abort();
    expect(await pending).toEqual(done);
    expect(await make().next()).toEqual(done);
    expect(begun).toBe(1);
  });

  it('drops a late value and a late failure', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      for (const late of [() => 1, () => Promise.reject(new Error('late'))]) {
        let answer = () => {};
        const asked = new Promise<void>((resolve) => {
          answer = resolve;
        });
        const values = endedAtOnce(async function* (): AsyncGenerator<number, void> {
          await asked;
          yield await late();
        });
        const pending = values.next();
        await values.return!();
        answer();
        expect(await pending).toEqual(done);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('throws what the generator throws, once', async () => {
    const values = endedAtOnce(async function* (): AsyncGenerator<number, void> {
      yield 1;
      throw new Error('broken');
    });
    expect((await values.next()).value).toBe(1);
    await expect(values.next()).rejects.toThrow('broken');
    expect(await values.next()).toEqual(done);
  });
});
