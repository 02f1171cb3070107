/** What a search can ask for: the words of MLflow's filter language, and the fields of a run that they stand for. */
import { nearestName, showValue } from '@fraudops/core';

/** A field of a run. */
export type SearchField =
  | { readonly kind: 'metric' | 'param' | 'tag'; readonly key: string }
  | { readonly kind: 'dataset'; readonly key: DatasetKey }
  | { readonly kind: 'attribute'; readonly key: AttributeKey };

/** Attributes that hold text, and those that hold a time in epoch milliseconds. Missing ones are undefined. */
const TEXT_ATTRIBUTES = ['run_id', 'run_name', 'status', 'user_id', 'experiment_id', 'parent_run_id', 'code_version'] as const;
const NUMBER_ATTRIBUTES = ['start_time', 'end_time'] as const;
const DATASET_KEYS = ['name', 'digest', 'context'] as const;

/** An attribute that holds text. */
export type TextAttribute = (typeof TEXT_ATTRIBUTES)[number];
/** An attribute that holds a number. */
export type NumberAttribute = (typeof NUMBER_ATTRIBUTES)[number];
/** An attribute of a run. */
type AttributeKey = TextAttribute | NumberAttribute;
/** What is known of an input. */
export type DatasetKey = (typeof DATASET_KEYS)[number];

/** The words before the dot. */
const KINDS: Readonly<Record<string, SearchField['kind']>> = {
  metrics: 'metric',
  metric: 'metric',
  params: 'param',
  param: 'param',
  parameters: 'param',
  parameter: 'param',
  tags: 'tag',
  tag: 'tag',
  attributes: 'attribute',
  attribute: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  datasets: 'dataset',
  dataset: 'dataset',
};

/** Other names of attributes, as MLflow's pages show them. */
const ATTRIBUTE_ALIASES: Readonly<Record<string, AttributeKey>> = {
  created: 'start_time',
  Created: 'start_time',
  'run name': 'run_name',
  'Run name': 'run_name',
  'Run Name': 'run_name',
};

/** The word before the dot that is written for each kind. */
const WRITTEN: Readonly<Record<SearchField['kind'], string>> = {
  metric: 'metrics',
  param: 'params',
  tag: 'tags',
  attribute: 'attributes',
  dataset: 'datasets',
};

/**
 * The field that a name stands for, or what is wrong with the name.
 *
 * @param kind the word before the first dot; undefined where there is none, which means an attribute
 * @example searchFieldOf('metrics', 'loss'); // { kind: 'metric', key: 'loss' }
 */
export function searchFieldOf(kind: string | undefined, key: string): SearchField | { readonly problem: string } {
  const known = kind === undefined ? 'attribute' : Object.hasOwn(KINDS, kind) ? KINDS[kind]! : undefined;
  if (known === undefined)
    return { problem: unknownName('there is nothing called', kind!, ['metrics', 'params', 'tags', 'attributes', 'datasets']) };
  if (known === 'attribute') {
    const attribute = Object.hasOwn(ATTRIBUTE_ALIASES, key)
      ? ATTRIBUTE_ALIASES[key]
      : attributeNames.find((name) => name === key);
    if (attribute !== undefined) return { kind: known, key: attribute };
    const hint = kind === undefined ? `; metrics, params and tags are written metrics.${key} and so on` : '';
    return { problem: unknownName('there is no attribute', key, attributeNames) + hint };
  }
  if (known === 'dataset') {
    const name = DATASET_KEYS.find((other) => other === key);
    return name ? { kind: known, key: name } : { problem: unknownName('datasets have no', key, DATASET_KEYS) };
  }
  return { kind: known, key };
}

const attributeNames: readonly AttributeKey[] = [...TEXT_ATTRIBUTES, ...NUMBER_ATTRIBUTES];

/** Whether a field holds numbers; all others hold text. */
export function isNumberField({ kind, key }: SearchField): boolean {
  return kind === 'metric' || (kind === 'attribute' && NUMBER_ATTRIBUTES.some((name) => name === key));
}

/** A field as it is written in a filter. @example fieldText({ kind: 'tag', key: 'a b' }); // 'tags.`a b`' */
export function fieldText({ kind, key }: SearchField): string {
  return `${WRITTEN[kind]}.${PLAIN_KEY.test(key) ? key : quotedKey(key)}`;
}

/** Keys that need no quotes. */
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_.\-/:]*$/;

function quotedKey(key: string): string {
  return key.includes('`') ? `"${key.replaceAll('"', '""')}"` : `\`${key}\``;
}

function unknownName(what: string, name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `expected one of ${names.join(', ')}` : `did you mean ${nearest}?`;
  return `${what} ${showValue(name)}; ${hint}`;
}
