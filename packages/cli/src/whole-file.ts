import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes a file so that nobody ever finds half of it: under another name first. Stretches are written as they come. */
export async function writeWholeFile(file: string, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
