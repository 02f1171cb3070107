// Makes src/imports/ml-cart.golden.json: a tree of ml-cart with rows and the shares of class 1 in their leaves.
// Run from the root of the repository: node packages/model/oracles/ml_cart_golden.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../train/package.json', import.meta.url));
const { DecisionTreeClassifier } = require('ml-cart');
const { version } = JSON.parse(readFileSync(require.resolve('ml-cart').replace('cart.js', 'package.json'), 'utf8'));

let state = 12345;
const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
const rowAt = () => [Math.fround(random() * 200), Math.fround(random() * 2 - 1), Math.floor(random() * 5)];
const training = Array.from({ length: 300 }, rowAt);
const labels = training.map(([amount, ratio, count]) => Number(amount / 100 + ratio + count / 4 + random() > 2.3));
const classifier = new DecisionTreeClassifier({ gainFunction: 'gini', maxDepth: 6, minNumSamples: 8 });
classifier.train(training, labels);

const splits = [];
(function walk(node) {
  if (!node.left) return;
  splits.push([node.splitColumn, node.splitValue]);
  walk(node.left);
  walk(node.right);
})(classifier.root);
const rows = [...Array.from({ length: 40 }, rowAt), [NaN, NaN, NaN], [Infinity, 0, 1], [-Infinity, 0, 1]];
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);
for (const [column, value] of splits) {
  for (const step of [-1, 0, 1]) {
    float[0] = value;
    bits[0] += step;
    rows.push(rowAt().with(column, float[0]));
  }
}
const probabilities = rows.map((row) => {
  const [shares] = classifier.root.classify(row).to2DArray();
  return shares[1] ?? 0;
});
const golden = {
  oracle: `ml-cart ${version} root.classify`,
  json: JSON.stringify(classifier),
  rows: rows.map((row) => row.join(',')),
  probabilities,
};
writeFileSync(new URL('../src/imports/ml-cart.golden.json', import.meta.url), `${JSON.stringify(golden)}\n`);
