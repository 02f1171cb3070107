/** One boosting, as each member of a crew runs it. */
import { type FeatureMatrix, type ProgressTask, type Random, seededRandom, showValue, silentProgress } from '@fraudops/core';
import { MAX_LISTED_CATEGORIES, MAX_NODES, MAX_TREES, type TreeArrays, type TreeModel, treeModel } from '@fraudops/model/forms';
import { requireMatrixForm } from '../required-arguments.js';
import { requireTrainingData } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { type BinTable, fillBinTable } from './bin-table.js';
import { type BoostingOptions, type BoostingRules, requireBoostingRules } from './boosting-options.js';
import { derivativesOf } from './derivatives.js';
import { EarlyStopping, requireValidation } from './early-stopping.js';
import { type Quanta, quantiseGradients } from './quantised-gradients.js';
import { RowSampling } from './row-sampling.js';
import { RowWeights } from './row-weights.js';
import type { CrewMember } from './training-crew.js';
import { type TrainingLayout, type TrainingMemory, layOut } from './training-memory.js';
import { TreeGrower } from './tree-grower.js';

/** The arguments of {@link trainBoosting}. */
export interface BoostingJob {
  readonly matrix: FeatureMatrix;
  readonly labels: Uint8Array;
  readonly options: BoostingOptions;
}

type ContinuedModel = NonNullable<BoostingOptions['continueFrom']>;

/** The rules of a job, all of whose input is good. @throws {TrainError} see {@link trainBoosting} */
export function requireBoostingJob({ matrix, labels, options }: BoostingJob): BoostingRules {
  requireMatrixForm('trainBoosting', matrix);
  const rules = requireBoostingRules(options, matrix.names);
  // First, since it takes no time.
  layOutJob({ matrix, labels, options }, rules, 1);
  requireTrainingData('trainBoosting', matrix, labels, options.weights);
  if (options.validation) requireValidation(options.validation, matrix.names);
  if (options.continueFrom) requireContinuable(options.continueFrom, matrix.names, rules.trees);
  return rules;
}

function requireContinuable(model: ContinuedModel, featureNames: readonly string[], newTrees: number): void {
  const sameNames =
    Array.isArray(model.featureNames) &&
    model.featureNames.length === featureNames.length &&
    model.featureNames.every((name, i) => name === featureNames[i]);
  if (!sameNames || model.link !== 'logistic' || model.calibration !== undefined) {
    const reason = !sameNames
      ? 'other features'
      : model.link !== 'logistic'
        ? `the link ${showValue(model.link)}`
        : 'a calibration';
    throw new TrainError(
      'INVALID_OPTION',
      `trainBoosting: continueFrom has ${reason}, expected the matrix's features, the logistic link and no calibration; pass the model as it was trained`,
    );
  }
  try {
    treeModel({ featureNames, baseMargin: model.baseMargin, trees: model.trees });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new TrainError('INVALID_OPTION', `trainBoosting: continueFrom: ${reason}; pass the model as it was trained`, { cause });
  }
  const treeCount = model.trees.length;
  if (treeCount + newTrees > MAX_TREES) {
    throw new TrainError(
      'INVALID_OPTION',
      `trainBoosting: trees: ${newTrees} after the ${treeCount} of continueFrom, a model holds at most ${MAX_TREES}; lower trees`,
      { details: { treeCount, newTrees, limit: MAX_TREES } },
    );
  }
}

/** The memory that a crew of that size needs. @throws {TrainError} INVALID_OPTION when it is too much */
export function layOutJob({ matrix, options }: BoostingJob, rules: BoostingRules, threads: number): TrainingLayout {
  // Open nodes at a time: all leaves, or, last in first out, one a level.
  const openNodes = Math.min(rules.maxLeaves ?? rules.depth + 1, 2 ** Math.min(rules.depth, 20));
  return layOut({
    rowCount: matrix.rowCount,
    featureCount: matrix.names.length,
    bins: rules.bins,
    histograms: openNodes + 3,
    threads,
    weighted: options.weights !== undefined || rules.positiveWeight !== 1,
    counted: rules.minRowsPerLeaf > 1,
  });
}

/**
 * Trains together with the other members, all of which call it with the same job. The first one has the progress and the model; the
 * others get undefined.
 */
export function runBoosting(job: BoostingJob, memory: TrainingMemory, member: CrewMember): TreeModel | undefined {
  const rules = requireBoostingRules(job.options, job.matrix.names);
  const progress = member.isFirst ? (job.options.progress ?? silentProgress) : silentProgress;
  const task = progress.task('Training boosted trees', { total: rules.trees, unit: 'trees' });
  try {
    const model = new BoostingRun(job, rules, memory, member).run(task);
    task.done();
    return model;
  } catch (error) {
    task.fail((error as Error).message);
    throw error;
  }
}

/** Gains below this are rounding noise of the formula (the value XGBoost uses), if rows weigh about 1. */
const NOISE_GAIN = 1e-6;

class BoostingRun {
  readonly #job: BoostingJob;
  readonly #rules: BoostingRules;
  readonly #memory: TrainingMemory;
  readonly #member: CrewMember;
  readonly #weights: RowWeights;
  readonly #trees: TreeArrays[];
  readonly #baseMargin: number;
  #nodeCount = 0;
  #codeCount = 0;

  constructor(job: BoostingJob, rules: BoostingRules, memory: TrainingMemory, member: CrewMember) {
    this.#job = job;
    this.#memory = memory;
    this.#member = member;
    this.#weights = new RowWeights(job.labels, job.options.weights, rules.positiveWeight);
    this.#rules = { ...rules, minGain: Math.max(rules.minGain, NOISE_GAIN * Math.min(1, this.#weights.unit)) };
    this.#trees = [...(job.options.continueFrom?.trees ?? [])];
    for (const tree of this.#trees) this.#count(tree);
    this.#baseMargin = job.options.continueFrom?.baseMargin ?? this.#weights.logOddsOfFraud();
  }

  run(task: ProgressTask): TreeModel | undefined {
    const { matrix, options } = this.#job;
    const featureNames = matrix.names;
    const table = fillBinTable(matrix, this.#rules, this.#memory, this.#member);
    this.#fillRows();
    const stopping = this.#member.isFirst && options.validation ? this.#earlyStopping() : undefined;
    const treesBefore = this.#trees.length;
    this.#addTrees(table, task, stopping);
    if (!this.#member.isFirst) return undefined;
    const trees = stopping ? this.#trees.slice(0, treesBefore + stopping.bestTrees) : this.#trees;
    return treeModel({ featureNames, baseMargin: this.#baseMargin, trees });
  }

  /** Labels, weights and margins of this member's rows. */
  #fillRows(): void {
    const { layout, bytes, float32, float64 } = this.#memory;
    const [start, end] = this.#member.share(layout.rowCount);
    bytes.set(this.#job.labels.subarray(start, end), layout.labels + start);
    if (layout.weights !== 0) this.#weights.write(float32.subarray(layout.weights / 4), start, end);
    float64.set(this.#marginsOf(rowsOf(this.#job.matrix, start, end)), layout.margins / 8 + start);
  }

  /** Before the first new tree. */
  #marginsOf(matrix: FeatureMatrix): Float64Array {
    if (this.#trees.length === 0) return new Float64Array(matrix.rowCount).fill(this.#baseMargin);
    return treeModel({ featureNames: matrix.names, baseMargin: this.#baseMargin, trees: this.#trees }).marginBatch(matrix);
  }

  #earlyStopping(): EarlyStopping {
    const validation = this.#job.options.validation!;
    return new EarlyStopping(validation, this.#marginsOf(validation.matrix));
  }

  #addTrees(table: BinTable, task: ProgressTask, stopping: EarlyStopping | undefined): void {
    const { trees, rowSampling, seed, objective } = this.#rules;
    const memory = this.#memory;
    const member = this.#member;
    const derivatives = derivativesOf(objective, memory, this.#weights.unit);
    const grower = new TreeGrower(memory, table, this.#rules, member);
    const sampling = new RowSampling(rowSampling, seed);
    const random = seededRandom(seed).fork('columns');
    // Each tree draws for itself, so that a model that goes on draws what it would have drawn without the stop.
    const firstTree = this.#trees.length;
    for (let i = 0; i < trees; i++) {
      sampling.startTree(firstTree + i);
      const features = this.#drawFeatures(random.fork(firstTree + i));
      const quanta = quantiseGradients(derivatives, memory, member);
      // Here too, since every member has just met the others.
      if (member.stopped) return;
      const tree = grower.grow({ quanta, features, sampling });
      this.#trees.push(tree);
      this.#count(tree);
      task.advance(1);
      if (sampling.takesAll && features.length === table.features.length && this.#isLastWord(tree, quanta)) return;
      if (stopping?.add(tree) && i + 1 < trees) member.stop();
    }
  }

  #drawFeatures(random: Random): Int32Array {
    const all = Int32Array.from(this.#job.matrix.names, (_, feature) => feature);
    if (this.#rules.columnSampling === 1) return all;
    random.shuffle(all);
    return all.slice(0, Math.max(1, Math.round(this.#rules.columnSampling * all.length))).sort();
  }

  /**
   * A lone root that moves no row, but for what rounding its gradients could: no split gains anything any more, and the trees to come
   * would find the same. One that does move them changes their derivatives, after which there may be splits.
   */
  #isLastWord({ feature, value, cover }: TreeArrays, quanta: Quanta): boolean {
    if (feature.length > 1) return false;
    // To quanta, half a one each row, and before to float32, which of sums below 2^31 quanta is at most 2^-24.
    const rounding = (this.#memory.layout.rowCount / 2 + 2 ** 8) * quanta.gradient;
    const { learningRate, l2 } = this.#rules;
    return !(Math.abs(value[0]!) > (learningRate * rounding) / (cover[0]! + l2));
  }

  /** What a model holds at most is known before its last tree. */
  #count({ feature, categories }: TreeArrays): void {
    this.#nodeCount += feature.length;
    this.#codeCount += categories?.length ?? 0;
    this.#requireAtMost(MAX_NODES, this.#nodeCount, 'nodes', 'lower trees or depth, or set maxLeaves');
    this.#requireAtMost(MAX_LISTED_CATEGORIES, this.#codeCount, 'listed categories', 'lower trees, depth or bins');
  }

  #requireAtMost(limit: number, count: number, what: string, remedy: string): void {
    if (count <= limit) return;
    const treeCount = this.#trees.length;
    throw new TrainError(
      'INVALID_OPTION',
      `trainBoosting: ${treeCount} trees have ${count} ${what}, a model holds at most ${limit}; ${remedy}`,
      { details: { treeCount, count, limit } },
    );
  }
}

function rowsOf({ names, columns }: FeatureMatrix, start: number, end: number): FeatureMatrix {
  return { names, columns: columns.map((column) => column.subarray(start, end)), rowCount: end - start };
}
