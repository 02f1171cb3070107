import type { Json } from '@fraudops/core';
import type { ColumnDrift } from './column-drift.js';
import { type HtmlReportOptions, reportHtml } from './report-html.js';

/** What {@link detectDrift} found, as data. */
export interface DriftFindings {
  /** All compared columns, in the reference's order. */
  readonly columns: readonly ColumnDrift[];
  /** Names of the drifted columns, in the reference's order. */
  readonly drifted: readonly string[];
  /** Drifted columns out of all compared ones. */
  readonly share: number;
  /** The share from which the dataset counts as drifted. */
  readonly driftShare: number;
  /** `share >= driftShare`. */
  readonly datasetDrift: boolean;
  /** A p-value below this is significant. */
  readonly significance: number;
  /** Least effect that counts as drift. */
  readonly minimumEffect: number;
  /** Least change of a missing share that counts as drift. */
  readonly minimumMissingChange: number;
  /** Whether the reference was a profile, or a table at hand. */
  readonly comparedWith: 'profile' | 'table';
  readonly rows: { readonly reference: number; readonly current: number };
}

/** The findings, and ways to write them down. */
export interface DriftReport extends DriftFindings {
  /** The findings as plain JSON, charts' numbers included; at most about 10 KB a column. */
  toJson(): Json;
  /** One HTML page that needs nothing else: no script, no font, no request. The same findings and options give the same bytes. */
  toHtml(options?: HtmlReportOptions): string;
}

/** A report over findings. */
export function driftReport(findings: DriftFindings): DriftReport {
  return {
    ...findings,
    toJson: () => ({ format: 'fraudops-drift-report', version: 1, ...findings }) as unknown as Json,
    toHtml: (options) => reportHtml(findings, options),
  };
}
