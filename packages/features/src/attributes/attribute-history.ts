/**
 * Attributes of customers, merchants or cards that change now and then, and what was known of them at a moment: "as of" joins.
 *
 * An attribute history holds versions. Version (key, validFrom, knownAt, attributes) says that from `validFrom` on the key has these
 * attributes, and that one knew so from `knownAt` on. A transaction at time t sees a version only when `knownAt` <= t and `validFrom` <= t;
 * of those that it sees, the one with the latest `validFrom` holds, then with the latest `knownAt`, then the last row. So a correction that
 * was entered in May never reaches a transaction of April, in training as little as it could in the service.
 *
 * {@link AttributeHistory.join} adds the attributes to a table of transactions, {@link AttributeHistory.enrich} to a single event; both look
 * up the same versions and give the same values.
 */
import { type Row, Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { anyField, categoryCell, readTime } from '../windows/event-cell.js';
import { cellReader, columnOfVersions, rowCell } from './attribute-cells.js';
import { type AttributeVersion, AttributeVersions } from './attribute-versions.js';
import { type AttributeLayout, attributeLayout, requireTimes } from './attribute-layout.js';

/** What {@link attributeHistory} takes besides the table. */
export interface AttributeHistoryOptions {
  /** Category column that says whose attributes they are, such as `CUSTOMER_ID`. */
  readonly key: string;
  /** Time column: from when on the attributes hold. */
  readonly validFrom: string;
  /** Time column: from when on one knew of them. Default: known when they begin to hold. */
  readonly knownAt?: string;
  /** Columns with the attributes. Default: all others. */
  readonly attributes?: readonly string[];
  /** Most versions kept of one key. Beyond it the oldest are dropped: what they said is missing then. Default 1,000; at most 1,000,000. */
  readonly maxVersionsPerKey?: number;
  /** Most keys; adding more is refused. Default 1,000,000; at most 16,000,000. */
  readonly maxKeys?: number;
}

/** Where a transaction says whose attributes it wants, and as of when. */
export interface AsOfOptions {
  /** The transaction's category field with the key, such as `CUSTOMER_ID`. A missing key has no attributes. */
  readonly on: string;
  /** The transaction's time field; for transactions with an arrival, that one. */
  readonly at: string;
  /** Comes before the attributes' names. Default: nothing. */
  readonly prefix?: string;
}

/** See {@link attributeHistory}. */
export interface AttributeHistory {
  /** Names of the attributes, in order. */
  readonly attributes: readonly string[];
  /**
   * The table with the attributes as of each row added behind its columns. Rows can be in any order. Takes time for one look-up a row.
   *
   * @returns columns named prefix + attribute, missing where the key is missing or has no version that the row sees
   * @throws {FeatureError} MISSING_COLUMN, WRONG_KIND, MISSING_VALUE for a row without time, or DUPLICATE_NAME when the table has a column of
   *   such a name
   */
  join(table: Table, options: AsOfOptions): Table;
  /**
   * The event with its attributes: for an event of a table's row, the same values as {@link AttributeHistory.join} gives that row.
   *
   * @returns a copy; missing attributes are null, times are Dates
   * @throws {FeatureError} MISSING_VALUE or INVALID_VALUE naming the field, or DUPLICATE_NAME when the event has a field of such a name
   */
  enrich(event: object, options: AsOfOptions): Row;
  /**
   * Adds a version, which counts from its times on, also when it comes late.
   *
   * @param row cells by the names of the table's columns
   * @throws {FeatureError} MISSING_VALUE, or TOO_LARGE for a new key beyond `maxKeys`; nothing is changed then
   * @throws {TableError} INVALID_VALUE for a cell that its column can't hold; nothing is changed then
   */
  observe(row: object): void;
  /** Drops all versions of a key; false when there are none. */
  forget(key: string): boolean;
  /** How much is kept. */
  memory(): AttributeMemory;
  /**
   * The versions as a table of the same columns, from which {@link attributeHistory} makes an equal history. Versions that hold at no moment,
   * since another one beat them from the start, are left out.
   */
  toTable(): Table;
}

/** See {@link AttributeHistory.memory}. */
export interface AttributeMemory {
  readonly keys: number;
  readonly versions: number;
  /** Versions dropped because of `maxVersionsPerKey`, so far. */
  readonly versionsDropped: number;
}

/**
 * Makes a history of attributes.
 *
 * @param table one version a row, in any order
 * @throws {FeatureError} MISSING_COLUMN, WRONG_KIND or MISSING_VALUE, naming column and row; DUPLICATE_NAME when a column has two roles;
 *   INVALID_OPTION; TOO_LARGE when there are more than `maxKeys` keys
 * @example
 * const customers = attributeHistory(table, { key: 'CUSTOMER_ID', validFrom: 'SINCE', knownAt: 'ENTERED_AT' });
 * const asOf = { on: 'CUSTOMER_ID', at: 'TX_DATETIME', prefix: 'CUSTOMER_' };
 * const matrix = features.compute(customers.join(history, asOf)); // training
 * online.featuresFor(customers.enrich(event, asOf)); // service
 * customers.observe({ CUSTOMER_ID: 'C1', SINCE: '2024-05-01', ENTERED_AT: '2024-05-03', TIER: 'gold' });
 */
export function attributeHistory(table: Table, options: AttributeHistoryOptions): AttributeHistory {
  const { maxVersionsPerKey = 1_000, maxKeys = 1_000_000 } = options;
  requireLimit('maxVersionsPerKey', maxVersionsPerKey, 1_000_000);
  requireLimit('maxKeys', maxKeys, 16_000_000);
  const history = new InMemoryAttributes(attributeLayout(table, options), { maxVersionsPerKey, maxKeys });
  history.addAll(table);
  return history;
}

function requireLimit(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  const message = `attributeHistory: ${name} is ${value}, expected a whole number from 1 to ${most}`;
  throw new FeatureError('INVALID_OPTION', message, { name, value });
}

class InMemoryAttributes implements AttributeHistory {
  readonly #layout: AttributeLayout;
  readonly #limits: { readonly maxVersionsPerKey: number; readonly maxKeys: number };
  readonly #byKey = new Map<string, AttributeVersions>();
  #added = 0;
  #dropped = 0;

  constructor(layout: AttributeLayout, limits: { readonly maxVersionsPerKey: number; readonly maxKeys: number }) {
    this.#layout = layout;
    this.#limits = limits;
  }

  get attributes(): readonly string[] {
    return this.#layout.attributes;
  }

  /** Adds all versions of a table, or none. */
  addAll(table: Table): void {
    const { key, validFrom, knownAt, attributes } = this.#layout;
    const validFromMs = requireTimes('attributeHistory', table, validFrom);
    const knownAtMs = knownAt === undefined ? validFromMs : requireTimes('attributeHistory', table, knownAt);
    const keys = this.#requireKeys(table);
    const readers = attributes.map((name) => cellReader(table.column(name)));
    const { codes } = table.category(key);
    for (let row = 0; row < table.rowCount; row++) {
      const cells = readers.map((read) => read(row));
      const version = { validFromMs: validFromMs[row]!, knownAtMs: knownAtMs[row]!, order: this.#added++, cells };
      this.#add(keys[codes[row]!]!, version);
    }
  }

  join(table: Table, { on, at, prefix = '' }: AsOfOptions): Table {
    const { attributes, kinds } = this.#layout;
    requireColumnOf(table, on, 'category');
    requireColumnOf(table, at, 'time');
    const taken = attributes.find((name) => table.has(prefix + name));
    if (taken !== undefined) throw nameTaken('the table', prefix + taken);
    const { codes, dictionary } = table.category(on);
    const epochMs = requireTimes('join', table, at);
    const histories = dictionary.map((key) => this.#byKey.get(key));
    const versions = Array.from(codes, (code, row) => (code < 0 ? undefined : histories[code]?.at(epochMs[row]!)));
    let joined = table;
    for (const [i, name] of attributes.entries()) {
      joined = joined.with(prefix + name, columnOfVersions(kinds[name]!, versions, i));
    }
    return joined;
  }

  enrich(given: object, { on, at, prefix = '' }: AsOfOptions): Row {
    const event = given as Row;
    const { attributes, kinds } = this.#layout;
    const key = categoryCell(event, anyField(on, false));
    const epochMs = new Float64Array(1);
    readTime(event, anyField(at, true), epochMs);
    const version = key === undefined ? undefined : this.#byKey.get(key)?.at(epochMs[0]!);
    const enriched: Record<string, Row[string]> = { ...event };
    for (const [i, name] of attributes.entries()) {
      if (Object.hasOwn(event, prefix + name)) throw nameTaken('the event', prefix + name);
      enriched[prefix + name] = rowCell(kinds[name]!, version?.cells[i]);
    }
    return enriched;
  }

  observe(row: object): void {
    this.addAll(Table.fromRows([row], this.#layout.kinds));
  }

  forget(key: string): boolean {
    return this.#byKey.delete(key);
  }

  memory(): AttributeMemory {
    let versions = 0;
    for (const { size } of this.#byKey.values()) versions += size;
    return { keys: this.#byKey.size, versions, versionsDropped: this.#dropped };
  }

  toTable(): Table {
    const { key, validFrom, knownAt, attributes, kinds } = this.#layout;
    const keys: string[] = [];
    const versions: AttributeVersion[] = [];
    for (const [of, history] of this.#byKey) {
      for (const version of history.all()) {
        keys.push(of);
        versions.push(version);
      }
    }
    const cells = versions.map((version, i) => ({
      ...version,
      cells: [keys[i], version.validFromMs, version.knownAtMs, ...version.cells],
    }));
    const names = [key, validFrom, ...(knownAt === undefined ? [] : [knownAt]), ...attributes];
    const places = [0, 1, ...(knownAt === undefined ? [] : [2]), ...attributes.map((_, i) => 3 + i)];
    const columns = names.map((name, i) => [name, columnOfVersions(kinds[name]!, cells, places[i]!)] as const);
    return Table.fromColumns(Object.fromEntries(columns));
  }

  /** The keys of a table's dictionary. Nothing is changed when a row has none, or when they would be too many. */
  #requireKeys(table: Table): readonly string[] {
    const { key } = this.#layout;
    const { codes, dictionary } = table.category(key);
    const row = codes.findIndex((code) => code < 0);
    if (row >= 0) {
      const message = `attributeHistory: column ${key} is missing at row ${row}, expected a key; leave such rows out`;
      throw new FeatureError('MISSING_VALUE', message, { column: key, row });
    }
    const used = new Uint8Array(dictionary.length);
    for (const code of codes) used[code] = 1;
    const keys = dictionary.reduce(
      (count, name, code) => count + (used[code] && !this.#byKey.has(name) ? 1 : 0),
      this.#byKey.size,
    );
    if (keys <= this.#limits.maxKeys) return dictionary;
    const message = `attributeHistory: ${keys} keys, at most ${this.#limits.maxKeys} are allowed; raise maxKeys, or forget() keys`;
    throw new FeatureError('TOO_LARGE', message, { keys });
  }

  #add(key: string, version: AttributeVersion): void {
    let history = this.#byKey.get(key);
    if (!history) this.#byKey.set(key, (history = new AttributeVersions()));
    if (history.add(version, this.#limits.maxVersionsPerKey)) this.#dropped++;
  }
}

function requireColumnOf(table: Table, name: string, kind: 'category' | 'time'): void {
  if (!table.has(name)) {
    const message = `join: the table lacks the column ${name}; it has ${table.columnNames.join(', ')}`;
    throw new FeatureError('MISSING_COLUMN', message, { column: name });
  }
  const found = table.column(name).kind;
  if (found !== kind)
    throw new FeatureError('WRONG_KIND', `join: column ${name} is a ${found}, expected a ${kind}`, { column: name });
}

function nameTaken(where: string, name: string): FeatureError {
  const message = `attributes: ${where} has ${name} already; give a prefix, such as { prefix: 'CUSTOMER_' }`;
  return new FeatureError('DUPLICATE_NAME', message, { name });
}
