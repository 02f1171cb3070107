import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runBounded } from './run-bounded.js';

describe('runBounded', () => {
  it('starts in order and keeps within the bound', async () => {
    let running = 0;
    let most = 0;
    const started: number[] = [];
    await runBounded([0, 1, 2, 3, 4, 5, 6], 3, async (item) => {
      started.push(item);
      most = Math.max(most, ++running);
      for (let turn = 0; turn <= item % 3; turn++) await setImmediate();
      running--;
    });
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(most).toBe(3);
  });

  it('starts no more after a failure, and waits for those under way', async () => {
    const ended: number[] = [];
    const run = runBounded([0, 1, 2, 3], 2, async (item) => {
      await setImmediate();
      if (item === 0) throw new Error('broken');
      await setImmediate();
      ended.push(item);
    });
    await expect(run).rejects.toThrow('broken');
    expect(ended).toEqual([1]);
  });
});
