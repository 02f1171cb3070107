/**
 * What a leaf says, and how much it lowers the loss: the second-order formulas of boosting (Chen and Guestrin 2016, equations 5 to 7),
 * with a penalty on sizes (l1) and bounds from monotone constraints.
 *
 *     step     = -shrunk(G) / (H + l2), within [lower, upper];  shrunk(G) = sign(G) max(|G| - l1, 0)
 *     strength = -(2 G step + (H + l2) step^2 + 2 l1 |step|), which without bounds is shrunk(G)^2 / (H + l2)
 *     gain     = 1/2 [ strength(left) + strength(right) - strength(node) ]
 */

/** Penalties on leaves; see {@link BoostingOptions}. */
export interface LeafPenalties {
  readonly l1: number;
  readonly l2: number;
}

/** Values that monotone constraints above a node leave to its leaves. */
export interface StepBounds {
  readonly lower: number;
  readonly upper: number;
}

export const UNBOUNDED: StepBounds = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

export function leafStep(gradient: number, hessian: number, { l1, l2 }: LeafPenalties, { lower, upper }: StepBounds): number {
  const shrunk = Math.sign(gradient) * Math.max(Math.abs(gradient) - l1, 0);
  // With no hessian and no penalty the rows are all certain already.
  const step = hessian + l2 > 0 ? -shrunk / (hessian + l2) : 0;
  return Math.max(lower, Math.min(step, upper));
}

/** @param step of {@link leafStep} */
export function leafStrength(gradient: number, hessian: number, step: number, { l1, l2 }: LeafPenalties): number {
  return -(2 * gradient * step + (hessian + l2) * step * step + 2 * l1 * Math.abs(step));
}
