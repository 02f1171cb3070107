/** Searches answered as MLflow's own store answers them; the file names its oracle and the script that makes it. */
import { manualClock, memoryStore } from '@fraudops/core';
import { beforeAll, describe, expect, it } from 'vitest';
import golden from './mlflow-search.golden.json' with { type: 'json' };
import type { DatasetInput } from './dataset-input.js';
import type { MetricPoint, RunRecord } from './run-record.js';
import { putRecord, recordOf } from './run-records.fixture.js';
import { type Tracker, tracker } from './tracker.js';

interface GoldenRun {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly status: string;
  readonly start: number;
  readonly end?: number;
  readonly metrics: Readonly<Record<string, number | 'NaN'>>;
  readonly params: RunRecord['params'];
  readonly tags: RunRecord['tags'];
  readonly datasets: readonly (readonly [name: string, digest: string, context: string | null])[];
}

interface GoldenSearch {
  readonly filter: string;
  readonly orderBy: string[];
  readonly found?: readonly number[];
  readonly error?: string;
}

/** What we do otherwise, and say so: a doubled quote is one, `in` is for all text, and what is no filter is refused. */
const OURS: Readonly<Record<string, readonly number[] | 'refused'>> = {
  "params.algorithm LIKE '%''%'": runsWith(({ params }) => String(params['algorithm']).includes("'")),
  "attribute.status IN ('FINISHED')": runsWith(({ status }) => status === 'FINISHED'),
  'metrics.loss > 0.5 and': 'refused',
  'metrics.loss > 0.5 metrics.loss < 1': 'refused',
};

const goldenRuns = golden.runs as unknown as readonly GoldenRun[];
const searches = golden.searches as readonly GoldenSearch[];
const numbers = new Map(goldenRuns.map(({ id }, i) => [id, i]));
let runs: Tracker;

beforeAll(async () => {
  const store = memoryStore();
  for (const run of goldenRuns) await putRecord(store, recordFrom(run));
  runs = tracker(store, { clock: manualClock(1_700_000_000_000) });
});

describe(`searchRuns finds what ${golden.oracle} finds`, () => {
  it.each(searches)('$filter $orderBy', async ({ filter, orderBy, found }) => {
    const search = runs.searchRuns({ filter, orderBy });
    const expected = OURS[filter] ?? found ?? 'refused';
    if (expected === 'refused') await expect(search).rejects.toMatchObject({ code: expect.stringMatching(/^INVALID_/) });
    else {
      const order = (await search).runs.map(({ id }) => numbers.get(id));
      expect(filter in OURS ? new Set(order) : order).toEqual(filter in OURS ? new Set(expected) : expected);
    }
  });
});

function runsWith(isWanted: (run: GoldenRun) => boolean): number[] {
  return (golden.runs as unknown as readonly GoldenRun[]).flatMap((run, i) => (isWanted(run) ? [i] : []));
}

function recordFrom({ id, name, user, status, start, end, metrics, params, tags, datasets }: GoldenRun): RunRecord {
  const points = Object.entries(metrics).map(([key, value]): [string, MetricPoint] => [
    key,
    { value: value === 'NaN' ? null : value, step: 0, atMs: start },
  ]);
  const inputs = datasets.map(([dataset, fingerprint, context]): DatasetInput => {
    return { name: dataset, fingerprint, ...(context === null ? {} : { context }) };
  });
  return recordOf({
    id,
    name,
    user,
    status: status.toLowerCase() as RunRecord['status'],
    startedMs: start,
    heartbeatMs: start,
    ...(end === undefined ? {} : { endedMs: end }),
    params,
    tags,
    inputs,
    metrics: Object.fromEntries(points),
  });
}
