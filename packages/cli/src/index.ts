/**
 * The terminal kit of `fraudops`: progress, tables and numbers as a person reads them. The command itself is the bin `fraudops`.
 *
 * @packageDocumentation
 */
export * from './models-table.js';
export * from './number-text.js';
export * from './terminal-progress.js';
export * from './terminal-style.js';
export * from './text-table.js';
