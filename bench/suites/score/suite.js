/** The benchmarks of scoring in `@fraudops/model`. */
import { trees } from './trees.js';

/** @type {import('../../run.js').Suite} */
export const suite = { title: 'scoring', cases: { trees } };
