/**
 * Runs as a terminal shows them. Tables take no more than the terminal's width: long texts are cut, and columns that have no room are left
 * out and named below.
 */
import { formatDecimals, formatValue } from '@fraudops/core';
import type { MetricComparison, RunComparison, RunRecord, RunStatus } from '@fraudops/registry';
import { durationText } from './number-text.js';
import { plainText } from './plain-text.js';
import { type Emphasis, type Stylist, visibleLength } from './terminal-style.js';
import { type TextColumn, renderTable } from './text-table.js';
import { wrapText } from './wrapped-text.js';

/** Where a table is shown. */
export interface TablePlace {
  readonly style: Stylist;
  /** Characters; undefined where no person looks, and nothing has to be left out. */
  readonly width?: number;
}

/** Most characters of a text that is not cut. */
const LONGEST_LINE = 1_000;
/** Digits of a number that is no metric: 0.1 + 0.05 is 0.15, and what differs is seen to. */
const SHOWN_DIGITS = 12;
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
  /** The title before it was cut. Default: the title. */
  readonly name?: string;
  readonly cells: readonly string[];
}

/** What {@link renderRunsTable} shows first, or alone. */
interface WantedColumns {
  /** Text that names metrics and parameters. */
  readonly asked: string;
  /** Metrics, parameters, `experiment` and `name`: these and no others, in this order. */
  readonly columns?: readonly string[];
}

/** Runs one below the other. Metrics and parameters that were asked for come first, and those that all runs share. */
export function renderRunsTable(runs: readonly RunRecord[], place: TablePlace & WantedColumns): string {
  const ids = shortIds(runs.map(({ id }) => id));
  const fixed: Column[] = [
    { title: 'run', cells: ids.map((id) => place.style('accent', id)) },
    { title: 'started', cells: runs.map(({ startedMs }) => timeText(startedMs).slice(0, -3)) },
    { title: 'status', cells: runs.map(({ status }) => place.style(STATUS_EMPHASIS[status], status)) },
  ];
  const wanted = place.columns?.map((name) => columnOf(name, runs)) ?? usualColumns(runs, place.asked);
  const { shown, leftOut } = fit(fixed, wanted, place.width);
  const table = renderTable(
    shown,
    ids.map((_, row) => shown.map(({ cells }) => cells[row]!)),
  );
  if (leftOut.length === 0) return table;
  const names = leftOut.map(({ title, name = title }) => name);
  const hint = place.columns ? '' : '; --columns chooses';
  return [table, footnote(`no room for ${listed(names)}${hint}`, place)].join('\n');
}

function usualColumns(runs: readonly RunRecord[], asked: string): Column[] {
  const metrics = byUse(runs.map((run) => run.metrics)).map((name) => metricColumn(name, runs));
  const params = byUse(runs.map((run) => run.params)).flatMap((name) =>
    several(
      name,
      runs.map((run) => run.params[name]),
    ),
  );
  const isAsked = ({ title }: Column) => asked.includes(title);
  const values = [...metrics, ...params];
  const experiments = runs.map(({ experiment }) => experiment);
  const runNames = runs.map(({ name }) => name);
  return [
    ...values.filter(isAsked),
    ...several('experiment', experiments),
    ...filled('name', runNames),
    ...values.filter((column) => !isAsked(column)),
  ];
}

/** A metric before a parameter of the same name. */
function columnOf(name: string, runs: readonly RunRecord[]): Column {
  if (runs.some(({ metrics }) => Object.hasOwn(metrics, name))) return metricColumn(name, runs);
  if (runs.some(({ params }) => Object.hasOwn(params, name)))
    return textColumn(
      name,
      runs.map(({ params }) => params[name]),
    );
  return textColumn(
    name,
    runs.map((run) => (name === 'experiment' ? run.experiment : run.name)),
  );
}

/** All that is known of a run. */
export function renderRunDetails(run: RunRecord, children: readonly RunRecord[], place: TablePlace): string {
  const { style } = place;
  const width = place.width ?? Number.POSITIVE_INFINITY;
  const facts = factsOf(run, style);
  const labelWidth = Math.max(...facts.map(([label]) => label.length));
  const lines = facts.map(
    ([label, value]) =>
      `  ${style('quiet', label.padEnd(labelWidth))}  ${label === 'status' ? value : cut(value, width - labelWidth - 4)}`,
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

/** Runs side by side, as many in a block as fit; the first run is in each block. Texts are cut only when there is no room for them. */
export function renderRunComparison(comparison: RunComparison, place: TablePlace): string {
  const { params, equalParams, metrics } = comparison;
  const names = ['status', 'name', ...params.map(({ name }) => name), ...metrics.map(({ name }) => name)];
  const first = (longest: number): Column => ({ title: '', cells: names.map((name) => plainText(name, longest)) });
  const whole = [first(LONGEST_LINE), ...comparedColumns(comparison, LONGEST_LINE, place.style)];
  const width = place.width ?? Number.POSITIVE_INFINITY;
  const isRoom = tableWidth(whole) <= width;
  const [head, ...others] = isRoom ? whole.slice(1) : comparedColumns(comparison, LONGEST_COMPARED, place.style);
  // The longest names that need no more blocks than the shortest.
  const layouts = [LONGEST_LINE, Math.floor(width / 2), Math.floor(width / 3), LONGEST_CELL].map((longest) =>
    inBlocks([first(longest), head!], others, width),
  );
  const fewest = layouts.at(-1)!.length;
  const chosen = layouts.find((layout) => layout.length === fewest && layout.every((block) => tableWidth(block) <= width));
  const blocks = (chosen ?? layouts.at(-1)!).map((block) =>
    renderTable(
      block,
      names.map((_, row) => block.map(({ cells }) => cells[row]!)),
    ),
  );
  const equal = equalParams.length > 0 ? [footnote(`equal in all: ${listed(equalParams)}`, place)] : [];
  return [blocks.join('\n\n'), ...equal].join('\n');
}

function comparedColumns({ runs, params, metrics }: RunComparison, longest: number, style: Stylist): Column[] {
  const ids = shortIds(runs.map(({ id }) => id));
  const decimals = metrics.map(({ values }) => decimalsOf(values));
  return runs.map((run, i) => {
    const texts = [run.name, ...params.map(({ values }) => values[i])];
    const metricCells = metrics.map((metric, row) => differenceText(metric, i, decimals[row]));
    const status = style(STATUS_EMPHASIS[run.status], run.status);
    return {
      title: ids[i]!,
      align: 'right',
      cells: [status, ...texts.map((text) => cellText(text, longest)), ...metricCells],
    };
  });
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
  let left = (width ?? Number.POSITIVE_INFINITY) - tableWidth(fixed);
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

function tableWidth(columns: readonly Column[]): number {
  return INDENT + columns.reduce((sum, column) => sum + widthOf(column) + GAP, -GAP);
}

/** All columns, in blocks that the width has room for; each begins with the fixed ones and has one more at least. */
function inBlocks(fixed: readonly Column[], columns: readonly Column[], width = Number.POSITIVE_INFINITY): Column[][] {
  const room = width - tableWidth(fixed);
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
  const cells = values.map((value) => valueText(value, decimals));
  return { title: plainText(name, LONGEST_CELL), name, align: 'right', cells };
}

/** A column unless all its cells are the same. */
function several(title: string, values: readonly (string | number | boolean | undefined)[]): Column[] {
  return values.every((value) => value === values[0]) ? [] : filled(title, values);
}

/** A column unless all its cells are empty. */
function filled(title: string, values: readonly (string | number | boolean | undefined)[]): Column[] {
  return values.every((value) => value === undefined) ? [] : [textColumn(title, values)];
}

function textColumn(title: string, values: readonly (string | number | boolean | undefined)[]): Column {
  const cells = values.map((value) => cellText(value, LONGEST_CELL));
  const align = values.every((value) => value === undefined || typeof value === 'number') ? 'right' : 'left';
  return { title: plainText(title, LONGEST_CELL), name: title, align, cells };
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
  if (i === 0 || difference === undefined || difference === 0) return text;
  const rounded = valueText(difference, decimals);
  // A difference too small for the decimals is written with its own.
  return `${text} (${difference > 0 ? '+' : ''}${/[1-9]/.test(rounded) ? rounded : formatValue(difference)})`;
}

function cellText(value: string | number | boolean | undefined, longest: number): string {
  if (value === undefined) return '';
  const isFraction = typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value);
  return plainText(String(isFraction ? Number(value.toPrecision(SHOWN_DIGITS)) : value), longest);
}

function listed(names: readonly string[]): string {
  return `${names.length > 1 ? `${names.length}: ` : ''}${names.map((name) => plainText(name, LONGEST_LINE)).join(', ')}`;
}

/** A remark below a table, in as many lines as it takes. */
function footnote(text: string, { style, width }: TablePlace): string {
  const lines = wrapText(text, width === undefined ? undefined : width - INDENT);
  return lines.map((line) => style('quiet', ' '.repeat(INDENT) + line)).join('\n');
}

/** Text as a terminal may show it, cut to a length that is not too short to be of use. */
function cut(text: string, longest: number): string {
  return plainText(text, Math.max(LONGEST_CELL, longest));
}

function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
}
