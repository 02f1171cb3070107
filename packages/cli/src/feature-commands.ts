/** Commands on sets of features: what there is, and what a feature means down to the raw fields. */
import {
  type FeatureExplanation,
  type FeatureSet,
  type TransactionsDefinition,
  explainFeature,
  featureSetFromJson,
  handbookFeatures,
} from '@fraudops/features';
import type { Command, CommandContext, CommandOption } from './command.js';
import { readJson } from './json-file.js';
import { plainText } from './plain-text.js';
import type { Stylist } from './terminal-style.js';
import { type TextTree, renderTree } from './text-tree.js';

const SET_OPTION: CommandOption = {
  value: 'FILE',
  help: 'set of features, JSON as toJson() writes it; else that of the handbook',
};
const JSON_OPTION: CommandOption = { help: 'print JSON' };

/** Commands on sets of features. */
export const featureCommands: readonly Command[] = [
  {
    name: 'features list',
    summary: 'List the features of a set, each in a sentence',
    options: { set: SET_OPTION, json: JSON_OPTION },
    async run(context) {
      const { switches, print, style } = context;
      const features = await featureSetOf(context);
      const explained = features.names.map((name) => explainFeature(features, name));
      if (switches.has('json')) {
        const list = explained.map(({ name, meaning, fields }) => ({ name, kind: features.kinds[name], meaning, fields }));
        return print(`${JSON.stringify({ version: features.version, features: list }, null, 2)}\n`);
      }
      const lines = explained.map(({ name, meaning }) => {
        return `${style('accent', plainText(name, 200))}  ${style('quiet', features.kinds[name] ?? '')}\n  ${plainText(meaning, 500)}\n`;
      });
      print(`${countOf(features.names.length, 'feature')}, version ${features.version}\n\n${lines.join('')}`);
    },
  },
  {
    name: 'features explain',
    summary: 'Say what a feature means, what it is made of, and how it is defined',
    words: ['name'],
    options: { set: SET_OPTION, json: JSON_OPTION },
    async run(context) {
      const { words, switches, print, style } = context;
      const features = await featureSetOf(context);
      const explanation = explainFeature(features, words['name']!);
      if (switches.has('json')) return print(`${JSON.stringify(explanation, null, 2)}\n`);
      print(explanationText(explanation, features, style));
    },
  },
];

async function featureSetOf({ options }: CommandContext): Promise<FeatureSet> {
  return options['set'] === undefined ? handbookFeatures : featureSetFromJson(await readJson(options['set']));
}

function explanationText(explanation: FeatureExplanation, features: FeatureSet, style: Stylist): string {
  const { name, meaning, definition } = explanation;
  return [
    `${style('heading', plainText(name, 200))}  ${style('quiet', features.kinds[name] ?? '')}`,
    plainText(meaning, 500),
    '',
    style('heading', 'Made of'),
    ...renderTree({ ...treeOf(explanation, features.transactions, style), text: plainText(name, 200) }).map(
      (line) => `  ${line}`,
    ),
    '',
    style('heading', 'Definition'),
    ...JSON.stringify(definition, summed, 2)
      .split('\n')
      .map((line) => `  ${plainText(line, 1000)}`),
    '',
  ].join('\n');
}

/** A feature with the features it is made of below it, and the raw fields below those. */
function treeOf({ name, meaning, parts, fields }: FeatureExplanation, of: TransactionsDefinition, style: Stylist): TextTree {
  const below = parts.map((part) => treeOf(part, of, style));
  const leaves = fields.map((field) => ({
    text: `${plainText(field)}  ${style('quiet', fieldText(field, of))}`,
    below: [],
  }));
  return {
    text: `${style('accent', plainText(name, 200))}  ${plainText(meaning, 500)}`,
    below: below.length > 0 ? below : leaves,
  };
}

/** What a raw field is: its kind, and what the transactions take it for. */
function fieldText(name: string, { fields, time, arrival, label, entities, amount }: TransactionsDefinition): string {
  const roles: readonly (readonly [holds: boolean, text: string])[] = [
    [name === time, 'when it happened'],
    [name === arrival, 'when it became known'],
    [name === label?.field, 'the label'],
    [name === label?.knownAt, 'when the label became known'],
    [entities.includes(name), 'an entity'],
    [name === amount, 'the amount'],
  ];
  return [fields[name]!.kind, ...roles.filter(([holds]) => holds).map(([, text]) => text)].join(', ');
}

/** What an encoding learned is too long to read. */
function summed(key: string, value: unknown): unknown {
  if (key !== 'steps') return value;
  const { fromMs, categories } = value as { fromMs: readonly number[]; categories: readonly string[] };
  return `${countOf(fromMs.length, 'step')} of ${countOf(categories.length, 'value')}`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
