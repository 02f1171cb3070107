/** Which output of an ONNX Runtime session holds the probability of fraud, and where in it. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelError } from '../model-error.js';

/** The output that is read. */
export interface RuntimeOutput {
  readonly name: string;
}

const USUAL_NAMES = new Set(['probability', 'probabilities', 'output_probability']);

/**
 * The named output, or the only one of floats, or the one of a usual name.
 *
 * @throws {ModelError} UNSUPPORTED_MODEL when there is none, or several to choose from
 */
export function chooseOutput(session: InferenceSession, name: string | undefined): RuntimeOutput {
  const known = session.outputNames.join(', ');
  const candidates = session.outputMetadata.filter((output) => name === undefined || output.name === name);
  if (candidates.length === 0) throw unsupported(`no output ${name}, expected one of ${known}`);
  const floats = candidates.filter((output) => output.isTensor && (output.type === 'float32' || output.type === 'float64'));
  const chosen = floats.find((output) => USUAL_NAMES.has(output.name)) ?? (floats.length === 1 ? floats[0] : undefined);
  if (chosen) return { name: chosen.name };
  if (floats.length > 1) throw unsupported(`outputs ${known}, of which several hold floats; pass output`);
  if (candidates.some((output) => !output.isTensor)) {
    throw unsupported(
      'probabilities as a sequence of maps, which onnxruntime-node can not return; convert with zipmap=False, in skl2onnx by ' +
        "options={'zipmap': False}",
    );
  }
  throw unsupported(`outputs ${known}, none of which holds floats; a label is no score`);
}

/** One probability a row. @throws {ModelError} UNSUPPORTED_MODEL for another shape; RUNTIME_FAILED for what is no probability */
export function probabilityOf({ name }: RuntimeOutput, tensor: Tensor | undefined, rowCount: number): Float64Array {
  const values = tensor?.data as ArrayLike<number> | undefined;
  const columns = (values?.length ?? 0) / rowCount;
  if (!values || (columns !== 1 && columns !== 2)) {
    throw unsupported(`output ${name} has shape [${tensor?.dims.join(', ')}], expected one or two columns`);
  }
  const scores = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const score = values[i * columns + columns - 1]!;
    if (!(score >= 0 && score <= 1)) {
      throw new ModelError(
        'RUNTIME_FAILED',
        `onnxRuntimeModel: output ${name} is ${score} at row ${i}, expected 0 to 1; a missing or infinite feature may have led here`,
        { details: { row: i, score } },
      );
    }
    scores[i] = score;
  }
  return scores;
}

function unsupported(rule: string): ModelError {
  return new ModelError('UNSUPPORTED_MODEL', `onnxRuntimeModel: ${rule}`);
}
