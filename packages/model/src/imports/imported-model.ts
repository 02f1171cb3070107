/**
 * What imports have in common: the options, the result, and the rule that a foreign model is admitted only with a certificate that it
 * scores here as it does there.
 */
import type { OptionKinds } from '@fraudops/core';
import type { Model } from '../model.js';
import { requireOptions } from '../required-arguments.js';
import { ModelError } from '../model-error.js';
import { type ParityCertificate, type ParityReference, certify, requireFinite } from './parity-certificate.js';

/** What every import takes besides the file. One of `certify` and `withoutCertificate` has to be there. */
export interface ImportOptions {
  /** One name a feature. Default: the names in the file; where it has none, `f0`, `f1` and so on. */
  readonly featureNames?: readonly string[] | undefined;
  /**
   * Rows with the margins or probabilities that the other library gives them; see {@link certificateRows}. Margins are meant as that
   * library puts them out, such as LightGBM's `raw_score`.
   */
  readonly certify?: ParityReference | undefined;
  /** Largest difference that a certificate allows; see {@link certify}. Default 1e-6. */
  readonly tolerance?: number | undefined;
  /** True admits the model unproven: to make the rows for a certificate, or where parity is tested elsewhere. */
  readonly withoutCertificate?: boolean | undefined;
}

/** Where a model comes from. */
export interface ImportSource {
  readonly library: 'xgboost' | 'lightgbm' | 'ml-cart';
  /** Version of the library or of its format, as the file says; empty if it doesn't. */
  readonly version: string;
  /** What the model was trained for, in the library's words. */
  readonly objective: string;
}

/** The values that a feature's codes 0, 1, 2 ... stand for. */
export interface ImportedCategories {
  /** Undefined where the file doesn't say which feature it is. */
  readonly feature: string | undefined;
  readonly values: readonly (string | number | boolean | null)[];
}

/** What an import returns. */
export interface ImportedModel<Kind extends Model = Model> {
  readonly model: Kind;
  /** Undefined when it was imported `withoutCertificate`. */
  readonly certificate: ParityCertificate | undefined;
  /** What the file says that a user of its scores should know. */
  readonly warnings: readonly string[];
  readonly source: ImportSource;
  /** Categories that the file names, so that a caller can turn values into the codes that the model takes. */
  readonly categories: readonly ImportedCategories[];
}

/** The kind of each option that every import takes. */
export const IMPORT_OPTIONS: OptionKinds<ImportOptions> = {
  featureNames: 'array',
  certify: 'object',
  tolerance: 'checked',
  withoutCertificate: 'flag',
};

/**
 * Throws unless the options are options of the import, and say how parity is proven, or that it is not.
 *
 * @throws {ModelError} INVALID_OPTION, CERTIFICATE_MISSING
 */
export function requireImportOptions<Options extends ImportOptions>(
  where: string,
  options: Options,
  kinds: OptionKinds<Options>,
): void {
  requireOptions(where, options, kinds);
  if (options.certify !== undefined || options.withoutCertificate === true) return;
  throw new ModelError(
    'CERTIFICATE_MISSING',
    `${where}: no certificate that the model scores here as it does there; import once with withoutCertificate: true, score the rows of ` +
      'certificateRows(model) in the other library, and pass them as certify: { rows, margins }',
  );
}

/**
 * The certificate that the options ask for.
 *
 * @param scores.marginPerRaw what the other library's raw scores are multiplied by to become the model's margin; default 1
 * @param scores.float32Sums whether it adds leaves in float32; default false
 * @throws {ModelError} CERTIFICATE_FAILED
 */
export function certifyImport(
  model: Model,
  options: ImportOptions,
  scores: { readonly marginPerRaw?: number; readonly float32Sums?: boolean } = {},
): ParityCertificate | undefined {
  if (options.certify === undefined) return undefined;
  const { rows, margins, probabilities } = options.certify;
  const { marginPerRaw = 1, float32Sums } = scores;
  if (margins !== undefined) requireFinite('margins', margins);
  const scaled = margins === undefined ? undefined : Array.from(margins, (margin) => margin * marginPerRaw);
  return certify(model, { rows, margins: scaled, probabilities, float32Sums }, { tolerance: options.tolerance });
}

/**
 * The names that the model gets.
 *
 * @param fromFile empty when the file has none
 * @throws {ModelError} FEATURE_MISMATCH when the caller's names are too few or too many
 */
export function importedFeatureNames(
  where: string,
  options: ImportOptions,
  fromFile: readonly string[],
  featureCount: number,
): readonly string[] {
  const names = options.featureNames ?? (fromFile.length > 0 ? fromFile : undefined);
  if (names === undefined) return Array.from({ length: featureCount }, (_, position) => `f${position}`);
  if (names.length === featureCount) return names;
  throw new ModelError(
    options.featureNames ? 'FEATURE_MISMATCH' : 'INVALID_MODEL',
    `${where}: ${names.length} feature names, the model takes ${featureCount}; pass featureNames with one name a feature`,
    { details: { names: names.length, expected: featureCount } },
  );
}

/**
 * An error for what the file holds in good order and this package can't represent.
 *
 * @param option name of the option that would help, for the error's details
 */
export function unsupported(where: string, rule: string, option?: string): ModelError {
  return new ModelError('UNSUPPORTED_MODEL', `${where}: ${rule}`, option === undefined ? {} : { details: { option } });
}
