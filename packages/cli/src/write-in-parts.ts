/** Tables one after the other in one CSV file, so that a file can be longer than memory. */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Table } from '@fraudops/core';
import { writeTransactions } from '@fraudops/features';

/**
 * Writes tables of the same columns into one CSV file, gzip-compressed when its name ends in `.gz`. Memory holds one table; beside the file
 * stands, for a while, one table as CSV. The file appears whole or not at all.
 *
 * @param onTable called when a table is written
 * @throws the file system's own error; what the tables throw; the signal's reason. Nothing is left behind then
 * @example await writeInParts('t.csv.gz', streamTransactions({ rows: 1e8, seed: 7 }), { onTable: () => {}, signal });
 */
export async function writeInParts(
  path: string,
  tables: Iterable<Table>,
  { onTable, signal }: { readonly onTable: (table: Table) => void; readonly signal: AbortSignal },
): Promise<void> {
  const name = `${path}.${randomUUID()}`;
  const [part, whole] = [`${name}.part`, `${name}.tmp`];
  const text = async function* () {
    let headerBytes = 0;
    for (const table of tables) {
      await writeTransactions(part, table, { format: 'csv' });
      yield* createReadStream(part, { start: headerBytes, highWaterMark: 1 << 20 });
      // Only the first header stays.
      headerBytes = Buffer.byteLength(`${table.columnNames.join(',')}\n`);
      onTable(table);
    }
  };
  try {
    const target = createWriteStream(whole, { flags: 'wx', flush: true });
    if (path.endsWith('.gz')) await pipeline(text, createGzip(), target, { signal });
    else await pipeline(text, target, { signal });
    await rename(whole, path);
  } catch (error) {
    await rm(whole, { force: true });
    throw signal.aborted ? signal.reason : error;
  } finally {
    await rm(part, { force: true });
  }
}
