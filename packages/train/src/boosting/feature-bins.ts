/**
 * How features become small whole numbers, so that a histogram finds the best split. The values of a feature are cut into at most 255
 * bins of about equal counts: bin b holds cuts[b - 1] < x <= cuts[b]. A category has a bin to itself, the rare ones share one.
 *
 * Cuts are float32 like the values: `bin(x) <= b` and `x <= cuts[b]` are the same question for every x, so a trained tree sends each
 * row the same way when it scores.
 */
import { MAX_CATEGORY_CODE } from '@fraudops/model/forms';

/** Most bins of a feature, besides the one for missing values. */
export const MAX_BINS = 255;

/**
 * Cuts in the middle between neighbouring distinct values: between all of them when there are at most maxBins, else so that bins hold
 * about the same number of values, those left divided anew after each cut (as LightGBM does). A value too frequent for its share has a bin
 * to itself, and the others divide what is left.
 *
 * @param sorted values ascending, none missing
 */
export function chooseCuts(sorted: Float32Array, maxBins: number): Float32Array {
  const cuts: number[] = [];
  const oneBinEach = hasAtMost(maxBins, sorted);
  let valuesLeft = sorted.length;
  let binsLeft = maxBins;
  let inBin = 0;
  let start = 0;
  let end = endOfRun(sorted, 0);
  while (end < sorted.length && binsLeft > 1) {
    const share = valuesLeft / binsLeft;
    if (!oneBinEach) end = skipRuns(sorted, end, start + Math.ceil(share - inBin) - 1);
    const nextEnd = endOfRun(sorted, end);
    inBin += end - start;
    if (oneBinEach || inBin >= share || nextEnd - end >= share) {
      cuts.push(between(sorted[end - 1]!, sorted[end]!));
      valuesLeft -= inBin;
      binsLeft--;
      inBin = 0;
    }
    start = end;
    end = nextEnd;
  }
  return Float32Array.from(cuts);
}

/** Whether the values are of at most that many kinds. */
function hasAtMost(limit: number, sorted: Float32Array): boolean {
  let kinds = 0;
  for (let start = 0; start < sorted.length && kinds <= limit; start = endOfRun(sorted, start)) kinds++;
  return kinds <= limit;
}

/** Where the values equal to that at `start` end: steps that double find a bound, halving finds the end. */
function endOfRun(sorted: Float32Array, start: number): number {
  const value = sorted[start];
  if (sorted[start + 1] !== value) return start + 1;
  let step = 1;
  while (start + 2 * step < sorted.length && sorted[start + 2 * step] === value) step *= 2;
  let last = start + step;
  let beyond = Math.min(start + 2 * step, sorted.length);
  while (beyond - last > 1) {
    const middle = (last + beyond) >>> 1;
    if (sorted[middle] === value) last = middle;
    else beyond = middle;
  }
  return beyond;
}

/**
 * Where the run of equal values at `reach` starts, if that is behind `end`, else `end`. Runs that end before `reach` don't fill a bin, and
 * none of them is frequent enough for a bin to itself, or it would go beyond.
 */
function skipRuns(sorted: Float32Array, end: number, reach: number): number {
  const last = Math.min(reach, sorted.length - 1);
  if (last <= end) return end;
  const value = sorted[last];
  let start = last;
  let step = 1;
  while (start - step > end && sorted[start - step] === value) {
    start -= step;
    step *= 2;
  }
  while (start > end && sorted[start - 1] === value) start--;
  return start;
}

/** A float32 with low <= it < high: the one nearest the middle, or low where none lies between. */
function between(low: number, high: number): number {
  const middle = Math.fround((low + high) / 2);
  return middle < high ? middle : low;
}

/**
 * The codes that get a bin to themselves, most frequent first, of equally frequent ones the smaller first. Codes are features without
 * their fraction; negative and too large ones are no categories of the model and count as rare.
 */
export function chooseCategories(values: Float32Array, maxBins: number): Float32Array {
  const counts = new Map<number, number>();
  for (const value of values) {
    const code = Math.trunc(value);
    if (code >= 0 && code <= MAX_CATEGORY_CODE) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([code, count], [otherCode, otherCount]) => otherCount - count || code - otherCode);
  return Float32Array.from(byCount.slice(0, maxBins - 1), ([code]) => code + 0);
}

/** The bin of a value that isn't missing: how many cuts lie below it. */
export function binOf(value: number, cuts: Float32Array): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= cuts[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
