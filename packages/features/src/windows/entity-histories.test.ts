import { describe, expect, it } from 'vitest';
import { EntityHistories } from './entity-histories.js';

const keys = (histories: EntityHistories) => histories.all().map(({ key }) => key);
const use = (histories: EntityHistories, key: string) => (histories.get(key) ?? histories.add(key)).insert(0, Float64Array.of(0));

describe('EntityHistories', () => {
  it('keeps histories by key', () => {
    const histories = new EntityHistories(10, 1, false);
    const added = histories.add('a');
    expect(histories.get('a')).toBe(added);
    expect(histories.get('b')).toBeUndefined();
  });

  it('lets one go that was not used lately when there is no room', () => {
    const histories = new EntityHistories(3, 1, false);
    for (const key of ['a', 'b', 'c', 'd']) use(histories, key);
    // All were used, so the hand went around once and took the first.
    expect([keys(histories), histories.dropped]).toEqual([['d', 'b', 'c'], 1]);
    use(histories, 'b');
    use(histories, 'e');
    expect([keys(histories), histories.dropped]).toEqual([['d', 'b', 'e'], 2]);
    expect(histories.get('c')).toBeUndefined();
  });

  it('holds at most its limit, and always the last one used', () => {
    const histories = new EntityHistories(5, 1, false);
    for (let i = 0; i < 1000; i++) {
      use(histories, `card ${(i * i) % 37}`);
      expect(histories.all().length).toBeLessThanOrEqual(5);
      expect(histories.get(`card ${(i * i) % 37}`)).toBeDefined();
    }
  });
});
