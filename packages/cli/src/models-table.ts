import { durationText, metricText } from './number-text.js';
import { renderTable } from './text-table.js';

/** A line of {@link renderModelsTable}. */
export interface ModelLine {
  readonly version: number;
  readonly algorithm: string;
  /** Null where undefined. */
  readonly metrics: {
    readonly rocAuc: number | null;
    readonly averagePrecision: number | null;
    readonly cardPrecisionAt100: number | null;
  };
  readonly trainSeconds: number;
  /** What else there is to say, such as `in Production`. */
  readonly note?: string;
}

/** Trained models side by side, as lines of text. */
export function renderModelsTable(models: readonly ModelLine[]): string {
  const columns = [
    { title: 'version' },
    { title: 'algorithm' },
    { title: 'ROC AUC', align: 'right' },
    { title: 'average precision', align: 'right' },
    { title: 'card precision@100', align: 'right' },
    { title: 'trained in', align: 'right' },
    ...(models.some(({ note }) => note) ? [{ title: '' }] : []),
  ] as const;
  const rows = models.map(({ version, algorithm, metrics, trainSeconds, note = '' }) => [
    `v${version}`,
    algorithm,
    metricText(metrics.rocAuc),
    metricText(metrics.averagePrecision),
    metricText(metrics.cardPrecisionAt100),
    durationText(trainSeconds * 1000),
    note,
  ]);
  return renderTable(columns, rows);
}
