import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HistorySlab } from './history-slab.js';

/** Fills an owner's block with its own number. */
function place(slab: HistorySlab, owner: number, units: number): void {
  slab.place(owner, units);
  const unit = slab.unit(owner);
  slab.page(owner).f64.fill(owner, unit + 1, unit + units);
}

function expectFilled(slab: HistorySlab, owner: number, units: number): void {
  const unit = slab.unit(owner);
  expect(new Set(slab.page(owner).f64.subarray(unit + 1, unit + units))).toEqual(new Set([owner]));
}

describe('HistorySlab', () => {
  it('keeps what is in each block while blocks come, grow, go and move', () => {
    const act = fc.record({
      owner: fc.nat(300),
      units: fc.oneof(fc.integer({ min: 2, max: 900 }), fc.integer({ min: 2, max: 20_000 })),
      goes: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(act, { minLength: 200, maxLength: 600 }), (acts) => {
        const slab = new HistorySlab();
        const sizes = new Map<number, number>();
        for (const { owner, units, goes } of acts) {
          if (goes === 0) {
            slab.release(owner);
            sizes.delete(owner);
          } else {
            place(slab, owner, units);
            sizes.set(owner, units);
          }
          slab.tidy();
        }
        for (const [owner, units] of sizes) expectFilled(slab, owner, units);
      }),
      { numRuns: 20 },
    );
  });

  it('stays within an eighth of what is in use when all blocks grow, and allocates nothing more in a steady state', () => {
    const slab = new HistorySlab();
    const owners = 20_000;
    const sizeOf = (owner: number, round: number) => 20 + ((owner * 7 + round * 13) % 60);
    let used = 0;
    for (let round = 0; round < 8; round++) {
      used = 0;
      for (let owner = 0; owner < owners; owner++) {
        place(slab, owner, sizeOf(owner, round));
        slab.tidy();
        used += sizeOf(owner, round) * 8;
      }
    }
    expect(slab.sizeBytes).toBeLessThan(used * 1.25);
    const before = slab.sizeBytes;
    for (let i = 0; i < 100_000; i++) {
      place(slab, (i * 31) % owners, sizeOf(i, 9));
      slab.tidy();
    }
    expect(slab.sizeBytes).toBeLessThan(before * 1.05);
    expectFilled(slab, 31, sizeOf(1, 9));
  });
});
