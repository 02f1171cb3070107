/**
 * Features over history. A table in order of event time is itself the log of all windows: each window has two ends that move forward over
 * the table, and per entity it gains what enters and loses what leaves. Nothing is sorted or moved, and no total runs over more than one
 * window, so however much a history holds, only what stands in one window has to be exact. Time and memory grow linearly with the rows,
 * however long the windows are. Tables in which transactions come late are grouped by entity first.
 */
import { type Progress, type ProgressTask, Table, numberColumn, silentProgress } from '@fraudops/core';
import { rowFeature } from '../rows/row-feature.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { computeWindow } from './compute-window.js';
import { EntityRowsSource } from './entity-rows.js';
import type { FeaturePlan } from './feature-plan.js';
import { ratioValue } from './feature-value.js';
import { requireHistory } from './history-rules.js';

/** Computes a plan's features; see `FeatureSet.compute`. */
export function computeFeatures(
  plan: FeaturePlan,
  transactions: TransactionsDefinition,
  table: Table,
  progress: Progress = silentProgress,
): Table {
  requireHistory(plan, transactions, table);
  const task = progress.task('Computing features', { total: plan.names.length, unit: 'features' });
  const columns = rowColumns(plan, transactions, table);
  task.advance(plan.rows.length);
  const source = new EntityRowsSource(table, transactions);
  for (const entity of plan.entities) {
    const rows = source.rowsFor(entity);
    for (const window of entity.windows) {
      for (const { slot } of window.reads) columns[slot] = new Float64Array(table.rowCount);
      if (rows.rows !== undefined) for (const { slot } of window.reads) columns[slot]!.fill(Number.NaN);
      computeWindow(rows, window, columns);
      advanceBy(task, plan, window.reads);
    }
  }
  return finishedTable(plan, columns, task);
}

/** Columns by slot, with those of row features filled in. */
export function rowColumns(plan: FeaturePlan, transactions: TransactionsDefinition, table: Table): Float64Array[] {
  const columns: Float64Array[] = [];
  for (const { slot, definition } of plan.rows) columns[slot] = rowFeature(definition, transactions).column(table);
  return columns;
}

/** Tells of the features among these slots; others are only parts of some. */
export function advanceBy(task: ProgressTask, { names }: FeaturePlan, slots: readonly { readonly slot: number }[]): void {
  task.advance(slots.filter(({ slot }) => slot < names.length).length);
}

/** The features, once the columns that combined ones are made of are there. */
export function finishedTable(plan: FeaturePlan, columns: Float64Array[], task: ProgressTask): Table {
  for (const { type, slot, left, right, leftScale, rightScale } of plan.combined) {
    const lefts = columns[left]!;
    const rights = columns[right]!;
    const values = new Float64Array(lefts.length);
    for (let row = 0; row < values.length; row++) {
      values[row] = type === 'ratio' ? ratioValue(lefts[row]!, leftScale, rights[row]!, rightScale) : lefts[row]! - rights[row]!;
    }
    columns[slot] = values;
  }
  advanceBy(task, plan, plan.combined);
  const table = Table.fromColumns(Object.fromEntries(plan.names.map((name, i) => [name, numberColumn(columns[i]!)])));
  task.done(`${plan.names.length} features of ${table.rowCount} transactions`);
  return table;
}
