import { type FeatureSet, featureSetFromJson, scalerFromJson } from '@fraudops/features';
import { type Bundle, readBundle } from '@fraudops/model';
import { type Gate, type GateResult, type ModelRegistry, type ModelVersion, betterThanIncumbent } from '@fraudops/registry';
import { type Metrics, compareModels, evaluateScores } from '@fraudops/train';
import { type Candidate, scoreRows } from './candidate.js';
import { type TrainingSet, fingerprint } from './training-set.js';

/** A metric that a promotion is decided by. */
export type DecidingMetric = 'rocAuc' | 'averagePrecision' | 'cardPrecisionAt100';

/** Options of {@link betterOnSameRows}. */
export interface SameRowsGateOptions {
  readonly registry: ModelRegistry;
  /** Name of the model in the registry. */
  readonly modelName: string;
  readonly featureSet: FeatureSet;
  /** The rows to judge on; neither model has been trained on them. */
  readonly test: TrainingSet;
  /** Default `averagePrecision`. */
  readonly metric?: DecidingMetric;
  /** How much better the candidate must be. Default 0, so that it must be better at all. */
  readonly margin?: number;
  /** How sure that must be, 0.75 to 0.9995; default 0.95. */
  readonly confidence?: number;
  /** Of the resamples; default 0. */
  readonly seed?: number | string;
  /** Told how the incumbent did, each time it is judged. */
  readonly onIncumbentJudged?: (metrics: Pick<Metrics, DecidingMetric>) => void;
}

const GATE = 'better-on-same-rows';

/**
 * A gate of promotion: the candidate must be better than the version that now holds the stage, on the same rows and by more than chance (see
 * {@link betterThanIncumbent}). Both are loaded from the registry, verified, and score those rows anew, so no number of another day or data
 * set is compared, and what is judged is what would be served.
 *
 * It fails when the incumbent takes other features, since then there are no same rows; such a change wants a person's decision.
 */
export function betterOnSameRows(options: SameRowsGateOptions): Gate {
  const { registry, modelName, featureSet, test, metric = 'averagePrecision', margin = 0, confidence, seed } = options;
  const rows = fingerprint(test);
  const load = async ({ version }: ModelVersion) => readBundle(await registry.load(modelName, version));
  const isBetter = betterThanIncumbent({
    name: GATE,
    evaluate: async (version) => ({ fingerprint: rows, scores: scoresOf(await load(version), test), ...truthOf(test) }),
    compare: compareModels,
    metric,
    minimumDifference: margin,
    ...(confidence === undefined ? {} : { confidence }),
    ...(seed === undefined ? {} : { seed }),
  });
  return {
    name: GATE,
    async check(context): Promise<GateResult> {
      const { incumbent } = context;
      const judge = async () => {
        const result = await isBetter.check(context);
        return { ...result, reason: result.reason.replace(metric, METRIC_NAMES[metric]) };
      };
      if (!incumbent) return judge();
      const bundle = await load(incumbent);
      // Equal names are not enough: with another window behind a name, the incumbent would be judged on features it never learned.
      if (bundle.features === undefined || featureSetFromJson(bundle.features).version !== featureSet.version) {
        const reason = `version ${incumbent.version} takes other features, so the two can't score the same rows`;
        return { gate: GATE, passed: false, reason };
      }
      const { rocAuc, averagePrecision, cardPrecisionAt100 } = evaluateScores({ ...test, scores: scoresOf(bundle, test) });
      options.onIncumbentJudged?.({ rocAuc, averagePrecision, cardPrecisionAt100 });
      return judge();
    },
  };
}

function scoresOf({ model, scaler }: Bundle, { matrix }: TrainingSet): Float64Array {
  return scoreRows({ model, scaler: scaler === undefined ? undefined : scalerFromJson(scaler) }, matrix);
}

/** What is known of the rows beside their features. */
function truthOf({ labels, times, entityCodes }: TrainingSet): Pick<TrainingSet, 'labels' | 'times' | 'entityCodes'> {
  return { labels, times, entityCodes };
}

/**
 * A gate of promotion: average precision must be at least `factor` times the share of frauds among the judged rows, which is what random
 * scores reach.
 */
export function betterThanChance(candidate: Pick<Candidate, 'metrics'>, factor = 5): Gate {
  return {
    name: 'better-than-chance',
    check(): GateResult {
      const { averagePrecision, prevalence } = candidate.metrics;
      const passed = averagePrecision !== null && averagePrecision >= factor * prevalence;
      const reason = `average precision ${shown(averagePrecision)}, random scores reach ${prevalence.toFixed(4)}; ${factor} times as much is asked for`;
      return { gate: 'better-than-chance', passed, reason, values: { averagePrecision, prevalence, factor } };
    },
  };
}

/** What people call the metrics. */
export const METRIC_NAMES: Readonly<Record<DecidingMetric, string>> = {
  rocAuc: 'ROC AUC',
  averagePrecision: 'average precision',
  cardPrecisionAt100: 'card precision@100',
};

function shown(value: number | null): string {
  return value === null ? 'undefined' : value.toFixed(3);
}
