/** Tables from and to the data frames of danfojs-node, which stays the user's own dependency. */
import { type ColumnKind, type Row, Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';

/** What is used of a danfo DataFrame. */
export interface DanfoFrame {
  readonly columns: readonly string[];
  /** `float32`, `int32`, `string` or `boolean`, a column each. */
  readonly dtypes: readonly string[];
  /** The rows, an array of cells each. */
  readonly values: unknown;
}

const KIND_OF_DTYPE: Readonly<Record<string, ColumnKind>> = {
  float32: 'number',
  int32: 'number',
  string: 'category',
  boolean: 'flag',
};

/**
 * The table of a danfo DataFrame. Missing is what danfo counts as missing: undefined, null and NaN.
 *
 * @param kinds the columns to take, in this order, and as what; `time` takes Dates, epoch milliseconds and ISO 8601 text. Default: all
 * columns, float32 and int32 as number, string as category, boolean as flag
 * @throws {FeatureError} MISSING_COLUMN, WRONG_KIND for a dtype without a kind
 * @throws {TableError} INVALID_VALUE naming column, row and value
 * @example fromDanfo(await readCSV('cards.csv'), { card: 'category', issued: 'time' });
 */
export function fromDanfo(frame: DanfoFrame, kinds: Readonly<Record<string, ColumnKind>> = kindsOf(frame)): Table {
  for (const name of Object.keys(kinds)) {
    if (frame.columns.includes(name)) continue;
    const message = `fromDanfo: no column ${name}; the frame has ${frame.columns.join(', ').slice(0, 100) || 'none'}`;
    throw new FeatureError('MISSING_COLUMN', message, { column: name });
  }
  const positions = Object.keys(kinds).map((name) => [name, frame.columns.indexOf(name)] as const);
  const rows = (frame.values as readonly (readonly unknown[])[]).map((cells) =>
    Object.fromEntries(positions.map(([name, position]) => [name, Number.isNaN(cells[position]) ? null : cells[position]])),
  );
  return Table.fromRows(rows, kinds);
}

function kindsOf(frame: DanfoFrame): Record<string, ColumnKind> {
  const entries = frame.columns.map((name, i) => {
    const dtype = frame.dtypes[i] ?? 'no dtype';
    const kind = Object.hasOwn(KIND_OF_DTYPE, dtype) ? KIND_OF_DTYPE[dtype] : undefined;
    if (kind) return [name, kind] as const;
    const message = `fromDanfo: column ${name} has the dtype ${dtype}, which has no kind; say which columns to take, and as what`;
    throw new FeatureError('WRONG_KIND', message, { column: name, dtype });
  });
  return Object.fromEntries(entries);
}

const DTYPE_OF_KIND: Readonly<Record<ColumnKind, string>> = {
  number: 'float32',
  category: 'string',
  time: 'string',
  flag: 'boolean',
};

/**
 * A danfo DataFrame of a table: numbers as float32, which is danfo's name for any number (the cells keep all 64 bits until danfo makes
 * tensors of them), categories as string, flags as boolean, times as ISO 8601 text in UTC, since danfo has no type for them. A missing
 * number is NaN, any other missing value null.
 *
 * Loads danfojs-node, and TensorFlow.js with it, which takes seconds the first time.
 *
 * @returns the frame; `toDanfo<DataFrame>(table)` with the class of danfojs-node gives it its own type
 * @throws {FeatureError} NOT_INSTALLED when danfojs-node can't be loaded
 * @example (await toDanfo<DataFrame>(table)).groupby(['CUSTOMER_ID']).col(['TX_AMOUNT']).mean().print();
 */
export async function toDanfo<Frame extends DanfoFrame = DanfoFrame>(table: Table): Promise<Frame> {
  const { DataFrame } = await loadDanfo();
  const columns = Object.entries(table.toColumns());
  const rows = table.toRows().map((row) => columns.map(([name, { kind }]) => danfoCell(row[name]!, kind)));
  const frame: unknown = new DataFrame(rows, {
    columns: columns.map(([name]) => name),
    dtypes: columns.map(([, { kind }]) => DTYPE_OF_KIND[kind]),
  });
  return frame as Frame;
}

function danfoCell(cell: Row[string], kind: ColumnKind): unknown {
  if (cell === null) return kind === 'number' ? Number.NaN : null;
  return cell instanceof Date ? cell.toISOString() : cell;
}

interface Danfo {
  readonly DataFrame: new (
    rows: readonly unknown[],
    options: { columns: readonly string[]; dtypes: readonly string[] },
  ) => unknown;
}

async function loadDanfo(): Promise<Danfo> {
  try {
    // danfojs-node is CommonJS: what it exports may be only on `default`.
    const danfo = (await import('danfojs-node')) as unknown as Danfo & { readonly default?: Danfo };
    return danfo.default ?? danfo;
  } catch (error) {
    const message =
      'toDanfo: danfojs-node could not be loaded; install it beside this package with the overrides that its guide names, or use toRows()';
    throw new FeatureError('NOT_INSTALLED', message, { package: 'danfojs-node' }, error);
  }
}
