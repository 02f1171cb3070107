/**
 * Boosting by several threads of one process. The first one checks the input, lays out the memory and sends it to the others, each of
 * which waits for it at a port; then all run the same job.
 */
import type { FeatureMatrix } from '@fraudops/core';
import type { TreeModel } from '@fraudops/model';
import type { MessagePort } from 'node:worker_threads';
import { type BoostingJob, layOutJob, requireBoostingJob, runBoosting } from './boosting-job.js';
import { CrewMember } from './training-crew.js';
import { type SharedMemory, type TrainingLayout, TrainingMemory, allocate } from './training-memory.js';

/** What a thread needs to join: everything else is in the memory or in its own copy of the job. */
interface Invitation {
  readonly layout: TrainingLayout;
  readonly memory: SharedMemory;
}

/** With fewer values to work on, a thread would wait longer for the others than it works. */
const LEAST_VALUES_PER_THREAD = 250_000;

/** How many of the threads that were asked for are worth starting. */
export function crewSize({ rowCount, names }: FeatureMatrix, threads: number): number {
  return Math.max(1, Math.min(threads, Math.floor((rowCount * names.length) / LEAST_VALUES_PER_THREAD)));
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
  const invitation = await new Promise<Invitation>((resolve) => port.once('message', resolve));
  runMember(job, invitation, index);
  port.close();
}

function runMember(job: BoostingJob, { layout, memory }: Invitation, index: number): TreeModel | undefined {
  const trainingMemory = new TrainingMemory(layout, memory);
  const control = trainingMemory.ints.subarray(layout.control / 4, layout.control / 4 + 16);
  return runBoosting(job, trainingMemory, new CrewMember(control, index, layout.threads));
}
