import { setFlagsFromString } from 'node:v8';
import { describe, expect, it, vi } from 'vitest';
import { freeAfterTraining } from './free-memory.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const unheld = () => new WeakRef(new Float32Array(new SharedArrayBuffer(64)));

describe('freeAfterTraining', () => {
  it('collects what nobody holds, once enough of it may lie around', async () => {
    const rows = unheld();
    await nextTurn();
    freeAfterTraining(20 * 2 ** 20);
    await nextTurn();
    expect(rows.deref()).toBeDefined();
    await nextTurn();
    freeAfterTraining(20 * 2 ** 20);
    await nextTurn();
    expect(rows.deref()).toBeUndefined();
  });

  it('leaves no gc behind', () => {
    expect(Object.hasOwn(globalThis, 'gc')).toBe(process.execArgv.includes('--expose-gc'));
  });

  it('tries again after the next training when another thread has just put the flag back', async () => {
    let flagsHold = false;
    vi.doMock('node:v8', () => ({ setFlagsFromString: (flags: string) => flagsHold && setFlagsFromString(flags) }));
    vi.resetModules();
    const inRace = await import('./free-memory.js');
    vi.doUnmock('node:v8');
    const rows = unheld();
    await nextTurn();
    inRace.freeAfterTraining(64 * 2 ** 20);
    await nextTurn();
    expect(rows.deref()).toBeDefined();
    await nextTurn();
    flagsHold = true;
    inRace.freeAfterTraining(0);
    await nextTurn();
    expect(rows.deref()).toBeUndefined();
  });
});
