/** ONNX Runtime in the trees case: the model as our ONNX export, on one thread. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readFraudMatrix } from '../../../harness/fraud-matrix.js';
import { serveCommands } from '../../../harness/serve-commands.js';
import { latencyQuantiles } from './latencies.js';

const BATCHES = 10;

let session;
/** The rows, one after the other. */
let values;
let rowCount;
let featureCount;

async function load({ folder }) {
  session = await InferenceSession.create(path.join(folder, 'model.onnx'), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });
  const matrix = readFraudMatrix(folder, 'scored');
  rowCount = matrix.rowCount;
  featureCount = matrix.columns.length;
  values = Float32Array.from({ length: rowCount * featureCount }, (_, at) => {
    return matrix.columns[at % featureCount][Math.floor(at / featureCount)];
  });
}

/** Outputs for some rows. */
async function score(first, count) {
  const input = new Tensor('float32', values.subarray(first * featureCount, (first + count) * featureCount), [
    count,
    featureCount,
  ]);
  return session.run({ [session.inputNames[0]]: input });
}

async function batch() {
  const startedMs = performance.now();
  for (let i = 0; i < BATCHES; i++) await score(0, rowCount);
  return (performance.now() - startedMs) / 1000 / BATCHES;
}

async function single({ calls }) {
  const latenciesUs = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    const startedMs = performance.now();
    await score(i % rowCount, 1);
    latenciesUs[i] = (performance.now() - startedMs) * 1000;
  }
  return latencyQuantiles(latenciesUs);
}

async function save({ file }) {
  const { data } = (await score(0, rowCount)).probability;
  writeFileSync(file, Float64Array.from(data));
}

await serveCommands({ load, batch, single, save });
