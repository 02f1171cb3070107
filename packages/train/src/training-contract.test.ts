import { trainBoosting } from './boosting/train-boosting.js';
import { trainCart } from './cart/train-cart.js';
import { trainIsolationForest } from './forest/isolation-forest.js';
import { trainForest } from './forest/train-forest.js';
import { trainLogistic } from './linear/train-logistic.js';
import { describeTrainingContract } from './training-contract.fixture.js';

describeTrainingContract('trainLogistic', {
  train: (matrix, labels, { weights, progress }) =>
    trainLogistic(matrix, labels, { ...(weights && { weights }), ...(progress && { progress }) }),
  usesSeed: false,
  usesLabels: true,
});

describeTrainingContract('trainLogistic with l1', {
  train: (matrix, labels, { weights, progress }) =>
    trainLogistic(matrix, labels, { l1: 1, l2: 0.5, ...(weights && { weights }), ...(progress && { progress }) }),
  usesSeed: false,
  usesLabels: true,
});

describeTrainingContract('trainBoosting', {
  train: (matrix, labels, options) => trainBoosting(matrix, labels, { trees: 20, ...options }),
  usesSeed: false,
  usesLabels: true,
});

describeTrainingContract('trainForest', {
  train: (matrix, labels, options) => trainForest(matrix, labels, { trees: 20, ...options }),
  usesSeed: true,
  usesLabels: true,
});

describeTrainingContract('trainCart', {
  train: (matrix, labels, options) => trainCart(matrix, labels, { rowLimit: 150, ...options }),
  usesSeed: true,
  usesLabels: true,
});

describeTrainingContract('trainIsolationForest', {
  train: (matrix, _, { seed, progress }) =>
    trainIsolationForest(matrix, { trees: 50, ...(seed !== undefined && { seed }), ...(progress && { progress }) }),
  usesSeed: true,
  usesLabels: false,
});
