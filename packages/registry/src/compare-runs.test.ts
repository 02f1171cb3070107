import { expect, it } from 'vitest';
import { compareRuns } from './compare-runs.js';
import { recordOf } from './run-records.fixture.js';

const point = (value: number | null) => ({ value, step: 0, atMs: 0 });

it('puts what differs side by side, with differences from the first run', () => {
  const runs = [
    recordOf({ id: 'a', params: { depth: 3, trees: 100 }, metrics: { auc: point(0.5), loss: point(1), rate: point(null) } }),
    recordOf({ id: 'b', params: { depth: '3', trees: 100, eta: 0.1 }, metrics: { auc: point(0.75), rate: point(2) } }),
  ];
  expect(compareRuns(runs)).toEqual({
    runs,
    params: [
      { name: 'depth', values: [3, '3'] },
      { name: 'eta', values: [undefined, 0.1] },
    ],
    equalParams: ['trees'],
    metrics: [
      { name: 'auc', values: [0.5, 0.75], differences: [0, 0.25] },
      { name: 'loss', values: [1, undefined], differences: [0, undefined] },
      { name: 'rate', values: [null, 2], differences: [undefined, undefined] },
    ],
  });
  const named = [
    recordOf({ id: 'a', params: { constructor: 1 }, metrics: { toString: point(1) } }),
    recordOf({ id: 'b', params: {}, metrics: {} }),
  ];
  expect(compareRuns(named)).toMatchObject({
    params: [{ name: 'constructor', values: [1, undefined] }],
    metrics: [{ name: 'toString', values: [1, undefined] }],
  });
  expect(compareRuns([])).toEqual({ runs: [], params: [], equalParams: [], metrics: [] });
});
