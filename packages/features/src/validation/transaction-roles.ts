/** Which columns of a sample could be the event time, the id, the label, the amount, and the entities, each with its reasons. */
import { formatCount, formatRows } from '@fraudops/core';
import { percent } from './rule-text.js';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';
import { type ColumnFacts, MAX_SMALL_SET } from './column-facts.js';
import { saysMeasured } from './counted-numbers.js';
import { NAME_HINTS, saysId } from './sample-table.js';

/** What a field of a transaction can be for; `knownAt` is that of the label. */
export type TransactionRole = 'time' | 'arrival' | 'id' | 'label' | 'knownAt' | 'amount' | 'entity';

/** A field that could have a role. */
export interface RoleCandidate {
  readonly role: TransactionRole;
  readonly field: string;
  /** Whether the proposed definition gives it the role. */
  readonly chosen: boolean;
  /** Points for and against, in words. */
  readonly reasons: readonly string[];
}

/** A candidate with its points, of which 2 make it likely. */
interface Rated {
  readonly field: string;
  readonly points: number;
  readonly reasons: readonly string[];
}

/** Candidates for the roles that a column has by itself, the likeliest first, and chosen where likely; of all but the entities one at most. */
export function roleCandidates(columns: readonly ColumnFacts[]): readonly RoleCandidate[] {
  // A definition can't do without a time, so the best one will do.
  return [
    ...choose('time', rate(columns, timeClues), -Infinity, 1),
    ...choose('id', rate(columns, idClues), 2, 1),
    ...choose('label', rate(columns, labelClues), 2, 1),
    ...choose('amount', rate(columns, amountClues), 2, 1),
    ...choose('entity', rate(columns, entityClues), 2, MAX_ENTITIES),
  ];
}

const MAX_ENTITIES = 20;

/** Whether it holds, what it is worth, and how it reads. */
export type Clue = readonly [holds: boolean, points: number, reason: string];

/** The columns that could have a role, the likeliest first; `cluesOf` gives undefined for a column that can't. */
export function rate(columns: readonly ColumnFacts[], cluesOf: (column: ColumnFacts) => Clue[] | undefined): Rated[] {
  return columns
    .flatMap((column) => {
      const clues = cluesOf(column)?.filter(([holds]) => holds);
      if (!clues) return [];
      const points = clues.reduce((sum, clue) => sum + clue[1], 0);
      return [{ field: column.name, points, reasons: clues.map((clue) => clue[2]) }];
    })
    .toSorted((a, b) => b.points - a.points);
}

/** Takes the best, at most so many and none with fewer points than are enough. */
export function choose(role: TransactionRole, rated: readonly Rated[], enough: number, most: number): RoleCandidate[] {
  return rated.map(({ field, points, reasons }, i) => ({ role, field, chosen: points >= enough && i < most, reasons }));
}

function timeClues({ name, column, missing, isSorted, distinct, present }: ColumnFacts): Clue[] | undefined {
  if (column.kind !== 'time' || missing > 0) return undefined;
  return [
    [true, 1, 'a time that is never missing'],
    [isSorted && distinct > 1, 2, 'rows are in its order'],
    [NAME_HINTS.time.test(name), 1, 'its name says time'],
    [distinct * 10 < present, -1, 'few distinct times'],
    [
      /receiv|arriv|ingest|load|insert|creat|updat|know|process|expir|birth|open|issu/i.test(name),
      -2,
      'its name says another moment than the event',
    ],
  ];
}

function idClues({ name, column, isKey, rowCount }: ColumnFacts): Clue[] | undefined {
  if (!isKey) return undefined;
  return [
    [true, 1, `all ${formatCount(rowCount)} values are different`],
    [saysId(name), 2, 'its name says id'],
    [/transaction|tx|payment|event|order/i.test(name), 1, 'its name says transaction'],
    [column.kind === 'number' && NAME_HINTS.amount.test(name), -2, 'its name says amount'],
  ];
}

function labelClues({ name, column, distinct }: ColumnFacts): Clue[] | undefined {
  if (column.kind !== 'flag') return undefined;
  let frauds = 0;
  for (const flag of column.values) if (flag === 1) frauds++;
  const share = frauds / column.values.length;
  return [
    [true, 0, `true in ${percent(share, 2)} of the rows`],
    [NAME_HINTS.label.test(name), 2, 'its name says label'],
    [share < 0.2 && distinct === 2, 0.5, 'true is rare'],
  ];
}

function amountClues({ name, column, isKey, resolution, minimum, maximum, distinct }: ColumnFacts): Clue[] | undefined {
  const fits = Math.max(Math.abs(minimum), Math.abs(maximum)) <= MAX_SUMMED_UNITS * (resolution ?? 1);
  if (column.kind !== 'number' || isKey || !fits || saysId(name)) return undefined;
  return [
    [NAME_HINTS.amount.test(name), 2, 'its name says amount'],
    [resolution === 0.01, 1.5, 'values have two decimals'],
    [distinct > MAX_SMALL_SET, 0.5, `${formatCount(distinct)} distinct values`],
    [minimum >= 0, 0.5, 'never below 0'],
    [saysMeasured(name), -3, 'its name says a measurement'],
  ];
}

function entityClues({ name, column, smallSet, distinct, present, isKey }: ColumnFacts): Clue[] | undefined {
  if (column.kind !== 'category' || isKey || distinct < 2) return undefined;
  const perValue = present / distinct;
  const recurs = distinct > MAX_SMALL_SET && perValue >= 1.5;
  return [
    [recurs, 1, `${formatRows(distinct, 'value')} of ${perValue.toFixed(1)} rows on average`],
    [saysId(name), 1, 'its name says id'],
    [NAME_HINTS.entity.test(name), 1, 'its name says whom a transaction concerns'],
    [recurs && holdsCodes(column), 1, 'its values look like codes'],
    [NAME_HINTS.group.test(name), -1, 'its name says a group'],
    [smallSet !== undefined, -1, 'a small set of values'],
  ];
}

/** Whether nine values of ten look like what a machine gave out: one word of 4 to 128 characters, with digits. */
function holdsCodes({ codes, dictionary }: Extract<ColumnFacts['column'], { kind: 'category' }>): boolean {
  const used = [...new Set(codes)].flatMap((code) => dictionary[code] ?? []);
  return used.filter((value) => /^(?=.*\d)[\w.:@+/=-]{4,128}$/.test(value)).length >= 0.9 * used.length;
}
