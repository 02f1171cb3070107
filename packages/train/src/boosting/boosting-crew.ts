/**
 * Boosting by several threads of one process. The first one checks the input, lays out the memory and sends it to the others, each of
 * which waits for it at a port; then all run the same job.
 */
import type { TreeModel } from '@fraudops/model';
import type { MessagePort } from 'node:worker_threads';
import { type BoostingJob, layOutJob, requireBoostingJob, runBoosting } from './boosting-job.js';
import { type BoostingRules, requireBoostingRules } from './boosting-options.js';
import { TrainError } from '../train-error.js';
import { CrewMember } from './training-crew.js';
import { type SharedMemory, type TrainingLayout, TrainingMemory, allocate } from './training-memory.js';

/** What a thread needs to join: everything else is in the memory or in its own copy of the job. */
interface Invitation {
  readonly layout: TrainingLayout;
  readonly memory: SharedMemory;
}

/** With fewer values to work on, a second thread saves less time than members spend waiting for each other and for their caches. */
const LEAST_VALUES_PER_THREAD = 4_500_000;

/**
 * How many of the threads that were asked for are worth starting and fit into the memory of one training; fewer give the same model.
 *
 * @param leastValues values of the matrix that there must be for each thread
 * @throws {TrainError} INVALID_OPTION for options that are none, and when one thread alone would need too much memory
 */
export function crewSize(job: BoostingJob, threads: number, leastValues = LEAST_VALUES_PER_THREAD): number {
  const { rowCount, names } = job.matrix;
  const rules = requireBoostingRules(job.options, names);
  layOutJob(job, rules, 1);
  let size = Math.max(1, Math.min(threads, Math.floor((rowCount * names.length) / leastValues)));
  while (size > 1 && !fits(job, rules, size)) size--;
  return size;
}

function fits(job: BoostingJob, rules: BoostingRules, threads: number): boolean {
  try {
    layOutJob(job, rules, threads);
    return true;
  } catch (error) {
    if (error instanceof TrainError) return false;
    throw error;
  }
}

/**
 * Trains in this thread and in those at the ports.
 *
 * @throws {TrainError} what `trainBoosting` throws
 */
export function boostWithCrew(job: BoostingJob, ports: readonly MessagePort[]): TreeModel {
  const rules = requireBoostingJob(job);
  const layout = layOutJob(job, rules, ports.length + 1);
  const memory = allocate(layout);
  const invitation: Invitation = { layout, memory };
  for (const port of ports) port.postMessage(invitation);
  return runMember(job, invitation, 0)!;
}

/** Waits at the port, then trains as the member of that index. */
export async function joinCrew(job: BoostingJob, index: number, port: MessagePort): Promise<void> {
  const invitation = await new Promise<Invitation>((resolve, reject) => {
    port.once('message', resolve);
    port.once('messageerror', reject);
  });
  runMember(job, invitation, index);
  port.close();
}

function runMember(job: BoostingJob, { layout, memory }: Invitation, index: number): TreeModel | undefined {
  const trainingMemory = new TrainingMemory(layout, memory);
  const control = trainingMemory.ints.subarray(layout.control / 4, layout.control / 4 + 16);
  return runBoosting(job, trainingMemory, new CrewMember(control, index, layout.threads));
}
