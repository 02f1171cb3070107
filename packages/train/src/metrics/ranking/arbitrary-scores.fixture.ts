import fc from 'fast-check';

/** Scores out of few values, so that ties are common, with labels of both classes; for property tests. */
export const scoresAndLabels: fc.Arbitrary<{ scores: number[]; labels: number[] }> = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 9 }), label: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 2,
    maxLength: 40,
  })
  .filter((rows) => new Set(rows.map(({ label }) => label)).size === 2)
  .map((rows) => ({ scores: rows.map(({ score }) => score / 10), labels: rows.map(({ label }) => label) }));
