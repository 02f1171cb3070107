/** Runs as a terminal shows them. Tables take no more than the terminal's width: long texts are cut, and columns that have no room are left out and counted. */
import { formatDecimals, formatValue } from '@fraudops/core';
import type { MetricComparison, RunComparison, RunRecord, RunStatus } from '@fraudops/registry';
import { durationText } from './number-text.js';
import { plainText } from './plain-text.js';
import { type Emphasis, type Stylist, visibleLength } from './terminal-style.js';
import { type TextColumn, renderTable } from './text-table.js';

/** Where a table is shown. */
export interface TablePlace {
  readonly style: Stylist;
  /** Characters; undefined where no person looks, and nothing has to be left out. */
  readonly width?: number;
}

/** Space before a table and between its columns. */
const INDENT = 2;
const GAP = 2;
/** Most characters of a text in a column. */
const LONGEST_CELL = 24;
/** The same where runs stand side by side. */
const LONGEST_COMPARED = 16;
/** Fewest characters of an id: those that say when the run was started. */
const SHORTEST_ID = 9;
/** Columns of metrics and parameters when there is no width that bounds them. */
const MOST_COLUMNS = 12;

const STATUS_EMPHASIS: Readonly<Record<RunStatus, Emphasis>> = {
  running: 'accent',
  finished: 'good',
  failed: 'bad',
  killed: 'warning',
  crashed: 'bad',
};

interface Column extends TextColumn {
  readonly cells: readonly string[];
}

/** Runs one below the other. Metrics and parameters that were asked for come first, and those that all runs share. */
export function renderRunsTable(runs: readonly RunRecord[], place: TablePlace & { readonly asked: string }): string {
  const ids = shortIds(runs.map(({ id }) => id));
  const fixed: Column[] = [
    { title: 'run', cells: ids.map((id) => place.style('accent', id)) },
    { title: 'started', cells: runs.map(({ startedMs }) => timeText(startedMs).slice(0, -3)) },
    { title: 'status', cells: runs.map(({ status }) => place.style(STATUS_EMPHASIS[status], status)) },
  ];
  const metrics = byUse(runs.map((run) => run.metrics)).map((name) => metricColumn(name, runs));
  const params = byUse(runs.map((run) => run.params)).flatMap((name) =>
    several(
      name,
      runs.map((run) => run.params[name]),
    ),
  );
  const isAsked = ({ title }: Column) => place.asked.includes(title);
  const values = [...metrics, ...params];
  const wanted = [
    ...values.filter(isAsked),
    ...several(
      'experiment',
      runs.map(({ experiment }) => experiment),
    ),
    ...filled(
      'name',
      runs.map(({ name }) => name),
    ),
    ...values.filter((column) => !isAsked(column)),
  ];
  const { shown, leftOut } = fit(fixed, wanted, place.width);
  const table = renderTable(
    shown,
    ids.map((_, row) => shown.map(({ cells }) => cells[row]!)),
  );
  if (leftOut.length === 0) return table;
  const names = leftOut.map(({ title }) => title);
  return `${table}\n${place.style('quiet', `  no room for ${summary(names, (place.width ?? 100) - 20)}`)}`;
}

/** All that is known of a run. */
export function renderRunDetails(run: RunRecord, children: readonly RunRecord[], place: TablePlace): string {
  const { style } = place;
  const width = place.width ?? Number.POSITIVE_INFINITY;
  const facts = factsOf(run, style);
  const labelWidth = Math.max(...facts.map(([label]) => label.length));
  const lines = facts.map(
    ([label, value]) => `  ${style('quiet', label.padEnd(labelWidth))}  ${cut(value, width - labelWidth - 4)}`,
  );
  const metrics = Object.entries(run.metrics).map(([name, { value, step }]) => [
    plainText(name, LONGEST_CELL * 2),
    valueText(value),
    String(step),
  ]);
  const valueWidth = Math.max(LONGEST_CELL, width - INDENT - GAP - LONGEST_CELL * 2);
  const entries = (values: Readonly<Record<string, unknown>>) =>
    Object.entries(values).map(([name, value]) => [plainText(name, LONGEST_CELL * 2), plainText(String(value), valueWidth)]);
  const sections: [string, TextColumn[], string[][]][] = [
    ['metrics', [{ title: 'metric' }, { title: 'value', align: 'right' }, { title: 'step', align: 'right' }], metrics],
    ['params', [{ title: 'parameter' }, { title: 'value' }], entries(run.params)],
    ['tags', [{ title: 'tag' }, { title: 'value' }], entries(run.tags)],
    [
      'inputs',
      [{ title: 'data' }, { title: 'for' }, { title: 'rows', align: 'right' }, { title: 'fingerprint' }],
      inputRows(run),
    ],
    ['files', [{ title: 'file' }, { title: 'bytes', align: 'right' }, { title: 'SHA-256' }], fileRows(run)],
    ['parts', [{ title: 'part' }, { title: 'status' }, { title: 'name' }], childRows(children, style)],
  ];
  const tables = sections.flatMap(([, columns, rows]) => (rows.length === 0 ? [] : ['', renderTable(columns, rows)]));
  return [style('heading', run.id), ...lines, ...tables].join('\n');
}

/** Runs side by side, as many in a block as fit; the first run is in each block. */
export function renderRunComparison({ runs, params, equalParams, metrics }: RunComparison, place: TablePlace): string {
  const ids = shortIds(runs.map(({ id }) => id));
  const decimals = metrics.map(({ values }) => decimalsOf(values));
  const columns = runs.map((run, i): Column => {
    const texts = [run.name, ...params.map(({ values }) => values[i])];
    const metricCells = metrics.map((metric, row) => differenceText(metric, i, decimals[row]));
    const status = place.style(STATUS_EMPHASIS[run.status], run.status);
    return {
      title: ids[i]!,
      align: 'right',
      cells: [status, ...texts.map((text) => cellText(text, LONGEST_COMPARED)), ...metricCells],
    };
  });
  const names = ['status', 'name', ...params.map(({ name }) => name), ...metrics.map(({ name }) => name)];
  const fixed = [{ title: '', cells: names.map((name) => plainText(name, LONGEST_CELL)) }, columns[0]!];
  const blocks = inBlocks(fixed, columns.slice(1), place.width).map((block) =>
    renderTable(
      block,
      names.map((_, row) => block.map(({ cells }) => cells[row]!)),
    ),
  );
  const equal = summary(equalParams, (place.width ?? 100) - 20);
  return [blocks.join('\n\n'), ...(equalParams.length > 0 ? [place.style('quiet', `  equal in all: ${equal}`)] : [])].join('\n');
}

function factsOf(run: RunRecord, style: Stylist): [string, string][] {
  const { codeVersion, codeDirty, environment } = run;
  const lastedMs = run.endedMs === undefined ? undefined : run.endedMs - run.startedMs;
  const facts: [string, string | undefined][] = [
    ['experiment', run.experiment],
    ['name', run.name],
    ['status', style(STATUS_EMPHASIS[run.status], run.status)],
    ['started', timeText(run.startedMs)],
    ['ended', run.endedMs === undefined ? undefined : `${timeText(run.endedMs)}, after ${durationText(lastedMs!)}`],
    ['last heard of', run.endedMs === undefined ? timeText(run.heartbeatMs) : undefined],
    ['deleted', run.deletedMs === undefined ? undefined : timeText(run.deletedMs)],
    ['part of', run.parentRunId],
    ['by', run.user],
    ['seed', run.seed === undefined ? undefined : String(run.seed)],
    ['code', codeVersion === undefined ? undefined : `${codeVersion}${codeDirty ? ', changed since' : ''}`],
    [
      'environment',
      environment &&
        `node ${environment.node}, ${environment.platform} ${environment.arch}, ${Object.keys(environment.packages).length} packages`,
    ],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function inputRows({ inputs }: RunRecord): string[][] {
  return inputs.map(({ name, context = '', rows, fingerprint }) => [
    plainText(name, LONGEST_CELL),
    plainText(context, LONGEST_CELL),
    rows === undefined ? '' : formatValue(rows),
    plainText(fingerprint, LONGEST_CELL),
  ]);
}

function fileRows({ artifacts }: RunRecord): string[][] {
  return artifacts.map(({ path, sizeBytes, sha256 }) => [
    plainText(path, LONGEST_CELL * 2),
    formatValue(sizeBytes),
    `${sha256.slice(0, 12)}…`,
  ]);
}

function childRows(children: readonly RunRecord[], style: Stylist): string[][] {
  return children.map(({ id, status, name = '' }) => [id, style(STATUS_EMPHASIS[status], status), plainText(name, LONGEST_CELL)]);
}

/** Takes of the wanted columns as many as the width has room for. */
function fit(
  fixed: readonly Column[],
  wanted: readonly Column[],
  width: number | undefined,
): { shown: Column[]; leftOut: Column[] } {
  let left = (width ?? Number.POSITIVE_INFINITY) - INDENT - fixed.reduce((sum, column) => sum + widthOf(column) + GAP, -GAP);
  const shown = [...fixed];
  const leftOut: Column[] = [];
  for (const column of wanted) {
    const needed = widthOf(column) + GAP;
    if (needed <= left && shown.length - fixed.length < MOST_COLUMNS) {
      shown.push(column);
      left -= needed;
    } else {
      leftOut.push(column);
    }
  }
  return { shown, leftOut };
}

function widthOf({ title, cells }: Column): number {
  return Math.max(title.length, ...cells.map(visibleLength));
}

/** All columns, in blocks that the width has room for; each begins with the fixed ones and has one more at least. */
function inBlocks(fixed: readonly Column[], columns: readonly Column[], width = Number.POSITIVE_INFINITY): Column[][] {
  const room = width - INDENT - fixed.reduce((sum, column) => sum + widthOf(column) + GAP, -GAP);
  const blocks: Column[][] = [[...fixed]];
  let left = room;
  for (const column of columns) {
    const needed = widthOf(column) + GAP;
    if (needed > left && blocks.at(-1)!.length > fixed.length) {
      blocks.push([...fixed]);
      left = room;
    }
    blocks.at(-1)!.push(column);
    left -= needed;
  }
  return blocks;
}

/** The shortest beginnings, of at least nine characters, that tell ids apart. */
function shortIds(ids: readonly string[]): string[] {
  const different = new Set(ids).size;
  const longest = Math.max(0, ...ids.map(({ length }) => length));
  let length = SHORTEST_ID;
  while (length < longest && new Set(ids.map((id) => id.slice(0, length))).size < different) length++;
  return ids.map((id) => id.slice(0, length).replace(/[-._]+$/, ''));
}

/** Names in order of how many have them. */
function byUse(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  const counts = new Map<string, number>();
  for (const record of records) for (const name of Object.keys(record)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
}

function metricColumn(name: string, runs: readonly RunRecord[]): Column {
  const values = runs.map(({ metrics }) => metrics[name]?.value);
  const decimals = decimalsOf(values);
  return { title: plainText(name, LONGEST_CELL), align: 'right', cells: values.map((value) => valueText(value, decimals)) };
}

/** A column unless all its cells are the same. */
function several(title: string, values: readonly (string | number | boolean | undefined)[]): Column[] {
  return values.every((value) => value === values[0]) ? [] : filled(title, values);
}

/** A column unless all its cells are empty. */
function filled(title: string, values: readonly (string | number | boolean | undefined)[]): Column[] {
  if (values.every((value) => value === undefined)) return [];
  const cells = values.map((value) => cellText(value, LONGEST_CELL));
  const align = values.every((value) => value === undefined || typeof value === 'number') ? 'right' : 'left';
  return [{ title: plainText(title, LONGEST_CELL), align, cells }];
}

/** Decimals that show all values to four digits; undefined where one is too large or too small to be written out. */
function decimalsOf(values: readonly (number | null | undefined)[]): number | undefined {
  const texts = values.filter((value) => typeof value === 'number').map(formatValue);
  if (texts.some((text) => !/^\S?[\d,]+(\.\d+)?$/.test(text))) return undefined;
  return Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
}

/** A dash for what is not defined, nothing for what is missing. */
function valueText(value: number | null | undefined, decimals?: number): string {
  if (value === undefined) return '';
  if (value === null) return '–';
  return decimals === undefined ? formatValue(value) : formatDecimals(value, decimals);
}

function differenceText({ values, differences }: MetricComparison, i: number, decimals: number | undefined): string {
  const text = valueText(values[i], decimals);
  const difference = differences[i];
  if (i === 0 || difference === undefined) return text;
  return `${text} (${difference > 0 ? '+' : ''}${valueText(difference, decimals)})`;
}

function cellText(value: string | number | boolean | undefined, longest: number): string {
  return value === undefined ? '' : plainText(String(value), longest);
}

function summary(names: readonly string[], longest: number): string {
  return plainText(`${names.length > 1 ? `${names.length}: ` : ''}${names.join(', ')}`, Math.max(LONGEST_CELL, longest));
}

function cut(text: string, longest: number): string {
  return visibleLength(text) <= longest ? text : plainText(text, Math.max(LONGEST_CELL, longest));
}

function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
}
