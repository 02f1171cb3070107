import { rename, writeFile } from 'node:fs/promises';

/** Writes a file so that nobody ever finds half of it: under another name first. */
export async function writeWholeFile(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}
