import { readFile } from 'node:fs/promises';
import { UsageError } from './command.js';

/** What a JSON file holds. @throws {UsageError} when it is no JSON; the file system's own error when it can't be read */
export async function readJson(path: string): Promise<unknown> {
  return parseJson(path, await readFile(path, 'utf8'));
}

/** What the text of a JSON file says. @throws {UsageError} when it is no JSON */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${path} is no JSON: ${(error as Error).message}.`);
  }
}
