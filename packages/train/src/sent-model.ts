/**
 * A model on its way from the thread that trained it. Classes don't cross threads, but its arrays do, and faster than JSON: the one who waits
 * for the model is kept from other work for a millisecond instead of tens.
 */
import { type LinearModel, type TreeModel, linearModel, treeModel } from '@fraudops/model/forms';

/** What a trained model is made of. */
export type SentModel =
  | Pick<LinearModel, 'kind' | 'featureNames' | 'weights' | 'intercept' | 'missingValues'>
  | Pick<TreeModel, 'kind' | 'featureNames' | 'baseMargin' | 'trees' | 'link'>;

/** The model as plain data. Training calibrates nothing, so that there is no calibration to send. */
export function sentModel(model: LinearModel | TreeModel): SentModel {
  if (model.kind === 'trees') {
    const { kind, featureNames, baseMargin, trees, link } = model;
    return { kind, featureNames, baseMargin, trees, link };
  }
  const { kind, featureNames, weights, intercept, missingValues } = model;
  return { kind, featureNames, weights, intercept, missingValues };
}

/** The model again, the same to the bit. */
export function receivedModel(sent: SentModel): LinearModel | TreeModel {
  return sent.kind === 'trees' ? treeModel(sent) : linearModel(sent);
}
