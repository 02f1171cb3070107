/** The kinds of values on which scorers of the same trees differ, and which of them a row shows. */
import type { LinearModel } from '../linear-model.js';
import type { Model } from '../model.js';
import type { TreeModel } from '../tree-model.js';
import { MAX_FLOAT32, nextFloat32Above, nextFloat32Below } from '../float32-neighbours.js';

/**
 * - `missing`: a missing value. Not asked for of linear models: most libraries give no score for one.
 * - `infinite`: an infinite value.
 * - `atThreshold`: a value that equals a threshold of its feature, the largest that goes left.
 * - `aboveThreshold`: a value one float32 above a threshold of its feature, the smallest that goes right.
 * - `belowThreshold`: a value one float32 below a threshold of its feature. Counted, but not asked for: nothing is decided there.
 * - `unseenCategory`: a code, in a feature that is split by category, that no split lists.
 */
export type RowKind = 'missing' | 'infinite' | 'atThreshold' | 'belowThreshold' | 'aboveThreshold' | 'unseenCategory';

export const ROW_KINDS: readonly RowKind[] = [
  'missing',
  'infinite',
  'atThreshold',
  'belowThreshold',
  'aboveThreshold',
  'unseenCategory',
];

/** Counts the rows that show each kind. */
export class RowKinds {
  readonly rowsOfKind: Record<RowKind, number> = {
    missing: 0,
    infinite: 0,
    atThreshold: 0,
    belowThreshold: 0,
    aboveThreshold: 0,
    unseenCategory: 0,
  };
  readonly #required = new Set<RowKind>();
  readonly #splits: ReadonlyMap<number, FeatureSplits>;

  constructor(model: Model) {
    const parts = model as LinearModel | TreeModel;
    this.#splits = parts.kind === 'trees' ? splitsByFeature(parts) : new Map();
    // A model whose trees never split gives every row one score. A linear one refuses infinite values, and other libraries give it no score
    // for missing ones.
    if (this.#splits.size > 0) this.#required.add('missing').add('infinite');
    for (const { thresholds, codes } of this.#splits.values()) {
      // Above the largest float32 is only Infinity.
      if ([...thresholds].some((threshold) => threshold < MAX_FLOAT32)) this.#required.add('atThreshold').add('aboveThreshold');
      if (codes.size > 0) this.#required.add('unseenCategory');
    }
  }

  /** Whether the model has splits that rows of this kind put to the test. */
  isRequired(kind: RowKind): boolean {
    return this.#required.has(kind);
  }

  /** @param values one float32 a feature */
  count(values: readonly number[]): void {
    const kinds = new Set<RowKind>();
    values.forEach((value, feature) => {
      if (Number.isNaN(value)) kinds.add('missing');
      else if (Math.abs(value) === Number.POSITIVE_INFINITY) kinds.add('infinite');
      else this.#addKinds(kinds, value, this.#splits.get(feature));
    });
    for (const kind of kinds) this.rowsOfKind[kind]++;
  }

  #addKinds(kinds: Set<RowKind>, value: number, splits: FeatureSplits | undefined): void {
    if (!splits) return;
    const { thresholds, codes } = splits;
    // Adding 0 turns -0 into 0.
    if (thresholds.has(value + 0)) kinds.add('atThreshold');
    if (thresholds.has(nextFloat32Above(value))) kinds.add('belowThreshold');
    if (thresholds.has(nextFloat32Below(value))) kinds.add('aboveThreshold');
    if (codes.size > 0 && !codes.has(Math.trunc(value))) kinds.add('unseenCategory');
  }
}

/** What the splits of a feature compare with. */
interface FeatureSplits {
  readonly thresholds: Set<number>;
  /** Codes that some split lists. */
  readonly codes: Set<number>;
}

/** The thresholds and codes of every feature that a split looks at, by position. */
export function splitsByFeature(model: TreeModel): Map<number, FeatureSplits> {
  const byFeature = new Map<number, FeatureSplits>();
  for (const { feature, threshold, categoryStarts, categories } of model.trees) {
    for (let node = 0; node < feature.length; node++) {
      const position = feature[node]!;
      if (position < 0) continue;
      let splits = byFeature.get(position);
      if (!splits) byFeature.set(position, (splits = { thresholds: new Set(), codes: new Set() }));
      const begin = categoryStarts?.[node] ?? 0;
      const end = categoryStarts?.[node + 1] ?? 0;
      if (end === begin) splits.thresholds.add(threshold[node]! + 0);
      for (let i = begin; i < end; i++) splits.codes.add(categories![i]!);
    }
  }
  return byFeature;
}
