/** The benchmarks of `@fraudops/features`. */
import { handbook } from './handbook.js';
import { memory } from './memory.js';
import { online } from './online.js';
import { scaling } from './scaling.js';
import { windows } from './windows.js';

/** @type {import('../../run.js').Suite} */
export const suite = { title: 'features', cases: { windows, handbook, online, memory, scaling } };
