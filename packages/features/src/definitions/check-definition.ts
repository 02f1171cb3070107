/**
 * Whether a definition can mean anything for given transactions. Whatever is wrong is refused when features are defined, with the name
 * of the feature and the fix.
 */
import { FeatureError } from '../feature-error.js';
import { requireHolidayDates, requireTimeZone } from '../rows/local-clock.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { checkedWindow } from './check-window.js';
import { type DefinitionContext, invalid, requireField, requireKind, wrongKind } from './definition-rules.js';
import type { EncodingFeature, FeatureDefinition, NightFeature } from './feature-definition.js';

const BUILDERS = 'make definitions with field(), count(), mean() ...';

/** The definition with its defaults filled in. @throws {FeatureError} INVALID_DEFINITION, UNKNOWN_FIELD or WRONG_KIND */
export function checkedDefinition(name: string, definition: FeatureDefinition, context: DefinitionContext): FeatureDefinition {
  requireFeatureName(name);
  if (typeof definition !== 'object' || definition === null) throw invalid(name, `is ${String(definition)}; ${BUILDERS}`);
  const { transactions } = context;
  switch (definition.type) {
    case 'field':
      requireRawField(name, definition.field, transactions);
      return definition;
    case 'hourOfDay':
    case 'dayOfWeek':
    case 'duringWeekend':
    case 'duringNight':
    case 'onHoliday':
      if (definition.timeZone !== undefined) named(name, () => requireTimeZone(definition.timeZone!));
      if (definition.type === 'duringNight') requireHours(name, definition);
      if (definition.type === 'onHoliday') named(name, () => requireHolidayDates(definition.dates));
      return definition;
    case 'equals':
    case 'ordinal':
      requireKind(name, definition.field, transactions, ['category']);
      requireCategories(name, definition.type === 'equals' ? [definition.value] : definition.values);
      return definition;
    case 'targetEncoding':
    case 'frequencyEncoding':
      requireEncoding(name, definition, transactions);
      return definition;
    case 'distance':
      for (const place of [definition.from, definition.to]) {
        if (typeof place !== 'object' || place === null) throw invalid(name, 'has no two places; say which fields hold them');
        requireKind(name, place.latitude, transactions, ['number']);
        requireKind(name, place.longitude, transactions, ['number']);
      }
      return definition;
    case 'window':
      return checkedWindow(name, definition, context);
    case 'ratio':
    case 'difference':
      if (!Array.isArray(definition.of) || definition.of.length !== 2)
        throw invalid(name, `is made of ${String(definition.of)}, expected the names of two features`);
      for (const part of definition.of) requireFeature(name, part, context.names);
      return definition;
    default:
      throw invalid(name, `has the type ${String((definition as { type: unknown }).type)}; ${BUILDERS}`);
  }
}

function requireFeatureName(name: string): void {
  // JavaScript moves keys like "1" to the front, so they would not keep their place.
  if (name === '' || name === '__proto__' || name.length > 200 || /^\d+$/.test(name)) {
    throw invalid(name, 'has no usable name; a name has 1 to 200 characters, at least one of them no digit');
  }
}

function requireRawField(name: string, fieldName: string, transactions: TransactionsDefinition): void {
  const { kind } = requireField(name, fieldName, transactions);
  const { label } = transactions;
  if (fieldName === label?.field) {
    throw invalid(
      name,
      `is the label ${fieldName} itself, which isn't known when a transaction is scored; use risk() over past labels`,
    );
  }
  if (kind === 'number' || kind === 'flag') return;
  const fix =
    kind === 'time'
      ? 'use hourOfDay(), dayOfWeek(), duringNight() or duringWeekend()'
      : 'use oneHot(), ordinal(), targetEncoding() or count() per this field';
  throw wrongKind(name, fieldName, kind, `a number or flag; ${fix}`);
}

function requireHours(name: string, { fromHour = 0, untilHour }: NightFeature): void {
  for (const [option, hour] of Object.entries({ fromHour, untilHour })) {
    if (Number.isInteger(hour) && hour >= 0 && hour <= 23) continue;
    throw invalid(name, `has ${option} ${String(hour)}, expected a whole hour from 0 to 23`);
  }
}

/** Most categories that a definition lists. */
const MAX_LISTED = 10_000;

function requireCategories(name: string, values: readonly string[]): void {
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_LISTED) {
    throw invalid(
      name,
      `lists ${Array.isArray(values) ? values.length : String(values)} categories, expected 1 to ${MAX_LISTED}`,
    );
  }
  const odd = values.findIndex((value) => typeof value !== 'string');
  if (odd >= 0) throw invalid(name, `lists ${String(values[odd])}, expected text; categories are text`);
  if (new Set(values).size === values.length) return;
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  throw invalid(name, `lists the category ${JSON.stringify(twice)} twice; list each once`);
}

function requireEncoding(name: string, definition: EncodingFeature, transactions: TransactionsDefinition): void {
  const { type, field, smoothing = 0, folds, maxCategories } = definition;
  requireKind(name, field, transactions, ['category']);
  if (type === 'targetEncoding' && !transactions.label)
    throw invalid(name, 'encodes by frauds, but the transactions have no label; give defineTransactions a label');
  if (!(Number.isFinite(smoothing) && smoothing >= 0))
    throw invalid(name, `has smoothing ${smoothing}, expected a number of at least 0`);
  if (!(Number.isInteger(folds) && folds >= 1 && folds <= 100))
    throw invalid(name, `has folds ${folds}, expected a whole number from 1 to 100`);
  if (!(Number.isInteger(maxCategories) && maxCategories >= 1 && maxCategories <= 100_000))
    throw invalid(name, `has maxCategories ${maxCategories}, expected a whole number from 1 to 100000`);
}

function requireFeature(name: string, part: string, names: ReadonlySet<string>): void {
  if (names.has(part)) return;
  const message = `defineFeatures: ${name} is made of ${part}, which is no feature of the set; it has ${[...names].slice(0, 20).join(', ')}`;
  throw new FeatureError('UNKNOWN_FIELD', message, { feature: name, field: part });
}

/** Runs a check and puts the feature's name in front of what it refuses. */
function named(name: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof FeatureError)) throw error;
    throw new FeatureError('INVALID_DEFINITION', `defineFeatures: ${name}: ${error.message}`, { feature: name }, error);
  }
}
