/**
 * The categories that XGBoost 3.1 and later keep for features that were categories of a data frame: strings as the bytes of all of them
 * with offsets, numbers as they are. (XGBoost 3.2 cuts the bytes short when strings of a pandas index are not ASCII; then they are wrong
 * in the file.)
 */
import { ModelError } from '../model-error.js';
import { ForeignObject } from './foreign-object.js';
import type { ImportedCategories } from './imported-model.js';

/** @throws {ModelError} INVALID_MODEL naming the place */
export function xgboostCategories(booster: ForeignObject, featureNames: readonly string[]): ImportedCategories[] {
  const model = (booster.optionalObject('gbtree') ?? booster).object('model');
  const encodings = model.optionalObject('cats');
  if (!encodings?.has('enc')) return [];
  const categories: ImportedCategories[] = [];
  encodings.list('enc').forEach((encoding, position) => {
    const values = valuesOf(new ForeignObject(encodings.placeOf(`enc[${position}]`), encoding));
    if (values.length > 0) categories.push({ feature: featureNames[position], values });
  });
  return categories;
}

function valuesOf(encoding: ForeignObject): readonly (string | number)[] {
  if (!encoding.has('offsets')) return Array.from(encoding.numbers('values'), Number);
  const bytes = Uint8Array.from(encoding.numbers('values'));
  const offsets = encoding.wholeNumbers('offsets', 0, bytes.length);
  const decoder = new TextDecoder();
  const values: string[] = [];
  for (let i = 1; i < offsets.length; i++) {
    const [from, to] = [offsets[i - 1]!, offsets[i]!];
    if (to < from) throw invalid(encoding, `offsets[${i}] is ${to}, expected no less than the one before`);
    values.push(decoder.decode(bytes.subarray(from, to)));
  }
  return values;
}

function invalid(encoding: ForeignObject, rule: string): ModelError {
  return new ModelError('INVALID_MODEL', `${encoding.place}: ${rule}`, { details: { place: encoding.place } });
}
