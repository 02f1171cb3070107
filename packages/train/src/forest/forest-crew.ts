/**
 * A forest by several threads of one process. The first one checks the input, cuts the features into bins in shared memory and invites the
 * others; each then grows every n-th tree and sends its part back. Which thread grew a tree makes no difference to it.
 */
import { type FeatureMatrix, silentProgress } from '@fraudops/core';
import type { MessagePort } from 'node:worker_threads';
import { type ColumnBins, binColumns } from './column-bins.js';
import { ForestGrower, type ForestPart, type ForestRules } from './forest-grower.js';
import { type ForestOptions, type TrainedForest, assembleForest, requireForest } from './train-forest.js';

/** The arguments of {@link trainForest}. */
export interface ForestJob {
  readonly matrix: FeatureMatrix;
  readonly labels: Uint8Array;
  readonly options?: ForestOptions;
}

/** What a thread needs besides the labels. */
interface Invitation {
  readonly rules: ForestRules;
  readonly bins: ColumnBins;
  readonly first: number;
  readonly step: number;
}

/**
 * Trains in this thread and in those at the ports.
 *
 * @throws {TrainError} what `trainForest` throws
 */
export async function growForestWithCrew(
  { matrix, labels, options = {} }: ForestJob,
  ports: readonly MessagePort[],
): Promise<TrainedForest> {
  const rules = requireForest(matrix, labels, options);
  const task = (options.progress ?? silentProgress).task('Training a forest', { total: rules.trees, unit: 'trees' });
  const bins = binColumns(matrix, labels, rules.bins, rules.seed);
  const step = ports.length + 1;
  const parts = ports.map((port, i) => partFrom(port, { rules, bins, first: i + 1, step }));
  const own = new ForestGrower(bins, labels, rules).grow({ first: 0, step, grown: () => task.advance(1) });
  return assembleForest(matrix.names, labels, [own, ...(await Promise.all(parts))]);
}

function partFrom(port: MessagePort, invitation: Invitation): Promise<ForestPart> {
  return new Promise((resolve) => {
    port.once('message', resolve);
    send(port, invitation);
  });
}

/**
 * Waits at the port for an invitation, grows its trees and sends them back.
 *
 * @param grown told of each tree
 * @throws {TrainError} (as a rejection) INVALID_OPTION when the trees outgrow what a model holds
 */
export async function joinForest(labels: Uint8Array, port: MessagePort, grown: () => void): Promise<void> {
  const { rules, bins, first, step } = await new Promise<Invitation>((resolve) => port.once('message', resolve));
  send(port, new ForestGrower(bins, labels, rules).grow({ first, step, grown }));
  port.close();
}

function send(port: MessagePort, message: Invitation | ForestPart): void {
  // oxlint-disable-next-line require-post-message-target-origin -- a window's postMessage has an origin, a port's has none
  port.postMessage(message);
}
