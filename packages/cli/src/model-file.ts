/** Reads model files of this package. */
import { readFile } from 'node:fs/promises';
import { type Model, modelFromJson } from '@fraudops/model';
import { UsageError } from './command.js';
import { parseJson } from './json-file.js';

/** @throws {UsageError} for a file that is no model of ours */
export async function readModel(file: string): Promise<Model> {
  const text = await readFile(file, 'utf8');
  // Files of other libraries name no such format.
  if (!text.includes('"fraudops.model"')) {
    const what = text.trimStart().startsWith('{') ? 'is JSON, but no model' : 'is no model';
    throw new UsageError(`${file} ${what} as "fraudops model import" writes it; import files of other libraries first.`);
  }
  return modelFromJson(parseJson(file, text));
}
