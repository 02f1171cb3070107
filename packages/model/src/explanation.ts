/**
 * Why a row got its margin: one contribution a feature, which together with the base add up to the margin. Contributions are in the space
 * of the margin, before link and calibration, since only there do they add up.
 */
export interface Explanation {
  /** `tree_path_dependent`: exact TreeSHAP (Lundberg et al. 2020). `linear`: weight times distance from the mean, exact for linear models. */
  readonly method: 'tree_path_dependent' | 'linear';
  /** The unit of base, contributions and margin. */
  readonly space: 'log_odds' | 'probability' | 'log2';
  /** The margin of an average row, as the training rows were. */
  readonly base: number;
  /** One number a feature, in the model's order: above 0 pushes towards fraud. */
  readonly contributions: Float64Array;
  /** The row's margin; base plus contributions, up to rounding. */
  readonly margin: number;
  /** The row's score, calibrated. */
  readonly score: number;
}
