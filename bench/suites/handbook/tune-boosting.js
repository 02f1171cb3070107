/**
 * Boosted trees tuned on earlier folds only: each sample of the space is judged by the mean of its average precision over the folds, which
 * are trained at the same time, a thread each.
 */
import { evaluate, integer, logUniform, trainInWorker, tune, uniform } from '@fraudops/train';

const SPACE = {
  trees: integer(50, 300, { log: true }),
  depth: integer(2, 6),
  learningRate: logUniform(0.03, 0.2),
  l2: logUniform(0.3, 30),
  minChildWeight: logUniform(0.3, 10),
  rowSampling: uniform(0.6, 1),
  columnSampling: uniform(0.5, 1),
};

/**
 * @param {{ train: import('./handbook-rows.js').Rows, test: import('./handbook-rows.js').Rows }[]} folds
 * @param {{ trials: number, say: (text: string) => void }} options
 */
export function tuneBoosting(folds, { trials, say }) {
  return tune({
    space: SPACE,
    train: (parameters, { signal }) =>
      Promise.all(
        folds.map(({ train: { matrix, labels } }) =>
          trainInWorker({ algorithm: 'boosting', matrix, labels, options: parameters }, { signal }),
        ),
      ),
    evaluate: (trained) => {
      const precisions = trained.map(({ model }, fold) => {
        const { matrix, ...truth } = folds[fold].test;
        return evaluate(model, matrix, truth).averagePrecision;
      });
      return precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length;
    },
    trials,
    onJournal: ({ entries }) => say(`tuning: ${entries.length} of ${trials} trials`),
  });
}
