import type { FeatureSet } from '@fraudops/features';
import type { DatasetInput, ModelRegistry, Promotion, RunEnvironment, Tracker } from '@fraudops/registry';
import type { Metrics } from '@fraudops/train';
import { type Candidate, type Lineage, type Recipe, candidateFiles, makeCandidate } from './candidate.js';
import { type Dag, defineDag } from './dag.js';
import { type DecidingMetric, METRIC_NAMES, betterOnSameRows, betterThanChance } from './incumbent-gate.js';
import { PipelineError } from './pipeline-error.js';
import { type RowSplit, requireBothClasses } from './training-dates.js';
import { type TrainingSet, datasetInput, takeTrainingRows } from './training-set.js';

/** Options of {@link trainingPipeline}. */
export interface TrainingPipelineOptions {
  readonly registry: ModelRegistry;
  readonly tracker: Tracker;
  /** Name of the model in the registry, and of the experiment. */
  readonly modelName: string;
  readonly featureSet: FeatureSet;
  readonly data: TrainingSet;
  /** Rows to learn from and rows to judge on, all with known labels; see `splitAtDates`. */
  readonly split: RowSplit;
  /** What to train; the best one is proposed for Production. */
  readonly recipes: readonly Recipe[];
  /** Which candidate is best, and what it must beat the incumbent in. Default `averagePrecision`. */
  readonly metric?: DecidingMetric;
  /** How much better than the incumbent it must be. Default 0, so that it must be better at all. */
  readonly margin?: number;
  /** How sure it must be that it is, 0.75 to 0.9995; default 0.95. */
  readonly confidence?: number;
  /** Who acts, for the registry's history. */
  readonly by: string;
  /** Why this training takes place. */
  readonly why: string;
  readonly lineage: Lineage;
  /** What the training runs on, for its runs; see `describeEnvironment` of `@fraudops/registry`. */
  readonly environment?: RunEnvironment;
}

/** A candidate as it was registered. */
export interface TrainedVersion {
  readonly algorithm: Recipe['algorithm'];
  readonly version: number;
  readonly runId: string;
  readonly trainSeconds: number;
  readonly metrics: Metrics;
}

/** What {@link trainingPipeline} gives. */
export interface TrainingOutcome {
  /** In the order of the recipes. */
  readonly models: readonly TrainedVersion[];
  /** The one proposed for Production. */
  readonly best: TrainedVersion;
  readonly promotion: Promotion;
  /** How the version that was in Production ranks the test rows; null when there was none, or it takes other features. */
  readonly incumbentMetrics: Pick<Metrics, DecidingMetric> | null;
  /** Why the best was or wasn't promoted, in one sentence. */
  readonly reason: string;
}

/**
 * The training pipeline: `split` -> `train-...` for each recipe -> `register` -> `promote`.
 *
 * Each candidate is a tracked run and a registered version, whatever becomes of it. The best of them goes to Production if it is better
 * than chance and, by more than chance, better than the incumbent on the same rows; the registry takes that decision in one atomic, recorded step.
 *
 * @throws {PipelineError} NO_CANDIDATES or INVALID_OPTION at once; when it runs: TOO_LITTLE_DATA; what training and the registry throw
 */
export function trainingPipeline(options: TrainingPipelineOptions): Dag<TrainingOutcome> {
  const { recipes, metric = 'averagePrecision' } = options;
  const algorithms = recipes.map(({ algorithm }) => algorithm);
  if (recipes.length === 0)
    throw new PipelineError('NO_CANDIDATES', 'trainingPipeline: recipes is empty; name at least one algorithm');
  requireWithin('margin', options.margin ?? 0, -Number.MAX_VALUE, Number.MAX_VALUE);
  requireWithin('confidence', options.confidence ?? 0.95, 0.75, 0.9995);
  return defineDag('training', (task) => {
    const split = task('split', [], () => splitRows(options));
    const candidates = recipes.map((recipe, i) => {
      const name = algorithms.indexOf(recipe.algorithm) === i ? recipe.algorithm : `${recipe.algorithm}-${i + 1}`;
      return task(`train-${name}`, [split], ([{ train, test }], control) => makeCandidate(recipe, train, test, control));
    });
    const registered = task('register', [split, ...candidates], async ([{ train, test }, ...made]) => {
      const inputs = [
        datasetInput(train, 'training', options.lineage.source),
        datasetInput(test, 'test', options.lineage.source),
      ];
      const versions: RegisteredCandidate[] = [];
      // One after the other, so that version numbers follow the order of the recipes in every run.
      for (const candidate of made) versions.push(await register(options, candidate, { train, test, inputs }));
      return versions;
    });
    return task('promote', [split, registered], ([{ test }, versions]) => promoteBest(options, versions, metric, test));
  });
}

/** What the gate would refuse at the end is refused before hours of training. */
function requireWithin(option: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  const range = high === Number.MAX_VALUE ? 'a finite number' : `${low} to ${high}`;
  throw new PipelineError('INVALID_OPTION', `trainingPipeline: ${option} is ${value}, expected ${range}`);
}

interface RegisteredCandidate {
  readonly candidate: Candidate;
  readonly version: TrainedVersion;
}

function splitRows({ data, split }: TrainingPipelineOptions): { train: TrainingSet; test: TrainingSet } {
  requireBothClasses('training', split.train, data.labels, earliest(data, split.train));
  requireBothClasses('test', split.test, data.labels, earliest(data, split.test));
  return { train: takeTrainingRows(data, split.train), test: takeTrainingRows(data, split.test) };
}

function earliest(data: TrainingSet, positions: Uint32Array): number {
  return positions.reduce((least, position) => Math.min(least, data.times[position]!), Number.POSITIVE_INFINITY);
}

/** Rows to learn from and to judge on, and how a run names them. */
interface RegisteredData {
  readonly train: TrainingSet;
  readonly test: TrainingSet;
  readonly inputs: readonly DatasetInput[];
}

async function register(
  options: TrainingPipelineOptions,
  candidate: Candidate,
  { train, test, inputs }: RegisteredData,
): Promise<RegisteredCandidate> {
  const { tracker, registry, modelName, featureSet, lineage, environment, by, why } = options;
  const { algorithm } = candidate.recipe;
  const { rocAuc, averagePrecision, cardPrecisionAt100, prevalence } = candidate.metrics;
  const metrics = { rocAuc, averagePrecision, cardPrecisionAt100, prevalence };
  const start = {
    experiment: modelName,
    user: by,
    params: { algorithm, trainRows: train.labels.length, testRows: test.labels.length, ...candidate.recipe.options },
    inputs,
    ...(lineage.seed === undefined ? {} : { seed: lineage.seed }),
    ...(lineage.codeVersion === undefined ? {} : { codeVersion: lineage.codeVersion }),
    ...(environment === undefined ? {} : { environment }),
  };
  return tracker.withRun(start, async (run) => {
    await run.logMetrics({ ...metrics, trainSeconds: candidate.trainSeconds });
    const files = candidateFiles(candidate, featureSet, train, test, lineage);
    await Promise.all(files.map(({ path, bytes }) => run.logArtifact(path, bytes)));
    const { version } = await registry.register(modelName, { files, runId: run.id, metrics, algorithm }, { by, why });
    const trained = { algorithm, version, runId: run.id, trainSeconds: candidate.trainSeconds, metrics: candidate.metrics };
    return { candidate, version: trained };
  });
}

async function promoteBest(
  options: TrainingPipelineOptions,
  registered: readonly RegisteredCandidate[],
  metric: DecidingMetric,
  test: TrainingSet,
): Promise<TrainingOutcome> {
  const { registry, modelName, featureSet, margin = 0, confidence, lineage, by, why } = options;
  const valueOf = ({ version }: RegisteredCandidate) => version.metrics[metric] ?? Number.NEGATIVE_INFINITY;
  const best = registered.reduce((leader, other) => (valueOf(other) > valueOf(leader) ? other : leader));
  let incumbentMetrics: TrainingOutcome['incumbentMetrics'] = null;
  const onIncumbentJudged = (metrics: Pick<Metrics, DecidingMetric>) => {
    incumbentMetrics = metrics;
  };
  const sureness = {
    ...(confidence === undefined ? {} : { confidence }),
    ...(lineage.seed === undefined ? {} : { seed: lineage.seed }),
  };
  const gates = [
    betterThanChance(best.candidate),
    betterOnSameRows({ registry, modelName, featureSet, test, metric, margin, ...sureness, onIncumbentJudged }),
  ];
  const promotion = await registry.promote(modelName, best.version.version, { stage: 'Production', gates, by, why });
  const models = registered.map(({ version }) => version);
  return { models, best: best.version, promotion, incumbentMetrics, reason: explain(best.version, models, promotion, metric) };
}

function explain(best: TrainedVersion, models: readonly TrainedVersion[], promotion: Promotion, metric: DecidingMetric): string {
  if (!promotion.promoted) return promotion.gates.find(({ passed }) => !passed)?.reason ?? promotion.reason;
  const others = models
    .filter((model) => model !== best)
    .map(({ algorithm, metrics }) => `${metrics[metric]?.toFixed(3) ?? 'undefined'} of ${algorithm}`);
  if (promotion.previous !== null)
    return promotion.gates.find(({ gate }) => gate === 'better-on-same-rows')?.reason ?? promotion.reason;
  const own = `${METRIC_NAMES[metric]} ${best.metrics[metric]?.toFixed(3)}`;
  return `${own}${others.length > 0 ? ` against ${others.join(', ')}` : ''}; there was no version in Production`;
}
