import { describe, expect, it } from 'vitest';
import { coalesced } from './coalesced.js';

describe('coalesced', () => {
  it('serves callers who come during a run with one run that begins after they came', async () => {
    const seen: number[] = [];
    let written = 0;
    let running = 0;
    const read = coalesced(async () => {
      expect(++running).toBe(1);
      const snapshot = written;
      await new Promise((resolve) => setTimeout(resolve, 2));
      seen.push(snapshot);
      running--;
    });
    const first = read();
    written = 1;
    const others = Array.from({ length: 50 }, () => read());
    await Promise.all([first, ...others]);
    expect(seen).toEqual([0, 1]);
  });

  it('never overlaps when callers come at every turn', async () => {
    let running = 0;
    let runs = 0;
    const task = coalesced(async () => {
      expect(++running).toBe(1);
      await Promise.resolve();
      running--;
      runs++;
    });
    const calls: Promise<void>[] = [];
    for (let i = 0; i < 200; i++) {
      calls.push(task());
      if (i % 3 === 0) await Promise.resolve();
    }
    await Promise.all(calls);
    expect(runs).toBeGreaterThan(1);
  });

  it('fails only for those who shared the failed run', async () => {
    let runs = 0;
    const task = coalesced(async () => {
      if (++runs === 1) throw new Error('first run');
    });
    const first = task();
    const second = task();
    await expect(first).rejects.toThrow('first run');
    await expect(second).resolves.toBeUndefined();
    await expect(task()).resolves.toBeUndefined();
  });
});
