/** The benchmarks of `@fraudops/train`. */
import { boostingCase } from './boosting.js';
import { scaling } from './scaling.js';
import { forest } from './forest.js';
import { logistic } from './logistic.js';

/** @type {import('../../run.js').Suite} */
export const suite = {
  title: 'train',
  cases: {
    'boosting-100k': boostingCase('Boosted trees on 100,000 rows', 100_000),
    'boosting-1m': boostingCase('Boosted trees on a million rows', 1_000_000),
    scaling,
    logistic,
    forest,
  },
};
