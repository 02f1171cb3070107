/** ONNX Runtime as the oracle of what an ONNX file computes. */
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** An output of the file for rows of float32 features; of two columns the second. */
export async function onnxScores(
  bytes: Uint8Array,
  rows: readonly ArrayLike<number>[],
  output = 'probability',
): Promise<number[]> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const width = rows[0]!.length;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => data.set(Array.from(row), i * width));
  const results = await session.run({ [session.inputNames[0]!]: new Tensor('float32', data, [rows.length, width]) }, [output]);
  const { data: values, dims } = results[output]!;
  await session.release();
  const columns = dims[1] ?? 1;
  return rows.map((_, i) => Number((values as Float32Array)[i * columns + columns - 1]));
}
