import { FeatureError } from '../feature-error.js';

/** Formats of files with transactions. `arrow` is Arrow IPC, also known as Feather version 2. */
export type TransactionsFormat = 'csv' | 'parquet' | 'arrow';

const FORMATS: readonly TransactionsFormat[] = ['csv', 'parquet', 'arrow'];

/**
 * The format that is named, or else the one of the path's ending; what has no known ending is CSV.
 *
 * @param caller name for messages
 * @throws {FeatureError} INVALID_OPTION for a format that isn't known
 */
export function requireFormat(caller: string, path: string, format: TransactionsFormat | undefined): TransactionsFormat {
  if (format === undefined) {
    if (/\.(?:parquet|pq)$/i.test(path)) return 'parquet';
    return /\.(?:arrows?|feather)$/i.test(path) ? 'arrow' : 'csv';
  }
  if (FORMATS.includes(format)) return format;
  const message = `${caller}: format is ${String(format)}, expected ${FORMATS.join(', ')}; leave it out to go by the file's ending`;
  throw new FeatureError('INVALID_OPTION', message, { format });
}
