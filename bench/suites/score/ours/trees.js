/** Ours in the trees case; also trains the model, and writes it for the others. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { modelFromJson, toOnnx, toXgboostJson } from '@fraudops/model';
import { trainBoosting } from '@fraudops/train';
import { readFraudMatrix } from '../../../harness/fraud-matrix.js';
import { median } from '../../../harness/rounds.js';
import { serveCommands } from '../../../harness/serve-commands.js';
import { latencyQuantiles } from './latencies.js';

const BATCHES = 10;
const CALLS_PER_CHUNK = 1000;

let model;
let matrix;
/** The matrix, row by row. */
let rows;

function train({ folder, trees, leaves }) {
  const data = readFraudMatrix(folder, 'train');
  const trained = trainBoosting(data, data.labels, { trees, maxLeaves: leaves, depth: 64 });
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(trained.toJson()));
  writeFileSync(path.join(folder, 'xgboost.json'), toXgboostJson(trained));
  writeFileSync(path.join(folder, 'model.onnx'), toOnnx(trained));
}

/** Answers with what making the tables takes, which the first batch does. */
function load({ folder }) {
  model = modelFromJson(JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')));
  matrix = readFraudMatrix(folder, 'scored');
  rows = Array.from({ length: matrix.rowCount }, (_, i) => Float32Array.from(matrix.columns, (column) => column[i]));
  const firstMs = elapsedMs(() => model.scoreBatch(matrix));
  return { tablesMs: firstMs - elapsedMs(() => model.scoreBatch(matrix)) };
}

function elapsedMs(work) {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

/** Seconds a batch. */
function batch() {
  globalThis.gc();
  const ms = elapsedMs(() => {
    for (let i = 0; i < BATCHES; i++) model.scoreBatch(matrix);
  });
  return ms / 1000 / BATCHES;
}

function single({ calls }) {
  const latenciesUs = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    const row = rows[i % rows.length];
    const startedMs = performance.now();
    model.score(row);
    latenciesUs[i] = (performance.now() - startedMs) * 1000;
  }
  return latencyQuantiles(latenciesUs);
}

function save({ file }) {
  const scores = model.scoreBatch(matrix);
  const different = rows.findIndex((row, i) => !Object.is(model.score(row), scores[i]));
  if (different >= 0) throw new Error(`trees: row ${different} has another score alone than in the batch`);
  writeFileSync(file, scores);
}

/** Heap in use is read before and after each chunk of calls; chunks in which a collection ran shrink it and are left out. */
function garbage({ calls }) {
  const heapUsed = () => getHeapStatistics().used_heap_size;
  const ownBytes = median(Array.from({ length: 21 }, () => -(heapUsed() - heapUsed())));
  const chunkBytes = [];
  for (let start = 0; start + CALLS_PER_CHUNK <= calls; start += CALLS_PER_CHUNK) {
    const before = heapUsed();
    for (let i = 0; i < CALLS_PER_CHUNK; i++) model.score(rows[(start + i) % rows.length]);
    const allocated = heapUsed() - before;
    if (allocated >= 0) chunkBytes.push((allocated - ownBytes) / CALLS_PER_CHUNK);
  }
  return { heapBytesPerCall: median(chunkBytes) };
}

await serveCommands({ train, load, batch, single, save, garbage });
