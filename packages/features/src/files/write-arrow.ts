/**
 * Tables as an Arrow IPC file (Feather version 2): one table as a whole, or tables a record batch at a time, when memory holds one batch, the
 * tables it is made of, and where the batches before are (24 bytes each).
 *
 * In batches, kinds are written as in one table, but categories as plain UTF-8 strings. A file has one dictionary for all batches of a
 * column; it could only grow, with all texts so far in memory, and not all readers know how.
 */
import { type CategoryColumn, type Column, Table } from '@fraudops/core';
import type * as Flechette from '@uwdata/flechette';
import { dictionaryColumn, plainColumn, textColumn } from './arrow-buffers.js';
import { arrowFooter, type ArrowBlock } from './arrow-footer.js';
import { arrowMessages } from './arrow-messages.js';
import { rowGroups, type Tables } from './table-parts.js';
import { requireWritable } from './writable-values.js';

/** The bytes of one table, as {@link tableToArrow} gives them. @param caller name for messages */
export async function arrowBytes(caller: string, table: Table): Promise<Uint8Array> {
  const columns = Object.entries(table.toColumns());
  for (const [name, column] of columns) requireWritable(caller, name, column);
  const flechette = await import('@uwdata/flechette');
  const arrowColumns = columns.map(([name, column]): [string, Flechette.Column<unknown>] => [
    name,
    column.kind === 'category' ? dictionaryColumn(flechette, column) : plainColumn(flechette, column),
  ]);
  return flechette.tableToIPC(flechette.tableFromColumns(arrowColumns), { format: 'file' })!;
}

/** Rows of a record batch; as many as a row group of Parquet has. */
const ROWS_PER_BATCH = 122_880;

/** What a file begins with; its end is the first six bytes. */
const MAGIC = Buffer.from('ARROW1\0\0');
/** Continuation, and a length of 0. */
const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/**
 * The bytes of an Arrow IPC file, in order: tables with the same columns, one below the other. The same rows give the same bytes.
 *
 * @param caller name for messages
 * @throws {FeatureError} as {@link rowGroups}; TOO_LARGE for 2 GiB of text in one column of a batch
 */
export async function* arrowChunks(caller: string, tables: Tables): AsyncGenerator<Uint8Array> {
  const flechette = await import('@uwdata/flechette');
  const blocks: ArrowBlock[] = [];
  let schema: Uint8Array | undefined;
  let offset = 0;
  for await (const group of rowGroups(caller, tables, ROWS_PER_BATCH)) {
    // Each stream is a schema, the same every time, and a batch.
    const [first, batch] = arrowMessages(batchStream(flechette, caller, group));
    if (!schema) {
      schema = first!;
      yield MAGIC;
      yield schema;
      offset = MAGIC.length + schema.length;
    }
    if (!batch) continue;
    yield batch;
    blocks.push({
      offset,
      bytes: batch.length,
      metadataBytes: 8 + new DataView(batch.buffer, batch.byteOffset).getInt32(4, true),
    });
    offset += batch.length;
  }
  const footer = arrowFooter(schema!, blocks);
  yield END_OF_STREAM;
  yield footer;
  yield new Uint8Array(Int32Array.of(footer.length).buffer);
  yield MAGIC.subarray(0, 6);
}

/** A group as an Arrow IPC stream of its own. */
function batchStream(flechette: typeof Flechette, caller: string, group: readonly [Table, ...Table[]]): Uint8Array {
  const columns = group[0].columnNames.map((name): [string, Flechette.Column<unknown>] => {
    if (group[0].column(name).kind === 'category')
      return [
        name,
        textColumn(
          flechette,
          { caller, name },
          group.map((part) => part.category(name)),
        ),
      ];
    const column = Table.concat(group.map((part) => part.select([name]))).column(name);
    return [name, plainColumn(flechette, column as Exclude<Column, CategoryColumn>)];
  });
  return flechette.tableToIPC(flechette.tableFromColumns(columns), { format: 'stream' })!;
}
