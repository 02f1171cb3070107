/** What all steps of the loop share. */
import type { Progress } from '@fraudops/core';
import type { Lineage } from '@fraudops/pipeline';
import type { ModelRegistry, Tracker } from '@fraudops/registry';
import type { Settings } from './arguments.js';

/** Name of the model in the registry. */
export const MODEL = 'fraud';
/** Boosted trees as they suit a week of card transactions. */
export const BOOSTING = { trees: 100, depth: 3, learningRate: 0.1 } as const;

/** Models, runs, and what is known of the circumstances. */
export interface Workshop {
  readonly registry: ModelRegistry;
  readonly tracker: Tracker;
  readonly settings: Settings;
  readonly progress: Progress;
  /** The code that runs, such as a git commit. */
  readonly codeVersion: string | undefined;
  /** Where the transactions come from, in a person's words. */
  readonly source: string;
}

/** Where models of this run come from. */
export function lineageOf({ source, settings, codeVersion }: Workshop): Lineage {
  return { source, seed: settings.seed, ...(codeVersion === undefined ? {} : { codeVersion }) };
}
