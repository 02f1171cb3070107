/**
 * Which features share a column of the binned rows. Sums are added up column by column, so features of few bins, such as flags and codes,
 * go together as long as all combinations of their bins fit in a byte; from the sums of the combinations follow those of each feature.
 */

/** Where a feature is in the rows. */
export interface SharedColumn {
  readonly column: number;
  /** The column's code is the sum of bin times step over its features. */
  readonly step: number;
  /** Codes of the column: its features' bins, multiplied. */
  readonly codes: number;
  /** Whether the feature is the last one of its column. */
  readonly isLast: boolean;
}

/** Values of a byte. */
const MOST_CODES = 256;

/**
 * A column for each feature: from the largest down, each goes where it fills a column best, else to a new one.
 *
 * @param binCounts bins of each feature, 1 to 256
 */
export function shareColumns(binCounts: readonly number[]): SharedColumn[] {
  const codes: number[] = [];
  const lasts: number[] = [];
  /** Columns by how many codes they have. */
  const columnsOf = Array.from({ length: MOST_CODES + 1 }, (): number[] => []);
  const places = new Map<number, { column: number; step: number }>();
  const bySize = binCounts.map((bins, feature) => ({ bins, feature })).sort((a, b) => b.bins - a.bins || a.feature - b.feature);
  for (const { bins, feature } of bySize) {
    let step = Math.floor(MOST_CODES / bins);
    while (step > 1 && columnsOf[step]!.length === 0) step--;
    const column = step > 1 ? columnsOf[step]!.pop()! : codes.length;
    places.set(feature, { column, step });
    codes[column] = step * bins;
    lasts[column] = Math.max(lasts[column] ?? 0, feature);
    columnsOf[step * bins]!.push(column);
  }
  return binCounts.map((_, feature) => {
    const { column, step } = places.get(feature)!;
    return { column, step, codes: codes[column]!, isLast: feature === lasts[column] };
  });
}
