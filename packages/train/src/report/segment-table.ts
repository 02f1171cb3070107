import type { CategoryColumn } from '@fraudops/core';
import { averagePrecision } from '../metrics/ranking/average-precision.js';

/** How the model does on one part of the rows. */
export interface SegmentRow {
  /** Value of the column; null where it is missing. */
  readonly value: string | null;
  readonly rows: number;
  readonly positives: number;
  readonly prevalence: number;
  /** Null without frauds or without genuine rows. */
  readonly averagePrecision: number | null;
  /** Share of the segment's rows that are alerts; null without threshold and policy. */
  readonly alertRate: number | null;
  /** Share of its frauds that are alerts; null without threshold and policy, or without frauds. */
  readonly recall: number | null;
  /** Share of its alerts that are frauds; null without alerts. */
  readonly precision: number | null;
}

/** The parts that a column's values make of the rows. */
export interface SegmentTable {
  readonly column: string;
  /** The values with most rows, at most 12. */
  readonly segments: readonly SegmentRow[];
  /** Values that are not among them, and their rows. */
  readonly omitted: number;
  readonly omittedRows: number;
}

const MOST_SEGMENTS = 12;

/**
 * Figures of each value of a category column; equal numbers of rows in order of the dictionary.
 *
 * @param alerts 1 for each row that is an alert, else 0; null when nothing decides
 */
export function segmentTable(
  column: string,
  { codes, dictionary }: CategoryColumn,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  alerts: ArrayLike<number> | null,
): SegmentTable {
  const rowsOf = new Map<number, number[]>();
  for (let i = 0; i < codes.length; i++) {
    const rows = rowsOf.get(codes[i]!);
    if (rows) rows.push(i);
    else rowsOf.set(codes[i]!, [i]);
  }
  const ordered = [...rowsOf].toSorted(([a, rowsA], [b, rowsB]) => rowsB.length - rowsA.length || a - b);
  const omitted = ordered.slice(MOST_SEGMENTS);
  return {
    column,
    segments: ordered
      .slice(0, MOST_SEGMENTS)
      .map(([code, rows]) => segmentRow(dictionary[code] ?? null, rows, scores, labels, alerts)),
    omitted: omitted.length,
    omittedRows: omitted.reduce((sum, [, rows]) => sum + rows.length, 0),
  };
}

function segmentRow(
  value: string | null,
  rows: readonly number[],
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  alerts: ArrayLike<number> | null,
): SegmentRow {
  const own = { scores: rows.map((row) => scores[row]!), labels: rows.map((row) => labels[row]!) };
  const positives = own.labels.reduce((sum, label) => sum + label, 0);
  const alerted = alerts ? rows.filter((row) => alerts[row] === 1) : [];
  const hits = alerted.filter((row) => labels[row] === 1).length;
  return {
    value,
    rows: rows.length,
    positives,
    prevalence: positives / rows.length,
    averagePrecision: averagePrecision(own.scores, own.labels),
    alertRate: alerts === null ? null : alerted.length / rows.length,
    recall: alerts === null || positives === 0 ? null : hits / positives,
    precision: alerted.length === 0 ? null : hits / alerted.length,
  };
}
