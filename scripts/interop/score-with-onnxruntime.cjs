/**
 * Scores a matrix by one version of onnxruntime-node: `node score-with-onnxruntime.cjs FOLDER MODEL ROWS OUT WIDTH`.
 *
 * FOLDER has that version in its node_modules. ROWS and OUT hold float32 numbers, WIDTH of them a row. In a
 * program of its own, because a process can hold one version of the native library only.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const [folder, model, rows, out] = process.argv.slice(2);
const { InferenceSession, Tensor } = createRequire(path.join(folder, 'any.js'))('onnxruntime-node');

async function main() {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const bytes = readFileSync(rows);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const width = Number(process.argv[6]);
  const { probability } = await session.run({ features: new Tensor('float32', values, [values.length / width, width]) }, [
    'probability',
  ]);
  writeFileSync(out, Buffer.from(probability.data.buffer, probability.data.byteOffset, probability.data.byteLength));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
