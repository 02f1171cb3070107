import { describe, expect, it } from 'vitest';
import { eachBounded } from './each-bounded.js';

describe('eachBounded', () => {
  it('keeps the order of the items and the bound', async () => {
    let underWay = 0;
    let most = 0;
    const results = await eachBounded([5, 1, 4, 2, 3], 2, async (item) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, item));
      underWay--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('begins nothing more after a failure, and throws it', async () => {
    const begun: number[] = [];
    const work = eachBounded([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 2) throw new Error(`item ${item}`);
    });
    await expect(work).rejects.toThrow('item 2');
    expect(begun).not.toContain(6);
  });
});
