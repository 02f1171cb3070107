/** Ours in the cases of explanations: `model.explain`, row by row. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { treeModel } from '@fraudops/model';
import { FRAUD_FEATURES, readFraudMatrix } from '../../../harness/fraud-matrix.js';
import { serveCommands, timed } from '../../../harness/serve-commands.js';
import { treesOf } from '../lightgbm-dump.js';

let model;
let rows = [];
let explanations = [];

await serveCommands({
  load({ folder }) {
    const dump = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8'));
    model = treeModel({ featureNames: FRAUD_FEATURES, baseMargin: 0, trees: treesOf(dump) });
    const { rowCount, columns } = readFraudMatrix(folder, 'explained');
    rows = Array.from({ length: rowCount }, (_, i) => Float32Array.from(columns, (column) => column[i]));
  },
  /** Microseconds of each row by itself. */
  one() {
    globalThis.gc?.();
    const times = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const started = process.hrtime.bigint();
      explanations[i] = model.explain(rows[i]);
      times[i] = Number(process.hrtime.bigint() - started) / 1000;
    }
    return [...times];
  },
  async run() {
    explanations = [];
    const { seconds, result } = await timed(() => rows.map((row) => model.explain(row)));
    explanations = result;
    return seconds;
  },
  save({ file }) {
    const handle = openSync(file, 'w');
    for (const { contributions, base } of explanations) writeSync(handle, Float64Array.of(...contributions, base));
    closeSync(handle);
  },
});
