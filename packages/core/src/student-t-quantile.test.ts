import { describe, expect, it } from 'vitest';
import { normalProbability, normalQuantile } from './normal-distribution.js';
import { studentTQuantile } from './student-t-quantile.js';

describe('studentTQuantile', () => {
  it.each([
    [0.75, [1.0000000000000002, 0.8164965809277261, 0.7406970841126829, 0.7266868438004226, 0.6757184114042201]],
    [0.975, [12.706204736174694, 4.302652729749462, 2.7764451051977934, 2.5705818356363146, 1.9718962236339088]],
    [0.9995, [636.6192487687897, 31.599054576445365, 8.610301581379522, 6.868826625881276, 3.3398354062757107]],
  ])('equals scipy 1.17.1 t.ppf at %d with 1, 2, 4, 5 and 200 degrees of freedom', (share, expected) => {
    [1, 2, 4, 5, 200].forEach((degrees, i) => expect(studentTQuantile(share, degrees) / expected[i]!).toBeCloseTo(1, 9));
  });

  it('equals scipy 1.17.1 t.ppf to 1e-5 where it expands around the normal quantile', () => {
    expect(studentTQuantile(0.75, 201)).toBeCloseTo(0.6757122888309558, 6);
    expect(studentTQuantile(0.9995, 201)).toBeCloseTo(3.339586788905302, 4);
    expect(studentTQuantile(0.975, 1_000)).toBeCloseTo(1.9623390808264083, 7);
  });
});

describe('normalProbability', () => {
  it('equals scipy 1.17.1 norm.cdf', () => {
    const expected = [9.865876450376946e-10, 0.024997895148220435, 0.3820885778110474, 0.5, 0.9937903346742238];
    [-6, -1.96, -0.3, 0, 2.5].forEach((x, i) => expect(Math.abs(normalProbability(x) - expected[i]!)).toBeLessThan(1e-14));
    expect([normalProbability(-9), normalProbability(9)]).toEqual([0, 1]);
  });
});

describe('normalQuantile', () => {
  it('equals scipy 1.17.1 norm.ppf, with ends', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(normalQuantile(0.9995)).toBeCloseTo(3.2905267314919255, 10);
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([expect.closeTo(-8, 9), expect.closeTo(8, 9)]);
  });
});
