/** A feature set as one SQL statement, so that a database computes the features where the transactions are. */
import type { CombinedFeature, FeatureDefinition } from '../definitions/feature-definition.js';
import type { FeatureSet } from '../definitions/feature-set.js';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { rowSql } from './row-sql.js';
import { SourceColumns } from './source-columns.js';
import { SOURCE_TABLE, sqlColumn, sqlName } from './sql-text.js';
import { SqlFrames, windowSql } from './window-sql.js';

/** Options of {@link featuresToSql}. */
export interface FeaturesToSqlOptions {
  /** Whose SQL to write. */
  readonly dialect: 'duckdb';
  /** The table or view with the transactions; `['archive', 'payments']` is `payments` in the schema `archive`. */
  readonly table: string | readonly string[];
  /**
   * The column that says which of the transactions of one moment came first, such as a serial number. Default: `rowid`, the order in
   * which rows were put into a table; a view has none.
   */
  readonly order?: string;
  /** Columns of the table to select in front of the features, such as the transaction's id. Default: none. */
  readonly keep?: readonly string[];
}

/**
 * One SELECT statement that gives what `features.compute` gives, a column a feature, in order of event time and then of
 * {@link FeaturesToSqlOptions.order}. Missing values are NULL. Sums are of whole minor units, so they are exact; divisions, roots and
 * distances may differ in the last bits.
 *
 * The table has a column for each field that the features use, also for those that aren't required, under its name (the database refuses
 * the statement otherwise): numbers of any type, text, booleans, and timestamps
 * (without a zone they are UTC).
 *
 * Not supported, since a frame of SQL can't hold it: windows of transactions that arrive late (`arrival`), labels that are known at
 * recorded moments (`label.knownAt`), clocks of time zones, whose rules a database takes from elsewhere, and fitted encodings.
 *
 * @param features the set
 * @throws {FeatureError} NOT_SUPPORTED naming the feature and the reason, INVALID_OPTION, also for columns whose names differ only in case
 * @example
 * const sql = featuresToSql(handbookFeatures, { dialect: 'duckdb', table: 'transactions', keep: ['TRANSACTION_ID'] });
 * const features = await connection.run(`CREATE TABLE features AS ${sql}`);
 */
export function featuresToSql(
  features: Pick<FeatureSet, 'names' | 'definitions' | 'transactions'>,
  { dialect, table, order, keep = [] }: FeaturesToSqlOptions,
): string {
  if (dialect !== 'duckdb')
    throw new FeatureError('INVALID_OPTION', `featuresToSql: dialect is ${String(dialect)}, expected duckdb`, { dialect });
  const tableName = typeof table === 'string' ? [table] : table;
  if (tableName.length < 1 || tableName.length > 3) {
    const message = `featuresToSql: table is ${JSON.stringify(table)}, expected a name, or up to three: catalog, schema and table`;
    throw new FeatureError('INVALID_OPTION', message, { table });
  }
  const { names, definitions, transactions } = features;
  for (const name of names) requireSupported(name, definitions[name]!, transactions);
  const columns = new SourceColumns(transactions);
  const frames = new SqlFrames();
  const simple = names.flatMap((name, i) => {
    const definition = definitions[name]!;
    if (isCombined(definition)) return [];
    const expression =
      definition.type === 'window'
        ? windowSql(definition, transactions, columns, frames)
        : rowSql(definition, transactions, columns);
    return [`(${expression})::DOUBLE AS x${i}`];
  });
  requireDistinct([transactions.time, ...(order === undefined ? [] : [order]), ...keep, ...columns.fields]);
  const kept = keep.map((column, i) => `${sqlColumn(column)} AS k${i}`);
  const [time, from] = [sqlColumn(transactions.time), tableName.map(sqlName).join('.')];
  const rowOrder = sqlColumn(order ?? 'rowid');
  const missing = `error('${transactions.time.replaceAll("'", "''")} is missing; every transaction needs its time')::BIGINT`;
  const source = [
    `coalesce(epoch_ms(${time}), ${missing}) AS t`,
    `row_number() OVER (ORDER BY ${time}, ${rowOrder}) AS r`,
    ...kept,
    ...columns.selected(),
  ];
  const keptNames = keep.map((_, i) => `k${i}`);
  const layers = combinedLayers(names, definitions);
  const last = layers.length === 0 ? 'simple' : `layer${layers.length}`;
  const outputs = [...keep.map((name, i) => `k${i} AS ${sqlName(name)}`), ...names.map((name, i) => `x${i} AS ${sqlName(name)}`)];
  return [
    `WITH source AS (\n  SELECT ${source.join(',\n    ')}\n  FROM ${from} AS ${SOURCE_TABLE}\n)`,
    `, framed AS (\n  SELECT ${['*', ...frames.selected()].join(',\n    ')}\n  FROM source${frames.clause()}\n)`,
    `, simple AS (\n  SELECT ${['r', ...keptNames, ...simple].join(',\n    ')}\n  FROM framed\n)`,
    ...layers.map(
      (layer, i) =>
        `, layer${i + 1} AS (\n  SELECT ${['*', ...layer].join(',\n    ')}\n  FROM ${i === 0 ? 'simple' : `layer${i}`}\n)`,
    ),
    `SELECT ${outputs.join(',\n  ')}\nFROM ${last}\nORDER BY ${last}.r`,
  ].join('\n');
}

/** SQL's names don't tell cases apart: one column would be read in place of the other. */
function requireDistinct(columns: readonly string[]): void {
  const spellings = new Map<string, string>();
  for (const column of columns) {
    const other = spellings.get(column.toLowerCase()) ?? column;
    if (other !== column) {
      const message = `featuresToSql: the columns ${other} and ${column} differ only in case, which are one name in SQL; rename one`;
      throw new FeatureError('INVALID_OPTION', message, { columns: [other, column] });
    }
    spellings.set(column.toLowerCase(), column);
  }
}

function isCombined(definition: FeatureDefinition): definition is CombinedFeature {
  return definition.type === 'ratio' || definition.type === 'difference';
}

/** Expressions of combined features in layers, each made of those in front of it. */
function combinedLayers(names: readonly string[], definitions: Readonly<Record<string, FeatureDefinition>>): string[][] {
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const definition = definitions[name]!;
    if (!isCombined(definition)) return 0;
    const known = depths.get(name) ?? 1 + Math.max(...definition.of.map(depthOf));
    depths.set(name, known);
    return known;
  };
  const layers: string[][] = [];
  names.forEach((name, i) => {
    const definition = definitions[name]!;
    if (!isCombined(definition)) return;
    const [left, right] = definition.of.map((part) => `x${names.indexOf(part)}`) as [string, string];
    const expression = definition.type === 'ratio' ? `${left} / nullif(${right}, 0)` : `${left} - ${right}`;
    const depth = depthOf(name) - 1;
    (layers[depth] ??= []).push(`${expression} AS x${i}`);
  });
  return layers;
}

function requireSupported(name: string, definition: FeatureDefinition, { arrival, label }: TransactionsDefinition): void {
  if ('timeZone' in definition && definition.timeZone !== undefined) {
    throw notSupported(name, `goes by the clock of ${definition.timeZone}, whose rules a database takes from elsewhere`);
  }
  if (definition.type === 'targetEncoding' || definition.type === 'frequencyEncoding') {
    throw notSupported(name, `is a ${definition.type}, which is looked up in what was fitted`);
  }
  if (definition.type !== 'window') return;
  if (arrival !== undefined) {
    throw notSupported(name, `is a window of transactions that may arrive late (${arrival}), which no window frame can hold`);
  }
  if (definition.aggregate === 'risk' && label?.knownAt !== undefined) {
    throw notSupported(
      name,
      `counts labels from the moment at which each is known (${label.knownAt}), which no window frame can do`,
    );
  }
}

function notSupported(name: string, reason: string): FeatureError {
  return new FeatureError(
    'NOT_SUPPORTED',
    `featuresToSql: ${name} ${reason}; compute it with features.compute(), and leave it out of the set for SQL`,
    { feature: name },
  );
}
