/** A point of a curve, and the threshold that leads to it. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** Null where no finite threshold leads there. */
  readonly threshold: number | null;
}

/** Most points of a curve on a page. */
const MOST_CURVE_POINTS = 400;

/**
 * At most `most` of a curve's points, about equally far from one another along it, with the first and the last. So a
 * curve of a million thresholds costs as little as one of a hundred and looks the same.
 *
 * @param x n finite numbers
 * @param y n finite numbers
 * @param thresholds n numbers; infinite ones become null
 * @param most 2 or more; default 400
 */
export function thinCurve(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  thresholds: ArrayLike<number>,
  most = MOST_CURVE_POINTS,
): CurvePoint[] {
  const last = x.length - 1;
  const point = (i: number): CurvePoint => ({
    x: x[i]!,
    y: y[i]!,
    threshold: Number.isFinite(thresholds[i]) ? thresholds[i]! : null,
  });
  if (x.length <= most) return Array.from({ length: x.length }, (_, i) => point(i));
  const length = (i: number) => Math.abs(x[i]! - x[i - 1]!) + Math.abs(y[i]! - y[i - 1]!);
  let total = 0;
  for (let i = 1; i <= last; i++) total += length(i);
  const step = total / (most - 1);
  const points = [point(0)];
  let gone = 0;
  for (let i = 1; i < last && points.length < most - 1; i++) {
    gone += length(i);
    if (gone < step) continue;
    points.push(point(i));
    gone = 0;
  }
  points.push(point(last));
  return points;
}
