/**
 * Many run records of one experiment as columns in one array of bytes: what a search looks at is there to be read at once, and the rest of
 * a record is made only when it is asked for. The bytes are what the index in the store is made of, so decoding it is little more than one
 * `JSON.parse` of the texts: each text is there once, everything else is numbers.
 *
 * Runs of an experiment mostly log the same metrics. So the names that a run has are a set, sets are there once, and of each run there is
 * the number of its set and its values in the set's order. Steps and times of metrics are differences as varints, one byte each as a rule.
 */
import type { MetricPoint, RunRecord } from './run-record.js';
import type { DatasetKey, TextAttribute } from './search-field.js';
import { type RunStatus, statusAt } from './run-status.js';
import { type Sections, joinSections, splitSections } from './run-table-bytes.js';
import { ByteReader, ByteWriter } from './varint-bytes.js';

/** A record as it goes into a table: with the etag and the size of the object that it was read from. */
export interface TableRun {
  readonly record: RunRecord;
  readonly etag: string;
  readonly sizeBytes: number;
}

/** Gives a row's value. */
export type RowReader<Value> = (row: number) => Value;

/** Texts of a row, as numbers of texts; 0 where there is none. */
const ROW_TEXTS = ['id', 'etag', 'status', 'name', 'user', 'parentRunId', 'codeVersion', 'environment'] as const;
/** Numbers of a row; NaN where there is none. */
const ROW_NUMBERS = ['sizeBytes', 'startedMs', 'endedMs', 'heartbeatMs', 'heartbeatIntervalMs', 'deletedMs'] as const;
/** Members of a record that belong to sets of names. */
const KEYED = ['params', 'tags', 'metrics'] as const;
type Keyed = (typeof KEYED)[number];

/** What the JSON of a table says. */
interface TableTexts {
  readonly experiment: string;
  readonly texts: readonly string[];
  readonly sets: readonly (readonly number[])[];
}

/** The bytes of a table of runs of one experiment. */
export function encodeRunTable(experiment: string, runs: readonly TableRun[]): Uint8Array {
  const texts = new TextNumbers();
  const sets = new SetNumbers(texts);
  const points = new ByteWriter();
  const rest = new ByteWriter();
  const columns = { rowTexts: [], rowNumbers: [], rowSets: [], params: [], tags: [], metrics: [], inputs: [] } as Record<
    'rowTexts' | 'rowNumbers' | 'rowSets' | 'params' | 'tags' | 'metrics' | 'inputs',
    number[]
  >;
  const starts = { points: [0], inputs: [0], rest: [0] };
  for (const { record, etag, sizeBytes } of runs) {
    const {
      id,
      experiment: _,
      name,
      parentRunId,
      user,
      status,
      startedMs,
      heartbeatMs,
      heartbeatIntervalMs,
      endedMs,
      deletedMs,
    } = record;
    const { params, tags, metrics, codeVersion, environment, ...others } = record;
    const rowTexts = [id, etag, status, name, user, parentRunId, codeVersion, environment && JSON.stringify(environment)];
    for (const text of rowTexts) columns.rowTexts.push(text === undefined ? 0 : texts.numberOf(text) + 1);
    const rowNumbers = [sizeBytes, startedMs, endedMs, heartbeatMs, heartbeatIntervalMs, deletedMs];
    for (const number of rowNumbers) columns.rowNumbers.push(number ?? Number.NaN);
    for (const keyed of KEYED) columns.rowSets.push(sets.numberOf(Object.keys(record[keyed])));
    for (const value of Object.values(params)) columns.params.push(texts.numberOf(JSON.stringify(value)));
    for (const value of Object.values(tags)) columns.tags.push(texts.numberOf(value));
    for (const point of Object.values(metrics)) columns.metrics.push(point.value ?? Number.NaN);
    writePoints(points, startedMs, Object.values(metrics));
    for (const input of record.inputs) {
      const known = [input.name, input.fingerprint, input.context];
      for (const text of known) columns.inputs.push(text === undefined ? 0 : texts.numberOf(text) + 1);
    }
    rest.text(JSON.stringify(restOf(others)));
    starts.points.push(points.length);
    starts.inputs.push(columns.inputs.length);
    starts.rest.push(rest.length);
  }
  return joinSections({
    texts: new TextEncoder().encode(JSON.stringify({ experiment, texts: texts.all, sets: sets.all })),
    rowTexts: Uint32Array.from(columns.rowTexts),
    rowNumbers: Float64Array.from(columns.rowNumbers),
    rowSets: Uint32Array.from(columns.rowSets),
    params: Uint32Array.from(columns.params),
    tags: Uint32Array.from(columns.tags),
    metrics: Float64Array.from(columns.metrics),
    points: points.bytes(),
    pointStarts: Uint32Array.from(starts.points),
    inputs: Uint32Array.from(columns.inputs),
    inputStarts: Uint32Array.from(starts.inputs),
    rest: rest.bytes(),
    restStarts: Uint32Array.from(starts.rest),
  });
}

/** The table that bytes hold; undefined for bytes that are damaged, or of another version of this package. */
export function decodeRunTable(bytes: Uint8Array): RunTable | undefined {
  const sections = splitSections(bytes);
  if (!sections) return undefined;
  const texts = JSON.parse(new TextDecoder().decode(sections.texts)) as TableTexts;
  return new RunTable(texts, sections, bytes);
}

/** Runs by row, in the order they were given. */
export class RunTable {
  readonly experiment: string;
  readonly count: number;
  /** What it was decoded from. It keeps hardly more in memory than these. */
  readonly bytes: Uint8Array;
  readonly #texts: readonly string[];
  readonly #sets: readonly (readonly number[])[];
  readonly #sections: Sections;
  /** Where the values of each row begin, by member. */
  readonly #starts: Readonly<Record<Keyed, Uint32Array>>;
  readonly #rows = new Map<string, number>();

  constructor({ experiment, texts, sets }: TableTexts, sections: Sections, bytes: Uint8Array) {
    this.experiment = experiment;
    this.count = sections.rowNumbers.length / ROW_NUMBERS.length;
    this.bytes = bytes;
    this.#texts = texts;
    this.#sets = sets;
    this.#sections = sections;
    this.#starts = { params: this.#startsOf(0), tags: this.#startsOf(1), metrics: this.#startsOf(2) };
    for (let row = 0; row < this.count; row++) this.#rows.set(this.#text('id', row)!, row);
  }

  /** The row of a run in the state of an etag and a size; undefined when the table doesn't have it. */
  find(id: string, etag: string, sizeBytes: number): number | undefined {
    const row = this.#rows.get(id);
    if (row === undefined || this.#text('etag', row) !== etag || this.#number('sizeBytes', row) !== sizeBytes) return undefined;
    return row;
  }

  /** The run of a row. */
  idOf(row: number): string {
    return this.#text('id', row)!;
  }

  /** A row as it was given. */
  run(row: number): TableRun {
    return { record: this.record(row), etag: this.#text('etag', row)!, sizeBytes: this.#number('sizeBytes', row) };
  }

  /** The record of a row. */
  record(row: number): RunRecord {
    const { rest, restStarts } = this.#sections;
    const others = JSON.parse(new TextDecoder().decode(rest.subarray(restStarts[row], restStarts[row + 1]))) as RestOfRecord;
    const environment = this.#text('environment', row);
    return {
      id: this.#text('id', row)!,
      experiment: this.experiment,
      ...optional('name', this.#text('name', row)),
      ...optional('parentRunId', this.#text('parentRunId', row)),
      ...optional('user', this.#text('user', row)),
      status: this.#text('status', row) as RunStatus,
      startedMs: this.#number('startedMs', row),
      heartbeatMs: this.#number('heartbeatMs', row),
      heartbeatIntervalMs: this.#number('heartbeatIntervalMs', row),
      ...optional('endedMs', this.#time('endedMs', row)),
      ...optional('deletedMs', this.#time('deletedMs', row)),
      params: this.#entries(
        row,
        'params',
        (at) => JSON.parse(this.#texts[this.#sections.params[at]!]!) as string | number | boolean,
      ),
      tags: this.#entries(row, 'tags', (at) => this.#texts[this.#sections.tags[at]!]!),
      ...optional('codeVersion', this.#text('codeVersion', row)),
      ...(environment === undefined ? {} : { environment: JSON.parse(environment) as NonNullable<RunRecord['environment']> }),
      metrics: this.#points(row),
      ...others,
    };
  }

  /** Whether runs are deleted. */
  isDeleted(row: number): boolean {
    return this.#time('deletedMs', row) !== undefined;
  }

  /** Values of a metric: null where it is not defined, undefined where it is missing. */
  metric(key: string): RowReader<number | null | undefined> {
    const { metrics } = this.#sections;
    return this.#keyed('metrics', key, (at) => (Number.isNaN(metrics[at]) ? null : metrics[at]!));
  }

  /** Values of a parameter as text; undefined where it is missing. */
  param(key: string): RowReader<string | undefined> {
    const { params } = this.#sections;
    const plain = new Map<number, string>();
    return this.#keyed('params', key, (at) => {
      const number = params[at]!;
      const text = plain.get(number) ?? String(JSON.parse(this.#texts[number]!));
      plain.set(number, text);
      return text;
    });
  }

  /** Values of a tag; undefined where it is missing. */
  tag(key: string): RowReader<string | undefined> {
    const { tags } = this.#sections;
    return this.#keyed('tags', key, (at) => this.#texts[tags[at]!]!);
  }

  /** Start or end; undefined where there is none. */
  time(member: 'startedMs' | 'endedMs'): RowReader<number | undefined> {
    return (row) => this.#time(member, row);
  }

  /** An attribute that is text; undefined where there is none. @param nowMs when the status is read */
  attribute(key: TextAttribute, nowMs: number): RowReader<string | undefined> {
    switch (key) {
      case 'experiment_id':
        return () => this.experiment;
      case 'status':
        return (row) => this.#statusAt(row, nowMs);
      default:
        return (row) => this.#text(ATTRIBUTE_MEMBERS[key], row);
    }
  }

  /** What is known of the inputs of a row. */
  inputs(key: DatasetKey): RowReader<(string | undefined)[]> {
    const { inputs, inputStarts } = this.#sections;
    const column = INPUT_COLUMNS[key];
    return (row) => {
      const values: (string | undefined)[] = [];
      for (let at = inputStarts[row]!; at < inputStarts[row + 1]!; at += 3) values.push(this.#texts[inputs[at + column]! - 1]);
      return values;
    };
  }

  #statusAt(row: number, nowMs: number): RunStatus {
    const status = this.#text('status', row) as RunStatus;
    const heartbeatMs = this.#number('heartbeatMs', row);
    return statusAt({ status, heartbeatMs, heartbeatIntervalMs: this.#number('heartbeatIntervalMs', row) }, nowMs);
  }

  #text(member: (typeof ROW_TEXTS)[number], row: number): string | undefined {
    return this.#texts[this.#sections.rowTexts[row * ROW_TEXTS.length + ROW_TEXTS.indexOf(member)]! - 1];
  }

  #number(member: (typeof ROW_NUMBERS)[number], row: number): number {
    return this.#sections.rowNumbers[row * ROW_NUMBERS.length + ROW_NUMBERS.indexOf(member)]!;
  }

  #time(member: (typeof ROW_NUMBERS)[number], row: number): number | undefined {
    const number = this.#number(member, row);
    return Number.isNaN(number) ? undefined : number;
  }

  #startsOf(column: number): Uint32Array {
    const starts = new Uint32Array(this.count);
    for (let row = 0, at = 0; row < this.count; row++) {
      starts[row] = at;
      at += this.#sets[this.#sections.rowSets[row * KEYED.length + column]!]!.length;
    }
    return starts;
  }

  #setOf(row: number, keyed: Keyed): number {
    return this.#sections.rowSets[row * KEYED.length + KEYED.indexOf(keyed)]!;
  }

  /** Looks a key up in each set once, so that a row costs a few reads of arrays. */
  #keyed<Value>(keyed: Keyed, key: string, valueAt: (at: number) => Value): RowReader<Value | undefined> {
    const number = this.#texts.indexOf(key);
    const positions = this.#sets.map((set) => set.indexOf(number));
    const starts = this.#starts[keyed];
    return (row) => {
      const position = positions[this.#setOf(row, keyed)]!;
      return position < 0 ? undefined : valueAt(starts[row]! + position);
    };
  }

  #entries<Value>(row: number, keyed: Keyed, valueAt: (at: number) => Value): Record<string, Value> {
    const start = this.#starts[keyed][row]!;
    return Object.fromEntries(this.#sets[this.#setOf(row, keyed)]!.map((key, i) => [this.#texts[key]!, valueAt(start + i)]));
  }

  #points(row: number): Record<string, MetricPoint> {
    const { metrics, points, pointStarts } = this.#sections;
    const reader = new ByteReader(points, pointStarts[row]!);
    let step = 0;
    let atMs = this.#number('startedMs', row);
    return this.#entries(row, 'metrics', (at) => {
      step += reader.difference();
      atMs += reader.difference();
      return { value: Number.isNaN(metrics[at]) ? null : metrics[at]!, step, atMs };
    });
  }
}

const ATTRIBUTE_MEMBERS = {
  run_id: 'id',
  run_name: 'name',
  user_id: 'user',
  parent_run_id: 'parentRunId',
  code_version: 'codeVersion',
} as const;

const INPUT_COLUMNS: Readonly<Record<DatasetKey, number>> = { name: 0, digest: 1, context: 2 };

/** Members that no search looks at. */
type RestOfRecord = Pick<RunRecord, 'updatedMs' | 'inputs' | 'seed' | 'codeDirty' | 'metricBatchCount' | 'artifacts'>;

function restOf({ updatedMs, inputs, seed, codeDirty, metricBatchCount, artifacts }: RestOfRecord): object {
  return { updatedMs, inputs, seed, codeDirty, metricBatchCount, artifacts };
}

function writePoints(bytes: ByteWriter, startedMs: number, points: readonly MetricPoint[]): void {
  let before = { step: 0, atMs: startedMs };
  for (const point of points) {
    bytes.difference(point.step - before.step);
    bytes.difference(point.atMs - before.atMs);
    before = point;
  }
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [Name in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [Name in Key]: Value });
}

/** Numbers texts in the order they come. */
class TextNumbers {
  readonly all: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.all.length);
    return this.all.push(text) - 1;
  }
}

/** Numbers sets of names in the order they come. */
class SetNumbers {
  readonly all: number[][] = [];
  readonly #texts: TextNumbers;
  readonly #numbers = new Map<string, number>();

  constructor(texts: TextNumbers) {
    this.#texts = texts;
  }

  numberOf(names: readonly string[]): number {
    const set = names.map((name) => this.#texts.numberOf(name));
    const key = set.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.all.length);
    return this.all.push(set) - 1;
  }
}
