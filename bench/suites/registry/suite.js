/** The benchmarks of `@fraudops/registry` and its stores. */
import { promotion } from './promotion.js';
import { requests } from './requests.js';
import { search } from './search.js';
import { tracking } from './tracking.js';

/** @type {import('../../run.js').Suite} */
export const suite = {
  title: 'registry',
  cases: { promotion, requests, tracking, search },
};
