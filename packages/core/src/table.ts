/**
 * Columnar, immutable table: the one shape in which transactions, features and labels travel between packages.
 *
 * A table owns its arrays and shares them freely between its derivatives (`select`, `slice`, `with`), so nobody writes to an array
 * once a table holds it. Making a table from columns takes the arrays as they are, without a copy.
 */
import {
  type CategoryColumn,
  type Column,
  type ColumnKind,
  columnLength,
  concatColumns,
  requireValidColumn,
  sliceColumn,
  takeFromColumn,
} from './column.js';
import { TableError } from './errors.js';
import { type Row, cellAt, columnFromCells } from './row.js';

/**
 * A columnar, immutable table: the shape in which transactions, features and labels travel between packages. It owns its arrays and shares
 * them with what is derived from it (`select`, `slice`, `with`), so nobody writes to an array once a table holds it.
 */
export class Table {
  readonly #columns: ReadonlyMap<string, Column>;
  /** Number of rows. */
  readonly rowCount: number;

  private constructor(columns: ReadonlyMap<string, Column>, rowCount: number) {
    this.#columns = columns;
    this.rowCount = rowCount;
  }

  /**
   * @param columns by name, all of one length; the arrays are taken, not copied
   * @throws {TableError} LENGTH_MISMATCH, or INVALID_VALUE for a code outside its dictionary or a flag other than 0, 1, 255
   * @example Table.fromColumns({ AMOUNT: numberColumn([12.5, 3]), FRAUD: flagColumn([false, true]) });
   */
  static fromColumns(columns: Readonly<Record<string, Column>>): Table {
    const entries = Object.entries(columns);
    const rowCount = entries.length === 0 ? 0 : columnLength(entries[0]![1]);
    for (const [name, column] of entries) {
      if (columnLength(column) !== rowCount) {
        throw new TableError(
          'LENGTH_MISMATCH',
          `column ${name} has ${columnLength(column)} rows, ${entries[0]![0]} has ${rowCount}`,
          { name },
        );
      }
      requireValidName(name);
      requireValidColumn(name, column);
    }
    return new Table(new Map(entries), rowCount);
  }

  /**
   * @param rows values by column name; names that `kinds` doesn't list are ignored, absent values are missing
   * @param kinds the columns to make, in order
   * @throws {TableError} INVALID_VALUE naming column, row and value
   * @example Table.fromRows([{ AMOUNT: 12.5, AT: '2024-05-01 10:00:00' }], { AMOUNT: 'number', AT: 'time' });
   */
  static fromRows(rows: readonly object[], kinds: Readonly<Record<string, ColumnKind>>): Table {
    const columns = Object.entries(kinds).map(([name, kind]) => {
      requireValidName(name);
      return [name, columnFromCells(name, kind, rows)] as const;
    });
    return new Table(new Map(columns), rows.length);
  }

  /**
   * Tables with the same columns, one below the other; columns come in the first table's order, dictionaries are merged.
   *
   * @throws {TableError} UNKNOWN_COLUMN when names differ, WRONG_KIND when kinds do
   */
  static concat(tables: readonly Table[]): Table {
    const [first] = tables;
    if (!first) return Table.fromColumns({});
    for (const table of tables) {
      const odd = table.columnNames.find((name) => !first.has(name));
      if (odd !== undefined)
        throw new TableError('UNKNOWN_COLUMN', `concat: column ${odd} is not in the first table`, { name: odd });
    }
    const rowCount = tables.reduce((sum, table) => sum + table.rowCount, 0);
    return first.#mapColumns(
      (_, name) => concatColumns(name, tables.map((table) => table.column(name)) as [Column, ...Column[]]),
      rowCount,
    );
  }

  /** Names in order. */
  get columnNames(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** Whether there is a column of this name. */
  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /**
   * The column of this name.
   * @throws {TableError} UNKNOWN_COLUMN, listing the names there are
   */
  column(name: string): Column {
    const column = this.#columns.get(name);
    if (!column) {
      throw new TableError('UNKNOWN_COLUMN', `no column ${name}; there are ${listNames(this.columnNames)}`, { name });
    }
    return column;
  }

  /** Values of a number column; NaN is missing. @throws {TableError} UNKNOWN_COLUMN or WRONG_KIND */
  number(name: string): Float64Array {
    return this.#ofKind(name, 'number').values;
  }

  /** Epoch milliseconds of a time column; NaN is missing. @throws {TableError} UNKNOWN_COLUMN or WRONG_KIND */
  time(name: string): Float64Array {
    return this.#ofKind(name, 'time').values;
  }

  /** Flags of a flag column, 0 or 1; 255 is missing. @throws {TableError} UNKNOWN_COLUMN or WRONG_KIND */
  flag(name: string): Uint8Array {
    return this.#ofKind(name, 'flag').values;
  }

  /** Codes and dictionary of a category column; code -1 is missing. @throws {TableError} UNKNOWN_COLUMN or WRONG_KIND */
  category(name: string): CategoryColumn {
    return this.#ofKind(name, 'category');
  }

  /** Only these columns, in this order. @throws {TableError} UNKNOWN_COLUMN or DUPLICATE_COLUMN */
  select(names: readonly string[]): Table {
    const columns = new Map<string, Column>();
    for (const name of names) {
      if (columns.has(name)) throw new TableError('DUPLICATE_COLUMN', `select: column ${name} is named twice`, { name });
      columns.set(name, this.column(name));
    }
    return new Table(columns, this.rowCount);
  }

  /** All columns but these. @throws {TableError} UNKNOWN_COLUMN */
  drop(names: readonly string[]): Table {
    for (const name of names) this.column(name);
    return this.select(this.columnNames.filter((name) => !names.includes(name)));
  }

  /** With this column added at the end, or put in the place of the one of the same name. @throws {TableError} LENGTH_MISMATCH */
  with(name: string, column: Column): Table {
    if (this.#columns.size > 0 && columnLength(column) !== this.rowCount) {
      throw new TableError('LENGTH_MISMATCH', `column ${name} has ${columnLength(column)} rows, the table has ${this.rowCount}`, {
        name,
      });
    }
    requireValidName(name);
    requireValidColumn(name, column);
    return new Table(new Map(this.#columns).set(name, column), columnLength(column));
  }

  /** With columns renamed, order kept. @throws {TableError} UNKNOWN_COLUMN, or DUPLICATE_COLUMN when two would share a name */
  rename(newNames: Readonly<Record<string, string>>): Table {
    for (const name of Object.keys(newNames)) this.column(name);
    const columns = new Map<string, Column>();
    for (const [name, column] of this.#columns) {
      const newName = Object.hasOwn(newNames, name) ? newNames[name]! : name;
      requireValidName(newName);
      if (columns.has(newName))
        throw new TableError('DUPLICATE_COLUMN', `rename: two columns would be called ${newName}`, { name: newName });
      columns.set(newName, column);
    }
    return new Table(columns, this.rowCount);
  }

  /** The rows at these positions, in this order; a position may come twice. @throws {TableError} OUT_OF_RANGE */
  take(positions: ArrayLike<number>): Table {
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]!;
      if (!(Number.isInteger(position) && position >= 0 && position < this.rowCount)) {
        throw new TableError('OUT_OF_RANGE', `take: positions[${i}] is ${position}, the table has ${this.rowCount} rows`, {
          position,
        });
      }
    }
    return this.#mapColumns((column) => takeFromColumn(column, positions), positions.length);
  }

  /** The rows for whose position the function says yes, in order. */
  filter(keep: (position: number) => boolean): Table {
    const positions = new Uint32Array(this.rowCount);
    let kept = 0;
    for (let i = 0; i < this.rowCount; i++) if (keep(i)) positions[kept++] = i;
    return this.#mapColumns((column) => takeFromColumn(column, positions.subarray(0, kept)), kept);
  }

  /** The rows [start, end), sharing memory with this table; bounds beyond the table are cut to it, NaN counts as 0. */
  slice(start: number, end = this.rowCount): Table {
    const from = Math.min(Math.max(0, Math.trunc(start) || 0), this.rowCount);
    const to = Math.min(Math.max(from, Math.trunc(end) || 0), this.rowCount);
    return this.#mapColumns((column) => sliceColumn(column, from, to), to - from);
  }

  /**
   * Rows in order of a time column, earliest first; rows of one time keep their order. A table already in order is returned as it is.
   *
   * @throws {TableError} MISSING_TIME naming the first row without a time, since such a row has no place
   */
  sortByTime(name: string): Table {
    const times = this.time(name);
    let sorted = true;
    for (let i = 0; i < times.length; i++) {
      if (Number.isNaN(times[i]!))
        throw new TableError('MISSING_TIME', `sortByTime: column ${name} has no time at row ${i}`, { name, row: i });
      if (i > 0 && times[i]! < times[i - 1]!) sorted = false;
    }
    if (sorted) return this;
    const positions = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
    return this.#mapColumns((column) => takeFromColumn(column, positions), this.rowCount);
  }

  /** One row as values by name; times are Dates, missing values null. @throws {TableError} OUT_OF_RANGE */
  row(position: number): Row {
    if (!(Number.isInteger(position) && position >= 0 && position < this.rowCount)) {
      throw new TableError('OUT_OF_RANGE', `row ${position} is not there, the table has ${this.rowCount} rows`, { position });
    }
    const row: Record<string, Row[string]> = {};
    for (const [name, column] of this.#columns) row[name] = cellAt(column, position);
    return row;
  }

  /** The rows one after the other, as {@link row} gives them. */
  *rows(): IterableIterator<Row> {
    for (let i = 0; i < this.rowCount; i++) yield this.row(i);
  }

  /** All rows; see {@link row}. Meant for small tables. */
  toRows(): Row[] {
    return [...this.rows()];
  }

  /** The columns by name; their arrays are the table's own. */
  toColumns(): Record<string, Column> {
    return Object.fromEntries(this.#columns);
  }

  #ofKind<Kind extends ColumnKind>(name: string, kind: Kind): Extract<Column, { kind: Kind }> {
    const column = this.column(name);
    if (column.kind !== kind) {
      throw new TableError('WRONG_KIND', `column ${name} is ${column.kind}, expected ${kind}`, {
        name,
        kind: column.kind,
        expected: kind,
      });
    }
    return column as Extract<Column, { kind: Kind }>;
  }

  #mapColumns(convert: (column: Column, name: string) => Column, rowCount: number): Table {
    return new Table(new Map([...this.#columns].map(([name, column]) => [name, convert(column, name)])), rowCount);
  }
}

/** `__proto__` can't be a member of a row, and a name must say something. */
function requireValidName(name: string): void {
  if (name !== '' && name !== '__proto__') return;
  throw new TableError('INVALID_VALUE', `a column can't be called ${JSON.stringify(name)}; rename it`, { name });
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ') || 'none';
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
