/**
 * The shared vocabulary of the `@fraudops` packages: tables, feature matrices, blob stores with compare-and-swap, typed errors,
 * clock, seeded randomness, the distributions that intervals need, logging and progress, and the escaping templates and number formats of
 * the HTML reports.
 *
 * @packageDocumentation
 */
export * from './blob-store.js';
export * from './canonical-json.js';
export * from './clock.js';
export * from './column.js';
export * from './copy-blobs.js';
export * from './each-bounded.js';
export * from './errors.js';
export * from './feature-matrix.js';
export * from './file-store.js';
export * from './html-page.js';
export * from './html-template.js';
export * from './layered-store.js';
export * from './logger.js';
export { type MemoryStoreOptions, memoryStore } from './memory-store.js';
export * from './nearest-name.js';
export * from './normal-distribution.js';
export * from './number-format.js';
export * from './option-problem.js';
export * from './parse-flag.js';
export * from './progress.js';
export * from './random.js';
export * from './read-blobs.js';
export { type Cell, type Row, parseTime } from './row.js';
export * from './show-value.js';
export * from './student-t-quantile.js';
export * from './svg-chart.js';
export * from './table.js';
