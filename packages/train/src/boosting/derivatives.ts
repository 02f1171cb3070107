/**
 * First and second derivatives of the loss by the margin, row by row: what each tree learns from. They are written as float32, in units
 * that make the largest about 1.
 */
import { logistic } from '@fraudops/model/forms';
import { TrainError } from '../train-error.js';
import type { BoostingRules, CustomObjective, FocalLoss } from './boosting-options.js';
import { SUM_STEPS } from './plain-kernel.js';
import type { TrainingMemory } from './training-memory.js';

/** Derivatives of one loss. */
export interface Derivatives {
  /**
   * Writes the pairs of rows start to end for the present margins, and at `sums` bounds of the sums of |gradient| and hessian in steps of
   * 1/2^24 units.
   * @returns the units
   */
  write(start: number, end: number, sums: number): { readonly gradient: number; readonly hessian: number };
}

/** @param weightUnit what a weight of 1 in memory stands for */
export function derivativesOf(objective: BoostingRules['objective'], memory: TrainingMemory, weightUnit: number): Derivatives {
  if (objective === 'logLoss') return new LogLossDerivatives(memory, weightUnit);
  return 'focal' in objective
    ? new FocalDerivatives(memory, weightUnit, objective.focal)
    : new CustomDerivatives(memory, weightUnit, objective);
}

class LogLossDerivatives implements Derivatives {
  constructor(
    readonly memory: TrainingMemory,
    readonly weightUnit: number,
  ) {}

  write(start: number, end: number, sums: number) {
    const { kernel, layout } = this.memory;
    kernel.logLossDerivatives(layout.derivatives, layout.margins, layout.labels, layout.weights, start, end, sums);
    return { gradient: this.weightUnit, hessian: this.weightUnit };
  }
}

/** Writes pairs one by one, for losses whose formula is not in the kernel. */
class PairWriter {
  #gradientSteps = 0;
  #hessianSteps = 0;

  constructor(readonly memory: TrainingMemory) {}

  add(row: number, gradient: number, hessian: number): void {
    const { layout, float32 } = this.memory;
    const weight = layout.weights === 0 ? 1 : float32[layout.weights / 4 + row]!;
    float32[layout.derivatives / 4 + 2 * row] = weight * hessian;
    float32[layout.derivatives / 4 + 2 * row + 1] = weight * gradient;
    this.#gradientSteps += Math.ceil(SUM_STEPS * Math.abs(weight * gradient));
    this.#hessianSteps += Math.ceil(SUM_STEPS * weight * hessian);
  }

  finish(sums: number): void {
    this.memory.float64[sums / 8] = this.#gradientSteps;
    this.memory.float64[sums / 8 + 1] = this.#hessianSteps;
  }
}

class FocalDerivatives implements Derivatives {
  readonly #unit: number;

  constructor(
    readonly memory: TrainingMemory,
    readonly weightUnit: number,
    readonly loss: Required<FocalLoss>,
  ) {
    // Neither derivative exceeds (1 + gamma)^2.
    this.#unit = 2 ** Math.ceil(2 * Math.log2(1 + loss.gamma));
  }

  write(start: number, end: number, sums: number) {
    const { layout, bytes, float64 } = this.memory;
    const pairs = new PairWriter(this.memory);
    for (let row = start; row < end; row++) {
      const [gradient, hessian] = focalDerivatives(float64[layout.margins / 8 + row]!, bytes[layout.labels + row]!, this.loss);
      pairs.add(row, gradient / this.#unit, hessian / this.#unit);
    }
    pairs.finish(sums);
    const unit = this.#unit * this.weightUnit;
    return { gradient: unit, hessian: unit };
  }
}

/**
 * Derivatives of the focal loss, -a (1 - p)^gamma ln p for the probability p of the true class (Lin et al. 2017), with a = alpha for
 * frauds and 1 - alpha for others:
 *
 *     d/dm   = -+ a q^gamma (q - gamma p ln p),  q = 1 - p
 *     d2/dm2 = a p q^gamma (q (gamma ln p + 2 gamma + 1) - gamma^2 p ln p)
 *
 * Where p is small the loss isn't convex; the hessian is then at least that of the log loss with weight a q^gamma, a p q^(gamma + 1).
 */
export function focalDerivatives(margin: number, label: number, { gamma, alpha }: Required<FocalLoss>): [number, number] {
  const sign = label === 1 ? 1 : -1;
  const weight = label === 1 ? alpha : 1 - alpha;
  const p = logistic(sign * margin);
  const q = logistic(-sign * margin);
  // p ln p is 0 at p = 0.
  const logP = p > 0 ? Math.log(p) : 0;
  const focus = weight * q ** gamma;
  const gradient = -sign * focus * (q - gamma * p * logP);
  const second = focus * p * (q * (gamma * logP + 2 * gamma + 1) - gamma * gamma * p * logP);
  return [gradient, Math.max(second, focus * p * q)];
}

/** Only ever used by a crew of one: functions can't be sent to threads. */
class CustomDerivatives implements Derivatives {
  readonly #gradients: Float64Array;
  readonly #hessians: Float64Array;

  constructor(
    readonly memory: TrainingMemory,
    readonly weightUnit: number,
    readonly objective: CustomObjective,
  ) {
    this.#gradients = new Float64Array(memory.layout.rowCount);
    this.#hessians = new Float64Array(memory.layout.rowCount);
  }

  write(start: number, end: number, sums: number) {
    const { layout, bytes, float64 } = this.memory;
    const margins = float64.slice(layout.margins / 8, layout.margins / 8 + end);
    const labels = bytes.slice(layout.labels, layout.labels + end);
    this.objective.gradients(margins, labels, this.#gradients, this.#hessians);
    const gradientUnit = unitOf('gradients', this.#gradients, Number.NEGATIVE_INFINITY);
    const hessianUnit = unitOf('hessians', this.#hessians, 0);
    const pairs = new PairWriter(this.memory);
    for (let row = start; row < end; row++) {
      pairs.add(row, this.#gradients[row]! / gradientUnit, this.#hessians[row]! / hessianUnit);
    }
    pairs.finish(sums);
    return { gradient: gradientUnit * this.weightUnit, hessian: hessianUnit * this.weightUnit };
  }
}

/** A power of two that none of the values exceeds in size. */
function unitOf(what: string, values: Float64Array, least: number): number {
  let largest = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (!(value >= least && Math.abs(value) <= LARGEST_DERIVATIVE)) {
      const rule = least === 0 ? `0 to ${LARGEST_DERIVATIVE}` : `-${LARGEST_DERIVATIVE} to ${LARGEST_DERIVATIVE}`;
      throw new TrainError('INVALID_OPTION', `trainBoosting: objective: ${what}[${row}] is ${value}, expected ${rule}`, {
        details: { row, value },
      });
    }
    largest = Math.max(largest, Math.abs(value));
  }
  return largest > 0 ? 2 ** Math.ceil(Math.log2(largest)) : 1;
}

const LARGEST_DERIVATIVE = 1e100;
