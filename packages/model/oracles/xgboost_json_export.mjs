// Writes the models of src/exports/xgboost-json.test.ts as XGBoost files, with rows for each; xgboost_json_golden.py scores them.
// Run after the build, from the root of the repository: node packages/model/oracles/xgboost_json_export.mjs DIRECTORY
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateRows, fromLightgbm, toXgboostJson, treeModel } from '@fraudops/model';

const directory = process.argv[2];
mkdirSync(directory, { recursive: true });
const models = new Map();
for (const name of ['numeric', 'categorical', 'complete', 'random-forest', 'pandas']) {
  const golden = readFileSync(new URL(`../src/imports/lightgbm-${name}.golden.json`, import.meta.url), 'utf8');
  models.set(name, fromLightgbm(JSON.parse(golden).text, { withoutCertificate: true }).model);
}
const stump = {
  feature: Int32Array.of(0, -1, -1),
  threshold: Float32Array.of(3.4028234663852886e38, 0, 0),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(0, 0, 0),
  value: Float64Array.of(0, -0.5, 0.25),
  cover: Float64Array.of(3, 2, 1),
};
models.set('stump', treeModel({ featureNames: ['AMOUNT'], baseMargin: 20, trees: [stump] }));
models.set('none', treeModel({ featureNames: ['a'], baseMargin: -3.5, trees: [] }));

const rowsSeed = 7;
const list = [...models].map(([name, model]) => {
  const text = toXgboostJson(model);
  const rows = certificateRows(model, { seed: rowsSeed, splits: 60, randomRows: 20 });
  writeFileSync(join(directory, `${name}.json`), text);
  writeFileSync(join(directory, `${name}.csv`), rows.map((row) => row.join(',')).join('\n'));
  return { name, sha256: createHash('sha256').update(text).digest('hex'), rowsSeed };
});
writeFileSync(join(directory, 'list.json'), JSON.stringify(list));
