/** A tiny model by hand and its bundle, for tests. */
import { type BlobStore, type Json, featureMatrix } from '@fraudops/core';
import { type FeatureSet, fitStandardScaler, handbookFeatures } from '@fraudops/features';
import { type BundleFile, linearModel, writeBundle } from '@fraudops/model';
import { type ModelRegistry, modelRegistry } from '@fraudops/registry';

export interface BundleParts {
  featureSet?: FeatureSet;
  /** Log-odds of a transaction whose scaled features are all 0. */
  intercept?: number;
  /** Weight of the first feature, which is the amount, scaled by 50. */
  weight?: number;
  policy?: Json;
}

export function fraudModel({ featureSet = handbookFeatures, intercept = -4, weight = 1 }: BundleParts = {}) {
  const featureNames = featureSet.names;
  const columns = featureNames.map(() => Float32Array.of(-50, 50));
  return {
    scaler: fitStandardScaler(featureMatrix(featureNames, columns)),
    model: linearModel({
      featureNames,
      weights: featureNames.map((_, i) => (i === 0 ? weight : 0.01 * i)),
      intercept,
      missingValues: featureNames.map(() => 0),
    }),
  };
}

export function fraudBundle(parts: BundleParts = {}): BundleFile[] {
  const { featureSet = handbookFeatures, policy } = parts;
  const { model, scaler } = fraudModel(parts);
  return writeBundle({
    model,
    features: featureSet.toJson(),
    scaler: scaler.toJson(),
    ...(policy === undefined ? {} : { policy }),
  });
}

/** Registers files as the next version of `fraud` and puts it into Production. */
export async function promoteFiles(registry: ModelRegistry, files: readonly BundleFile[]): Promise<number> {
  const { version } = await registry.register('fraud', { files, algorithm: 'logistic' });
  await registry.promote('fraud', version, { stage: 'Production', by: 'test', why: 'test' });
  return version;
}

export async function registryWithModel(store: BlobStore, parts: BundleParts = {}): Promise<ModelRegistry> {
  const registry = modelRegistry(store);
  await promoteFiles(registry, fraudBundle(parts));
  return registry;
}

export const transaction = {
  TRANSACTION_ID: 7,
  TX_DATETIME: '2018-07-01T10:00:00Z',
  CUSTOMER_ID: '596',
  TERMINAL_ID: '3156',
  TX_AMOUNT: 57.16,
};
