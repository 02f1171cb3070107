/**
 * A model version taken into service: everything that scoring needs, read from its bundle, checked against each other and tried once
 * before the first transaction meets it.
 */
import { type Clock, type Row, isFraudOpsError } from '@fraudops/core';
import {
  type FeatureSet,
  type OnlineFeatures,
  type StandardScaler,
  featureSetFromJson,
  scalerFromJson,
} from '@fraudops/features';
import { type Model, readBundle } from '@fraudops/model';
import type { ModelRegistry, ModelVersion } from '@fraudops/registry';
import { DECISION_COLUMNS } from './decision-log.js';
import { DEFAULT_POLICY, type DecisionPolicy, policyFromJson } from './decision-policy.js';
import { ServeError } from './serve-error.js';
import { type TransactionRequest, transactionRequest } from './transaction-request.js';
import { describeIssue, shownValue } from './validation-issue.js';

/** What a bundle holds for scoring; the online state of its features comes from elsewhere. */
export interface LoadedVersion {
  readonly version: ModelVersion;
  readonly model: Model;
  readonly featureSet: FeatureSet;
  readonly scaler: StandardScaler | undefined;
  readonly policy: DecisionPolicy;
  readonly request: TransactionRequest;
}

/** A version in service. */
export interface LiveModel extends LoadedVersion {
  readonly online: OnlineFeatures;
  /** When it began to serve, epoch milliseconds. */
  readonly sinceMs: number;
}

/** Options of {@link loadVersion}. */
export interface LoadOptions {
  readonly registry: ModelRegistry;
  readonly model: string;
  /** Takes the place of the bundle's policy. */
  readonly policy: DecisionPolicy | undefined;
  readonly clock: Clock;
  readonly maxAheadMs: number;
}

/**
 * Reads a version's bundle (each file verified against its hash) and checks that its parts belong together.
 *
 * @throws {ServeError} UNUSABLE_VERSION when a part is missing or doesn't fit the others
 * @throws {FraudOpsError} what registry, model and features throw for bytes that are damaged or not of their format
 */
export async function loadVersion(version: ModelVersion, options: LoadOptions): Promise<LoadedVersion> {
  const bundle = readBundle(await options.registry.load(options.model, version.version));
  const refuse = (what: string): never => {
    throw new ServeError('UNUSABLE_VERSION', `${options.model} version ${version.version}: ${what}; register a complete bundle`, {
      details: { model: options.model, version: version.version },
    });
  };
  if (bundle.features === undefined)
    return refuse('features.json is missing, so nothing says how a transaction becomes features');
  const featureSet = featureSetFromJson(bundle.features);
  const scaler = bundle.scaler === undefined ? undefined : scalerFromJson(bundle.scaler);
  requireSameNames(bundle.model.featureNames, featureSet.names, 'the model', refuse);
  if (scaler) requireSameNames(scaler.names, featureSet.names, 'scaler.json', refuse);
  const reserved = DECISION_COLUMNS.find((name) => featureSet.names.includes(name));
  if (reserved) refuse(`a feature is called ${reserved}, which is a column of the decision log`);
  const loaded: LoadedVersion = {
    version,
    model: bundle.model,
    featureSet,
    scaler,
    policy: choosePolicy(options.policy, bundle.policy, refuse),
    request: transactionRequest(featureSet.transactions, {
      // Of one version always the same, and never ahead of the clock, where it would be refused.
      exampleTimeMs: Math.min(version.registeredMs, options.clock.now()),
      clock: options.clock,
      maxAheadMs: options.maxAheadMs,
      summed: summedFields(featureSet),
    }),
  };
  const score = scoreFeatures(loaded, new Float64Array(featureSet.names.length));
  if (!(score >= 0 && score <= 1)) refuse(`it gives ${score} for features that are all 0, expected a probability`);
  return loaded;
}

/** Only window features that add a field up have one. */
function summedFields({ definitions }: FeatureSet): ReadonlySet<string> {
  return new Set(
    Object.values(definitions).flatMap((definition) => (definition.type === 'window' ? (definition.field ?? []) : [])),
  );
}

function requireSameNames(
  names: readonly string[],
  expected: readonly string[],
  who: string,
  refuse: (what: string) => never,
): void {
  const length = Math.max(names.length, expected.length);
  for (let i = 0; i < length; i++) {
    if (names[i] !== expected[i])
      refuse(`${who} takes ${names[i] ?? 'nothing'} as feature ${i}, features.json gives ${expected[i] ?? 'nothing'}`);
  }
}

function choosePolicy(own: DecisionPolicy | undefined, bundled: unknown, refuse: (what: string) => never): DecisionPolicy {
  if (own) return own;
  if (bundled === undefined) return DEFAULT_POLICY;
  try {
    return policyFromJson(bundled, 'policy.json');
  } catch (error) {
    if (isFraudOpsError(error)) return refuse(error.message);
    throw error;
  }
}

/**
 * Probability of fraud at feature values as the feature set gives them. Values are rounded to float32 before scaling, as they were in
 * training, so that a score is the same bits as offline.
 */
function scoreFeatures({ model, scaler }: LoadedVersion, features: Float64Array): number {
  const row = Float32Array.from(features);
  scaler?.applyRow(row);
  return model.score(row);
}

/**
 * Checks that the features of transactions can be computed, all before the first of them is scored.
 *
 * @throws {ServeError} VALIDATION naming the index
 */
export function requireFeatures({ online, featureSet }: LiveModel, rows: readonly Row[]): void {
  const features = new Float64Array(featureSet.names.length);
  rows.forEach((row, index) => {
    try {
      online.featuresFor(row, features);
    } catch (error) {
      throw refusal(error, index) ?? error;
    }
  });
}

/**
 * Features and score of a transaction, which the state then remembers. The state is unchanged when this throws.
 *
 * @param index position in its batch
 * @throws {ServeError} VALIDATION when the state refuses a field of the transaction; UNUSABLE_VERSION when the model gives no probability
 */
export function scoreTransaction(live: LiveModel, row: Row, index?: number): { features: Float64Array; score: number } {
  try {
    const features = live.online.featuresFor(row);
    const score = scoreFeatures(live, features);
    if (!(score >= 0 && score <= 1)) {
      const { version } = live.version;
      throw new ServeError(
        'UNUSABLE_VERSION',
        `version ${version} gives ${score}, expected a probability; put another into its stage`,
      );
    }
    live.online.observe(row);
    return { features, score };
  } catch (error) {
    throw refusal(error, index) ?? error;
  }
}

/** The state's refusal of a transaction as its caller sees it; undefined for an error that isn't about the transaction. */
function refusal(error: unknown, index: number | undefined): ServeError | undefined {
  if (!isFraudOpsError(error)) return undefined;
  const { field, value } = error.details;
  if (typeof field !== 'string') return undefined;
  const rule = error.message.replace(/^event: /, '');
  const issue = { ...(index === undefined ? {} : { index }), field, value: shownValue(value), rule };
  return new ServeError('VALIDATION', describeIssue(issue), { issues: [issue], cause: error });
}
