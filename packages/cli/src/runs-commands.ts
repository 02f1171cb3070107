import { nearestName } from '@fraudops/core';
import { type RunRecord, type Tracker, compareRuns, tracker } from '@fraudops/registry';
import { type Command, type CommandContext, CommandError, type CommandOption, UsageError } from './command.js';
import { STORE_OPTION, withExistingStore } from './open-store.js';
import { shownStore } from './store-address.js';
import { renderRunComparison, renderRunDetails, renderRunsTable } from './runs-table.js';

const JSON_OPTION: CommandOption = { help: 'print JSON' };

/** Commands on experiments and runs. */
export const runCommands: readonly Command[] = [
  {
    name: 'runs list',
    summary: 'List runs, the latest first, or those that a filter takes in an order',
    options: {
      store: STORE_OPTION,
      experiment: { value: 'NAME', help: 'runs of this experiment only' },
      filter: { value: 'TEXT', help: `such as "metrics.averagePrecision > 0.6 and params.algorithm = 'boosting'"` },
      order: { value: 'FIELDS', help: 'such as "metrics.averagePrecision DESC, start_time"' },
      columns: {
        value: 'NAMES',
        help: 'metrics and parameters to show, such as averagePrecision,trees; also experiment and name',
      },
      limit: { value: 'N', help: 'most runs to list', default: '20', whole: [1, 50_000] },
      deleted: { help: 'list deleted runs instead' },
      json: JSON_OPTION,
    },
    run: listRuns,
  },
  {
    name: 'runs show',
    summary: 'Show all that is known of a run; ID may be cut short',
    words: ['id'],
    options: { store: STORE_OPTION, json: JSON_OPTION },
    async run(context) {
      const { record, children } = await withTracker(context, async (runs) => {
        const found = await requireRun(runs, context.words['id']!);
        return { record: found, children: await runs.childRuns(found.id) };
      });
      if (context.switches.has('json')) return printJson(context, record);
      context.print(`${renderRunDetails(record, children, context)}\n`);
    },
  },
  {
    name: 'runs compare',
    summary: 'Put runs side by side: parameters that differ, and metrics with their differences from the first',
    words: ['id', 'ids...'],
    options: { store: STORE_OPTION, json: JSON_OPTION },
    async run(context) {
      const ids = [context.words['id']!, ...context.more];
      const records = await withTracker(context, (runs) => Promise.all(ids.map((id) => requireRun(runs, id))));
      const comparison = compareRuns(records);
      if (context.switches.has('json')) return printJson(context, comparison);
      context.print(`${renderRunComparison(comparison, context)}\n`);
    },
  },
];

async function listRuns(context: CommandContext): Promise<void> {
  const { options, switches, print, style } = context;
  const { experiment, filter, order } = options;
  const columns = options['columns']?.split(',').map((name) => name.trim());
  if (columns?.includes('')) throw new UsageError(`--columns has an empty name in ${JSON.stringify(options['columns'])}.`);
  const page = await withTracker(context, async (runs) => {
    const found = await runs.searchRuns({
      ...(experiment === undefined ? {} : { experiments: [experiment] }),
      ...(filter === undefined ? {} : { filter }),
      ...(order === undefined ? {} : { orderBy: splitOrder(order) }),
      view: switches.has('deleted') ? 'deleted' : 'active',
      maxResults: Number(options['limit']),
    });
    if (found.total === 0 && experiment !== undefined && !switches.has('deleted')) await requireExperiment(runs, experiment);
    return found;
  });
  if (switches.has('json')) return printJson(context, page.runs);
  if (page.runs.length === 0) {
    const isNarrow = experiment !== undefined || filter !== undefined || switches.has('deleted');
    return print(isNarrow ? 'No run is like that.\n' : `There are no runs in ${shownStore(options['store']!)} yet.\n`);
  }
  const asked = [filter ?? '', order ?? ''].join(' ');
  if (columns) requireColumns(page.runs, columns);
  print(`${renderRunsTable(page.runs, { ...context, asked, ...(columns && { columns }) })}\n`);
  if (page.total > page.runs.length) print(style('quiet', `  ${page.runs.length} of ${page.total} runs; --limit shows more\n`));
}

/** @throws {CommandError} when there is no such experiment, with the one that may be meant */
async function requireExperiment(runs: Tracker, experiment: string): Promise<void> {
  const names = await runs.experiments();
  if (names.includes(experiment)) return;
  const nearest = nearestName(experiment, names);
  throw new CommandError(`There is no experiment ${experiment}${nearest === undefined ? '.' : `; did you mean ${nearest}?`}`);
}

/** @throws {UsageError} for a name that no listed run has, with the one that may be meant */
function requireColumns(runs: readonly RunRecord[], columns: readonly string[]): void {
  const names = new Set(['experiment', 'name', ...runs.flatMap(({ metrics, params }) => Object.keys({ ...metrics, ...params }))]);
  for (const column of columns) {
    if (names.has(column)) continue;
    const nearest = nearestName(column, [...names]);
    const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
    throw new UsageError(`--columns: no listed run has a metric or parameter ${JSON.stringify(column)}.${hint}`);
  }
}

/** Fields of an order; commas within quotes are no ends. */
function splitOrder(order: string): string[] {
  const fields = order.match(/(?:`[^`]*`|"[^"]*"|[^,])+/g) ?? [];
  return fields.map((field) => field.trim());
}

/** Runs looked at for the one that is meant. */
const MOST_SIMILAR = 1000;

/** The run that an id, or the beginning of one, means. @throws {UsageError} when there is none, or more than one */
async function requireRun(runs: Tracker, text: string): Promise<RunRecord> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) {
    throw new UsageError(`ID is ${JSON.stringify(text.slice(0, 80))}, expected the id of a run or its beginning.`);
  }
  const exact = await runs.getRun(text);
  if (exact) return exact;
  const { runs: similar } = await runs.searchRuns({ filter: `run_id like '${text}%'`, view: 'all', maxResults: MOST_SIMILAR });
  // A `_` stands for any character in LIKE.
  const meant = similar.filter(({ id }) => id.startsWith(text));
  if (meant.length === 1) return meant[0]!;
  if (meant.length === 0) throw new UsageError(`There is no run ${text}; fraudops runs list shows what there is.`);
  const some = meant
    .slice(0, 3)
    .map(({ id }) => id)
    .join(', ');
  throw new UsageError(`${meant.length} runs begin with ${text}, such as ${some}; give more of the id.`);
}

function withTracker<Result>(context: CommandContext, use: (runs: Tracker) => Promise<Result>): Promise<Result> {
  return withExistingStore(context, (store) => use(tracker(store)));
}

function printJson({ print }: CommandContext, value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}
