/** The benchmarks of explanations: exact TreeSHAP of `@fraudops/model`. */
import { batch, oneRow } from './explain.js';

/** @type {import('../../run.js').Suite} */
export const suite = { title: 'explanations', cases: { 'one-row': oneRow, batch } };
