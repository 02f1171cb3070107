/** Versions, rows and promotions for the tests of gates. */
import { seededRandom } from '@fraudops/core';
import { type Gate, type GateContext, type GateResult, judge } from '../gate.js';
import { emptyModelState, foldEvents } from '../model-state.js';
import type { ModelVersion } from '../model-version.js';
import type { RegistryEvent } from '../registry-event.js';
import type { EvaluatedRows } from './evaluated-rows.js';

export const DAY_MS = 86_400_000;
/** When all versions of these tests were registered. */
export const REGISTERED_MS = Date.UTC(2024, 4, 1);

/** A registered version, with whatever else it should have. */
export function versionOf(version: number, more: object = {}): ModelVersion {
  const events = Array.from({ length: version }, (_, i): RegistryEvent => {
    const files = [{ path: 'model.json', sha256: String(i % 10).repeat(64), sizeBytes: 1 }];
    const payload = { version: i + 1, files, metrics: {}, tags: {} };
    const envelope = { id: `e${i}`, model: 'fraud', seq: i + 1, by: 'mira', why: '', atMs: REGISTERED_MS, previous: null };
    return { ...envelope, type: 'registered', payload };
  });
  return { ...foldEvents(emptyModelState('fraud'), events).versions[version - 1]!, ...more };
}

export const candidate = versionOf(3);
export const incumbent = versionOf(2);

/** Asks a gate as a promotion does, so that what it gives is checked as what is recorded. */
export async function ask(gate: Gate, change: Partial<Omit<GateContext, 'signal'>> = {}): Promise<GateResult> {
  const promotion = { candidate, incumbent, stage: 'Production', by: 'pete', ...change } as const;
  const [result] = await judge('promote', [gate], promotion, 60_000);
  return result!;
}

/** Rows over some days and cards, with calibrated scores unless `sharpen` changes them; the same for the same seed. */
export function simulatedRows({
  rowCount = 2_000,
  seed = 1,
  days = 30,
  cards = 300,
  change = (risk: number) => risk,
}: {
  rowCount?: number;
  seed?: number;
  days?: number;
  cards?: number;
  change?: (risk: number, row: number) => number;
} = {}) {
  const random = seededRandom(seed);
  const risks = Array.from({ length: rowCount }, () => random.next() ** 4);
  return {
    fingerprint: `rows ${seed}`,
    scores: risks.map((risk, row) => change(risk, row)),
    labels: risks.map((risk) => Number(random.next() < risk)),
    times: risks.map(() => REGISTERED_MS + random.integer(days) * DAY_MS),
    entityCodes: risks.map(() => random.integer(cards)),
  } satisfies EvaluatedRows;
}

/** The same rows in another order. */
export function shuffled<Rows extends EvaluatedRows>(rows: Rows, seed = 5): Rows {
  const order = Array.from(rows.scores, (_, row) => row);
  seededRandom(seed).shuffle(order);
  const inOrder = (values: ArrayLike<unknown>) => order.map((row) => values[row]);
  const columns = Object.entries(rows).map(([name, values]) => {
    if (name === 'fingerprint') return [name, values];
    if (name !== 'segments') return [name, inOrder(values as ArrayLike<unknown>)];
    return [name, Object.fromEntries(Object.entries(values as object).map(([key, column]) => [key, inOrder(column as [])]))];
  });
  return Object.fromEntries(columns) as Rows;
}
