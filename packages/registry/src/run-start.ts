import type { OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { labelField, paramsField, requireShape, runIdField, tagsField } from './bounded-fields.js';
import { type DatasetInput, INPUT_OPTIONS, MAX_INPUTS, datasetInputField } from './dataset-input.js';
import { requireName } from './entity-name.js';
import { requireOptions } from './known-options.js';
import { type RunEnvironment, environmentField } from './run-environment.js';

/** A run to be started. */
export interface RunStart {
  /** 1 to 64 characters `a-z 0-9 . _ -`; made by its first run. */
  readonly experiment: string;
  /** What a person calls the run. */
  readonly name?: string;
  /** The run that this one is a part of; of the same experiment. See also {@link Run.startChild}. */
  readonly parentRunId?: string;
  /** Who starts it. */
  readonly user?: string;
  /** At most 500. */
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  /** The seed of all its randomness. */
  readonly seed?: number | string;
  /** The code that runs, such as a git commit, and whether it differs from that; see `gitCodeVersion`. */
  readonly codeVersion?: string;
  readonly codeDirty?: boolean;
  /** What it runs on; see `describeEnvironment`. */
  readonly environment?: RunEnvironment;
  /** The data that it reads; at most 100. */
  readonly inputs?: readonly DatasetInput[];
  /** At most 500. */
  readonly tags?: Readonly<Record<string, string>>;
}

const CHILD_OPTIONS: OptionKinds<Omit<RunStart, 'experiment' | 'parentRunId'>> = {
  name: 'checked',
  user: 'checked',
  params: 'checked',
  seed: 'checked',
  codeVersion: 'checked',
  codeDirty: 'checked',
  environment: 'checked',
  inputs: 'checked',
  tags: 'checked',
};
const START_OPTIONS: OptionKinds<RunStart> = { experiment: 'checked', parentRunId: 'checked', ...CHILD_OPTIONS };

/** Inputs as they are given and stored. */
const inputsField = z.array(datasetInputField).max(MAX_INPUTS, { error: `at most ${MAX_INPUTS} inputs are allowed` });

const startSchema = z.object({
  name: labelField.exactOptional(),
  parentRunId: runIdField.exactOptional(),
  user: labelField.exactOptional(),
  params: paramsField.default({}),
  tags: tagsField.default({}),
  inputs: inputsField.default([]),
  seed: z.union([z.number(), labelField]).exactOptional(),
  codeVersion: labelField.exactOptional(),
  codeDirty: z.boolean().exactOptional(),
  environment: environmentField.exactOptional(),
});

/** What was given, checked. @throws {RegistryError} INVALID_NAME, INVALID_ARGUMENT or LIMIT_EXCEEDED */
export function requireRunStart(start: RunStart): { experiment: string; facts: z.output<typeof startSchema> } {
  requireOptions('startRun', start, START_OPTIONS, 'start');
  const { experiment, ...others } = start;
  requireName('experiment', experiment);
  if (Array.isArray(start.inputs)) for (const input of start.inputs) requireOptions('startRun', input, INPUT_OPTIONS, 'input');
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  return { experiment, facts: requireShape('startRun', startSchema, Object.fromEntries(given)) };
}

/** Checks the names of what a part of a run is started with. @throws {RegistryError} INVALID_ARGUMENT */
export function requireChildStart(start: Omit<RunStart, 'experiment' | 'parentRunId'>): void {
  requireOptions('startChild', start, CHILD_OPTIONS, 'start');
}
