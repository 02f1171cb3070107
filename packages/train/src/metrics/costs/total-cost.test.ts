import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { savings, totalCost } from './total-cost.js';

const costs = { reviewCost: 10, insultCost: 3, chargebackFee: 2, reviewRecall: 0.5 };
const rows = { labels: [1, 1, 0, 0], amounts: [100, 40, 10, 20] };

describe('totalCost', () => {
  it('refuses amounts whose sum could overflow', () => {
    expect(() => totalCost([0, 0], [1, 1], [1.7e308, 1.7e308], { reviewCost: 5 })).toThrow(
      'totalCost: amounts[0] is 1.7e+308, expected a number from 0 to 1000000000000',
    );
    expect(totalCost([0], [1], [1e12], { reviewCost: 5 })).toBe(1e12);
  });

  it('adds reviews, insults and misses', () => {
    // Reviewed fraud 10 + 51, missed fraud 42, insulted customer 13, the last nothing.
    expect(totalCost([1, 0, 1, 0], rows.labels, rows.amounts, costs)).toBe(116);
  });

  it.each<[number[], number[], number[], string]>([
    [[], [], [], 'totalCost: no rows'],
    [[1], [1], [], 'totalCost: 0 amounts for 1 rows'],
    [[0.5], [1], [1], 'totalCost: alerts[0] is 0.5, expected 0 or 1'],
    [[1], [255], [1], 'totalCost: labels[0] is 255'],
    [[1, 0], [1], [1, 1], 'totalCost: 1 labels for 2 rows'],
  ])('refuses %j %j %j', (alerts, labels, amounts, message) => {
    expect(() => totalCost(alerts, labels, amounts, costs)).toThrow(message);
  });
});

describe('savings', () => {
  it('compares with the better of no alert and all alerts', () => {
    expect(savings([1, 0, 0], [1, 1, 0], [100, 40, 10], { reviewCost: 10 })).toBeCloseTo(1 - 50 / 30, 12);
    expect(savings([1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [100, 1, 1, 1, 1], { reviewCost: 10 })).toBe(1 - 10 / 50);
  });

  it('is 0 for the better of the two, and never above 1', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            alert: fc.integer({ min: 0, max: 1 }),
            label: fc.integer({ min: 0, max: 1 }),
            amount: fc.integer({ min: 1, max: 500 }),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        (all) => {
          const labels = all.map(({ label }) => label);
          const amounts = all.map(({ amount }) => amount);
          const value = savings(
            all.map(({ alert }) => alert),
            labels,
            amounts,
            costs,
          );
          if (!labels.includes(1)) {
            expect(value).toBeNull();
            return;
          }
          expect(value).toBeLessThanOrEqual(1);
          const none = savings(
            labels.map(() => 0),
            labels,
            amounts,
            costs,
          )!;
          const every = savings(
            labels.map(() => 1),
            labels,
            amounts,
            costs,
          )!;
          expect(Math.max(none, every)).toBeCloseTo(0, 12);
        },
      ),
    ));
});
