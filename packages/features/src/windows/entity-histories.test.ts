import { describe, expect, it } from 'vitest';
import { EntityHistories } from './entity-histories.js';
import { planOf } from './entity-plan.fixture.js';

const limits = { maxEntities: 2, maxEventsPerEntity: 100, latenessMs: 0 };
const eventAt = (ms: number) => ({ at: Float64Array.of(ms), parts: new Float64Array(), values: new Float64Array(), idHash: 0 });
const histories = () => new EntityHistories(planOf({ retentionMs: 1000 }), limits);

describe('EntityHistories', () => {
  it('opens what was added, and nothing else', () => {
    const all = histories();
    all.insert('a', eventAt(5));
    all.insert('b', eventAt(6));
    all.insert('b', eventAt(7));
    expect([all.open('a')?.size, all.open('b')?.size, all.open('c')]).toEqual([1, 2, undefined]);
    expect([...all.keys()]).toEqual(['a', 'b']);
  });

  it('drops one that was not used lately when there is no room', () => {
    const all = histories();
    for (const key of ['a', 'b', 'c']) all.insert(key, eventAt(1));
    // Both were used; the hand spared each once, and came back to the first.
    expect([all.entitiesDropped, all.open('a'), all.open('b')?.size, all.open('c')?.size]).toEqual([1, undefined, 1, 1]);
    all.insert('c', eventAt(2));
    all.insert('d', eventAt(3));
    expect([all.entitiesDropped, all.open('b'), all.open('c')?.size, all.open('d')?.size]).toEqual([2, undefined, 2, 1]);
  });

  it('starts a dropped key anew', () => {
    const all = histories();
    for (const key of ['a', 'b', 'c', 'a']) all.insert(key, eventAt(1));
    expect(all.open('a')?.size).toBe(1);
    all.clear();
    expect([all.size, all.open('a'), all.open('c')]).toEqual([0, undefined, undefined]);
  });
});
