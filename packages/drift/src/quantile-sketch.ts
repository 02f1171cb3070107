/**
 * What a profile remembers of a number column: some of its values, and for each how many rows lie strictly below it and how many
 * at or below it. Those counts are true ones, not estimates, so ties and spikes (a third of all amounts being 0) are kept exactly.
 *
 * Up to 1,001 distinct values all are kept, and the sketch is the distribution itself. Above, the values at 1,001 evenly spaced
 * ranks are kept, smallest and largest included; then strictly between two neighbours lies less than 1/1000 of the rows, and that
 * is the most by which a distance measured at the kept values falls short of the true one.
 */
export interface QuantileSketch {
  /** Ascending, distinct, finite. */
  readonly values: readonly number[];
  /** Rows strictly below each value. */
  readonly below: readonly number[];
  /** Rows at or below each value. */
  readonly atMost: readonly number[];
}

/** Most values a sketch keeps. */
export const MAX_SKETCH_POINTS = 1001;

/** The sketch of values in ascending order. */
export function sketchOf(sorted: Float64Array): QuantileSketch {
  const all = stepsOf(sorted, MAX_SKETCH_POINTS);
  return all ?? stepsAtEvenRanks(sorted);
}

/** Every distinct value with its counts, or undefined when there are more than `limit`. */
function stepsOf(sorted: Float64Array, limit: number): QuantileSketch | undefined {
  const sketch = emptySketch();
  for (let i = 0; i < sorted.length; ) {
    if (sketch.values.length === limit) return undefined;
    const start = i;
    while (i < sorted.length && sorted[i] === sorted[start]) i++;
    appendStep(sketch, sorted[start]!, start, i);
  }
  return sketch;
}

function stepsAtEvenRanks(sorted: Float64Array): QuantileSketch {
  const sketch = emptySketch();
  const lastPoint = MAX_SKETCH_POINTS - 1;
  let previousEnd = 0;
  for (let point = 0; point <= lastPoint; point++) {
    const rank = Math.round((point * (sorted.length - 1)) / lastPoint);
    if (rank < previousEnd) continue;
    const value = sorted[rank]!;
    previousEnd = countAtMost(sorted, value);
    appendStep(sketch, value, countBelow(sorted, value), previousEnd);
  }
  return sketch;
}

function emptySketch() {
  return { values: [] as number[], below: [] as number[], atMost: [] as number[] };
}

function appendStep(sketch: ReturnType<typeof emptySketch>, value: number, below: number, atMost: number): void {
  // JSON has no negative zero, and a profile must survive its JSON bit for bit.
  sketch.values.push(value === 0 ? 0 : value);
  sketch.below.push(below);
  sketch.atMost.push(atMost);
}

/** How many of the ascending values are below x. */
export function countBelow(sorted: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the ascending values are at most x. */
export function countAtMost(sorted: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Largest distance between a sketch's distribution and a sorted sample's; see {@link largestGapToSketch}. */
export interface SketchGap {
  /** D * n1 * n2 as a whole number, measured at the sketch's values. */
  readonly gap: number;
  /** Where it is reached. */
  readonly at: number;
  /** Whether it is reached at or below that value, or just below it. */
  readonly inclusive: boolean;
  /** Rows of the sketch up to there. */
  readonly reference: number;
  /** Values of the sample up to there. */
  readonly current: number;
  /** The true D is at least the measured one, and exceeds it by at most this. */
  readonly errorBound: number;
}

/**
 * The Kolmogorov-Smirnov distance of a sorted sample to a sketch. Between two neighbouring values of the sketch both distribution
 * functions are only known to rise from one end to the other, so the true maximum can lie there; it exceeds the measured one by at
 * most the largest share of the sketch's rows between two neighbours, which is 0 for a complete sketch.
 */
export function largestGapToSketch(sketch: QuantileSketch, sorted: Float64Array): SketchGap {
  const count = sketch.atMost.at(-1)!;
  let gap = 0;
  let point = 0;
  let inclusive = true;
  let current = 0;
  let between = 0;
  let position = 0;
  for (let k = 0; k < sketch.values.length; k++) {
    const at = sketch.values[k]!;
    while (position < sorted.length && sorted[position]! < at) position++;
    const before = position;
    while (position < sorted.length && sorted[position] === at) position++;
    const gapBelow = Math.abs(sketch.below[k]! * sorted.length - before * count);
    const gapAtMost = Math.abs(sketch.atMost[k]! * sorted.length - position * count);
    if (Math.max(gapBelow, gapAtMost) > gap) {
      gap = Math.max(gapBelow, gapAtMost);
      point = k;
      inclusive = gapAtMost === gap;
      current = inclusive ? position : before;
    }
    if (k > 0) between = Math.max(between, sketch.below[k]! - sketch.atMost[k - 1]!);
  }
  const reference = gap === 0 ? 0 : (inclusive ? sketch.atMost : sketch.below)[point]!;
  return { gap, at: sketch.values[point]!, inclusive, reference, current, errorBound: between / count };
}
