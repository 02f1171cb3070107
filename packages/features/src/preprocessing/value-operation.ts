/**
 * The arithmetic of preprocessing on one value. Columns and single rows both go through `operate`, which rounds to float32 after
 * every operation, so both give the same bits.
 */

/** One thing done to a value. `first` and `second` are its parameters. */
export interface ValueOperation {
  readonly kind: 'fill' | 'isMissing' | 'clip' | 'log' | 'scale';
  /** fill: the value for missing ones; clip: the smallest; scale: what is subtracted. */
  readonly first: number;
  /** clip: the largest value; scale: the divisor. */
  readonly second: number;
}

/** An operation; a parameter of -0 becomes 0, since JSON can't tell them apart. */
export function valueOperation(kind: ValueOperation['kind'], first = 0, second = 0): ValueOperation {
  return { kind, first: first + 0, second: second + 0 };
}

/** The value after the operation, rounded to float32. NaN stays NaN, except for `fill` and `isMissing`. */
export function operate({ kind, first, second }: ValueOperation, value: number): number {
  switch (kind) {
    case 'fill':
      return Number.isNaN(value) ? Math.fround(first) : value;
    case 'isMissing':
      return Number.isNaN(value) ? 1 : 0;
    case 'clip':
      return Math.fround(value < first ? first : value > second ? second : value);
    case 'log':
      return Math.fround(Math.sign(value) * Math.log1p(Math.abs(value)));
    default:
      return scaled(value, first, second);
  }
}

/** (value - center) / scale, of the value as float32, rounded to float32. */
export function scaled(value: number, center: number, scale: number): number {
  return Math.fround((Math.fround(value) - center) / scale);
}
