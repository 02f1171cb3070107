/** One way to make a model, and what comes of it: the model with its scaler, judged and ready to be registered. */
import {
  type FeatureMatrix,
  type Json,
  type Progress,
  Table,
  canonicalJson,
  numberColumn,
  toFeatureMatrix,
} from '@fraudops/core';
import { profileToJson, referenceProfile } from '@fraudops/drift';
import { type FeatureSet, type StandardScaler, fitStandardScaler } from '@fraudops/features';
import { type Bundle, type Model, writeBundle } from '@fraudops/model';
import { type BoostingOptions, type LogisticOptions, type Metrics, evaluateScores, trainInWorker } from '@fraudops/train';
import { PipelineError } from './pipeline-error.js';
import { type TrainingSet, fingerprint } from './training-set.js';

/** What to train. Logistic regression learns on standardised features; trees need none. */
export type Recipe =
  | { readonly algorithm: 'logistic'; readonly options?: Omit<LogisticOptions, 'progress' | 'weights'> }
  | { readonly algorithm: 'boosting'; readonly options?: BoostingParameters };

/** The boosting options that are plain values, and so can be logged with a run. */
export type BoostingParameters = Omit<
  BoostingOptions,
  'progress' | 'weights' | 'validation' | 'continueFrom' | 'objective' | 'monotone' | 'categorical'
>;

/** A model that was trained and judged. */
export interface Candidate {
  readonly recipe: Recipe;
  readonly model: Model;
  readonly scaler: StandardScaler | undefined;
  readonly trainSeconds: number;
  /** On the test rows. */
  readonly metrics: Metrics;
  /** Of the test rows, in their order. */
  readonly scores: Float64Array;
}

/** Scores of rows whose features are not scaled yet, by a model and the scaler it was trained with. */
export function scoreRows({ model, scaler }: Pick<Candidate, 'model' | 'scaler'>, matrix: FeatureMatrix): Float64Array {
  return model.scoreBatch(scaler ? scaler.apply(matrix) : matrix);
}

/** Trains in a thread of its own, then judges on rows that training has not seen. The scaler is fitted on the training rows only. */
export async function makeCandidate(
  recipe: Recipe,
  train: TrainingSet,
  test: TrainingSet,
  { signal, progress }: { signal: AbortSignal; progress: Progress },
): Promise<Candidate> {
  const scaler = recipe.algorithm === 'logistic' ? fitStandardScaler(train.matrix) : undefined;
  const job = { ...recipe, matrix: scaler ? scaler.apply(train.matrix) : train.matrix, labels: train.labels };
  const { model, trainSeconds } = await trainInWorker(job, { signal, progress });
  const scores = scoreRows({ model, scaler }, test.matrix);
  return { recipe, model, scaler, trainSeconds, scores, metrics: evaluateScores({ ...test, scores }) };
}

/** What is written into a bundle's `lineage.json`: where the model comes from. */
export interface Lineage {
  /** Where the transactions came from, in a person's words. */
  readonly source: string;
  readonly seed?: number;
  /** The code that ran, such as a git commit. */
  readonly codeVersion?: string;
}

/** The bundle's files: everything that serving, watching and auditing the version needs. */
export function candidateFiles(
  candidate: Candidate,
  featureSet: FeatureSet,
  train: TrainingSet,
  test: TrainingSet,
  lineage: Lineage,
) {
  const bundle: Bundle = {
    model: candidate.model,
    features: featureSet.toJson(),
    ...(candidate.scaler ? { scaler: candidate.scaler.toJson() } : {}),
    policy: policyFor(candidate.scores),
    profile: profileToJson(referenceProfile(featureTable(train.matrix))),
    metrics: toJson(candidate.metrics),
    lineage: toJson({
      ...lineage,
      algorithm: candidate.recipe.algorithm,
      parameters: candidate.recipe.options ?? {},
      featureSetVersion: featureSet.version,
      training: describeRows(train),
      test: describeRows(test),
    }),
  };
  return writeBundle(bundle);
}

/** Share of the judged rows that a new model's thresholds send to review or decline. */
const REVIEW_SHARE = 0.01;
const DECLINE_SHARE = 0.002;

/**
 * Thresholds by capacity: on the judged rows one transaction in 100 would be reviewed or declined, one in 500 declined. A start that
 * any team can bear; thresholds by cost are better once costs are known.
 */
export function policyFor(scores: Float64Array): Json {
  const sorted = scores.toSorted();
  const topShare = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * (1 - share)) - 1)]!;
  return {
    reviewThreshold: topShare(REVIEW_SHARE),
    declineThreshold: topShare(DECLINE_SHARE),
    reviewShare: REVIEW_SHARE,
    declineShare: DECLINE_SHARE,
  };
}

/** A matrix as a table of number columns. */
export function featureTable(matrix: FeatureMatrix): Table {
  return Table.fromColumns(Object.fromEntries(matrix.names.map((name, i) => [name, numberColumn(matrix.columns[i]!)])));
}

/** The columns of a table that a feature set names, as a matrix. @throws {PipelineError} INVALID_OPTION naming the first that is absent */
export function matrixOf(table: Table, featureSet: FeatureSet): FeatureMatrix {
  const absent = featureSet.names.find((name) => !table.has(name));
  if (absent !== undefined)
    throw new PipelineError('INVALID_OPTION', `the table has no column ${absent}, which the feature set names`);
  return toFeatureMatrix(table, featureSet.names);
}

function describeRows(set: TrainingSet) {
  const times = set.times.toSorted();
  const at = (position: number) => new Date(times.at(position)!).toISOString();
  return {
    rows: set.labels.length,
    frauds: set.labels.reduce((sum, label) => sum + label, 0),
    from: at(0),
    to: at(-1),
    sha256: fingerprint(set),
  };
}

/** Plain JSON without undefined members. */
function toJson(value: unknown): Json {
  return JSON.parse(canonicalJson(value)) as Json;
}
