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
  /** Share of the segment's rows that are alerts; null without a threshold. */
  readonly alertRate: number | null;
  /** Share of its frauds that are alerts; null without a threshold or frauds. */
  readonly recall: number | null;
  /** Share of its alerts that are frauds; null without a threshold or alerts. */
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

/** Figures of each value of a category column; equal numbers of rows in order of the dictionary. */
export function segmentTable(
  column: string,
  { codes, dictionary }: CategoryColumn,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number | null,
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
      .map(([code, rows]) => segmentRow(dictionary[code] ?? null, rows, scores, labels, threshold)),
    omitted: omitted.length,
    omittedRows: omitted.reduce((sum, [, rows]) => sum + rows.length, 0),
  };
}

function segmentRow(
  value: string | null,
  rows: readonly number[],
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number | null,
): SegmentRow {
  const own = { scores: rows.map((row) => scores[row]!), labels: rows.map((row) => labels[row]!) };
  const positives = own.labels.reduce((sum, label) => sum + label, 0);
  const alerts = own.scores.map((score) => threshold !== null && score >= threshold);
  const alertCount = alerts.filter(Boolean).length;
  const hits = alerts.filter((alert, i) => alert && own.labels[i] === 1).length;
  return {
    value,
    rows: rows.length,
    positives,
    prevalence: positives / rows.length,
    averagePrecision: averagePrecision(own.scores, own.labels),
    alertRate: threshold === null ? null : alertCount / rows.length,
    recall: threshold === null || positives === 0 ? null : hits / positives,
    precision: alertCount === 0 ? null : hits / alertCount,
  };
}
