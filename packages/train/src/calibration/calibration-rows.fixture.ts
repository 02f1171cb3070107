import fc from 'fast-check';

/** What one case of `calibration.golden.json` holds. */
interface GoldenCase {
  readonly platt: {
    readonly slope: number;
    readonly intercept: number;
    readonly sklearnSlope: number;
    readonly sklearnIntercept: number;
  };
  readonly isotonic: { readonly margins: number[]; readonly probabilities: number[]; readonly query: number[] };
  readonly classifier_sigmoid: number[];
  readonly classifier_isotonic: number[];
}

/** The form of `calibration.golden.json`, made with scikit-learn 1.9. */
export interface CalibrationGolden {
  readonly margins: number[];
  readonly labels: number[];
  readonly weights: number[];
  readonly query: number[];
  readonly plain: GoldenCase;
  readonly weighted: GoldenCase;
}

/** Rows in which frauds have the higher margins on the whole, with ties and exceptions; for property tests. */
export const overlappingRows = fc
  .array(fc.record({ margin: fc.integer({ min: -6, max: 6 }), label: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 4,
    maxLength: 60,
  })
  .map((rows) => [...rows, { margin: -7, label: 0 }, { margin: -7, label: 0 }, { margin: 7, label: 1 }, { margin: 7, label: 1 }])
  .filter((rows) => {
    const mean = (label: number) => {
      const own = rows.filter((row) => row.label === label);
      return own.reduce((sum, { margin }) => sum + margin, 0) / own.length;
    };
    return mean(1) > mean(0) + 0.5;
  })
  .map((rows) => ({ margins: rows.map(({ margin }) => margin / 2), labels: rows.map(({ label }) => label) }));
