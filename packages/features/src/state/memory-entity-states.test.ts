import { manualClock } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { changeOf } from './counted-states.js';
import { entityStatesContract } from './entity-states-contract.js';
import { memoryEntityStates } from './memory-entity-states.js';

entityStatesContract('memoryEntityStates', { describe, it }, async () => {
  const states = memoryEntityStates();
  return { open: () => states, dispose: async () => {} };
});

describe('memoryEntityStates', () => {
  it('drops the states that were written longest ago when there are too many', async () => {
    const states = memoryEntityStates({ maxEntities: 1_000 });
    const first = changeOf('first', '1');
    await states.putMany([first]);
    await states.putMany([changeOf('second', '1')]);
    await states.putMany([changeOf('first', '2', { ifVersion: first.version })]);
    await states.putMany(Array.from({ length: 999 }, (_, i) => changeOf(`${i}`, '1')));
    const [kept, dropped, last] = await states.getMany(['first', 'second', '998']);
    expect([kept !== undefined, dropped, last !== undefined]).toEqual([true, undefined, true]);
  });

  it('drops them likewise when they have too many bytes together', async () => {
    const states = memoryEntityStates({ maxBytes: 64 * 2 ** 20 });
    const large = new Uint8Array(16 * 2 ** 20);
    for (const key of ['a', 'b', 'c', 'd']) await states.putMany([changeOf(key, large)]);
    expect((await states.getMany(['a', 'd'])).every((state) => state !== undefined)).toBe(true);
    await states.putMany([changeOf('e', '1')]);
    expect((await states.getMany(['a', 'b', 'c', 'd', 'e'])).map((state) => state !== undefined)).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it('expires states by its clock, at the millisecond', async () => {
    const clock = manualClock(0);
    const states = memoryEntityStates({ clock });
    await states.putMany([changeOf('a', '1', { expiresAfterMs: 1_000 })]);
    clock.advance(999);
    expect((await states.getMany(['a']))[0]).toBeDefined();
    clock.advance(1);
    expect(await states.getMany(['a'])).toEqual([undefined]);
    expect(await states.putMany([changeOf('a', '2')])).toBe(true);
  });

  it.each([
    [{ maxEntities: 999 }, 'memoryEntityStates: maxEntities is 999, expected a whole number from 1000 to 16000000'],
    [{ maxBytes: Number.NaN }, 'memoryEntityStates: maxBytes is NaN, expected a whole number from 67108864 to 9007199254740991'],
  ])('refuses %o', (options, message) => expect(() => memoryEntityStates(options)).toThrow(message));
});
