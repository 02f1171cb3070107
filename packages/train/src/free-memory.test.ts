import { describe, expect, it } from 'vitest';
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
});
