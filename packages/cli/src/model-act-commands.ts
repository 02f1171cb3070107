/** Commands that change what the registry says of a model. Each writes one event, with who did it and why. */
import type { AliasChange, ModelVersion, Promotion, Traffic } from '@fraudops/registry';
import { type Command, type CommandContext, UsageError } from './command.js';
import {
  BY_OPTION,
  JSON_OPTION,
  VERSION_OPTION,
  WHY_OPTION,
  actorName,
  findVersion,
  printResult,
  requireModel,
  requireReason,
  requireStageOption,
  withRegistry,
} from './model-text.js';
import { STORE_OPTION } from './open-store.js';
import { plainText } from './plain-text.js';
import { GATE_OPTIONS, gatesOf } from './promotion-gates.js';
import { renderTable } from './text-table.js';

const STAGE_OPTION = { value: 'STAGE', help: 'Production, Staging or Archived', default: 'Production' } as const;
const MAX_VERSION = 99_999_999;
/** Most characters of a name or a reason. */
const LONGEST_TEXT = 5_000;

export const modelActCommands: readonly Command[] = [
  {
    name: 'models promote',
    summary: 'Move a version to a stage if all gates that options ask for pass; the version that held it is archived',
    words: ['model', 'version'],
    options: {
      store: STORE_OPTION,
      stage: STAGE_OPTION,
      ...GATE_OPTIONS,
      expect: { value: 'N', help: 'version that must hold the stage now, 0 for none', whole: [0, MAX_VERSION] },
      why: WHY_OPTION,
      by: BY_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      const stage = requireStageOption(context);
      const gates = gatesOf(context);
      const actor = { by: actorName(context), why: requireReason(context) };
      const promotion = await withRegistry(context, async (registry) => {
        const { version } = await findVersion(registry, context.words['model']!, context.words['version']!);
        return registry.promote(context.words['model']!, version, { stage, gates, ...expectationOf(context), ...actor });
      });
      printPromotion(context, promotion);
    },
  },
  {
    name: 'models rollback',
    summary: 'Put the version that was in Production before back there',
    words: ['model'],
    options: {
      store: STORE_OPTION,
      expect: { value: 'N', help: 'version that must be in Production now, 0 for none', whole: [0, MAX_VERSION] },
      why: WHY_OPTION,
      by: BY_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      const actor = { by: actorName(context), why: requireReason(context) };
      const model = context.words['model']!;
      printPromotion(
        context,
        await withRegistry(context, (registry) => registry.rollback(model, { ...expectationOf(context), ...actor })),
      );
    },
  },
  {
    name: 'models alias',
    summary: 'Let an alias name a version (--to), or nothing any more (--remove)',
    words: ['model', 'alias'],
    options: {
      store: STORE_OPTION,
      to: VERSION_OPTION,
      remove: { help: 'remove the alias' },
      expect: { value: 'N', help: 'version that the alias must name now, 0 for none', whole: [0, MAX_VERSION] },
      why: WHY_OPTION,
      by: BY_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      requireOneOf(context, 'to', 'remove');
      printResult(context, await changeAlias(context), ({ alias, version, previous }) => {
        const before = previous === null ? 'nothing before' : `v${previous} before`;
        return version === null ? `${alias} is removed; it named v${previous}.\n` : `${alias} names v${version}, ${before}.\n`;
      });
    },
  },
  {
    name: 'models tag',
    summary: 'Give a tag to a model, or to a version of it: TAG is NAME=VALUE, or NAME with --value or --remove',
    words: ['model', 'tag'],
    options: {
      store: STORE_OPTION,
      version: VERSION_OPTION,
      value: { value: 'TEXT', help: 'value of the tag' },
      remove: { help: 'remove the tag' },
      why: { value: 'TEXT', help: 'reason, for the history' },
      by: BY_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      const [tag, value] = tagOf(context);
      await describe(context, { tags: { [tag]: value } });
    },
  },
  {
    name: 'models describe',
    summary: 'Describe a model, or a version of it, by TEXT or --text',
    words: ['model', 'text?'],
    options: {
      store: STORE_OPTION,
      version: VERSION_OPTION,
      text: { value: 'TEXT', help: 'the description' },
      remove: { help: 'remove the description' },
      why: { value: 'TEXT', help: 'reason, for the history' },
      by: BY_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      await describe(context, { description: descriptionOf(context) });
    },
  },
  {
    name: 'models approve',
    summary: 'Approve in your name that a version goes to a stage, or withdraw that; gates may ask for it',
    words: ['model', 'version'],
    options: {
      store: STORE_OPTION,
      stage: STAGE_OPTION,
      withdraw: { help: 'take your approval back' },
      why: WHY_OPTION,
      by: BY_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      const options = { stage: requireStageOption(context), by: actorName(context), why: requireReason(context) };
      const approved = await withRegistry(context, async (registry) => {
        const { version } = await findVersion(registry, context.words['model']!, context.words['version']!);
        const call = context.switches.has('withdraw') ? 'withdrawApproval' : 'approve';
        return registry[call](context.words['model']!, version, options);
      });
      printResult(context, approved, (version) => approvalsText(version, options.stage));
    },
  },
  {
    name: 'models split',
    summary: 'Split entities between Production and other versions, end that, or show it',
    words: ['model'],
    options: {
      store: STORE_OPTION,
      challengers: { value: 'SHARES', help: 'versions and their percents, such as 4=10,5=2.5; Production gets the rest' },
      shadow: { value: 'VERSIONS', help: 'versions that score along without deciding, such as 6,7' },
      end: { help: 'all to Production again' },
      why: { value: 'TEXT', help: 'reason, for the history; needed to change the split' },
      by: BY_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      printResult(context, (await splitTraffic(context)) ?? null, trafficText);
    },
  },
];

function expectationOf({ options }: CommandContext): { expectedCurrent?: number | null } {
  const expect = options['expect'];
  return expect === undefined ? {} : { expectedCurrent: Number(expect) === 0 ? null : Number(expect) };
}

function printPromotion(context: CommandContext, promotion: Promotion): void {
  if (!promotion.promoted) process.exitCode = 1;
  printResult(context, promotion, ({ promoted, stage, version, previous, gates, reason: sentence }) => {
    const { style } = context;
    const reason = plainText(sentence, LONGEST_TEXT);
    if (promoted && previous === version) return `${reason}\n`;
    const before = previous === null ? 'nothing held it before' : `v${previous} held it before`;
    if (promoted) return `${style('good', `v${version} is in ${stage}`)}; ${before}. ${reason}\n`;
    const failed = gates.filter(({ passed }) => !passed);
    const lines = failed.map(({ gate, reason: why }) => `  ${plainText(`${gate}: ${why}`, LONGEST_TEXT)}\n`);
    return `${style('warning', `v${version} was not promoted to ${stage}:`)}\n${lines.join('')}`;
  });
}

/** A tag and its value, null to remove it. @throws {UsageError} unless it is said in one way */
function tagOf({ words, options, switches }: CommandContext): [tag: string, value: string | null] {
  const word = words['tag']!;
  const { value } = options;
  if (switches.has('remove') && value === undefined) return [word, null];
  if (!switches.has('remove') && value !== undefined) return [word, value];
  const sign = word.indexOf('=');
  if (value === undefined && sign > 0) return [word.slice(0, sign), word.slice(sign + 1)];
  throw new UsageError(`Say the value, as ${word}=VALUE or with --value; or take the tag away with --remove.`);
}

/** The description, null to remove it. @throws {UsageError} unless it is said in one way */
function descriptionOf({ words, options, switches }: CommandContext): string | null {
  const given = [words['text'], options['text'], switches.has('remove') ? null : undefined].filter((text) => text !== undefined);
  if (given.length === 1) return given[0]!;
  throw new UsageError('Say the description once, as TEXT or with --text; or take it away with --remove.');
}

function requireOneOf({ options, switches }: CommandContext, option: string, other: string): void {
  if ((options[option] !== undefined) !== switches.has(other)) return;
  throw new UsageError(`Give either --${option} or --${other}.`);
}

async function changeAlias(context: CommandContext): Promise<AliasChange> {
  const actor = { ...expectationOf(context), by: actorName(context), why: requireReason(context) };
  const { model, alias } = context.words as { model: string; alias: string };
  return withRegistry(context, async (registry) => {
    if (context.switches.has('remove')) return registry.removeAlias(model, alias, actor);
    const { version } = await findVersion(registry, model, context.options['to']!);
    return registry.setAlias(model, alias, version, actor);
  });
}

async function describe(
  context: CommandContext,
  change: { tags?: Record<string, string | null>; description?: string | null },
): Promise<void> {
  const model = context.words['model']!;
  const { version: word, why } = context.options;
  await withRegistry(context, async (registry) => {
    const version = word === undefined ? undefined : (await findVersion(registry, model, word)).version;
    const actor = { by: actorName(context), ...(why === undefined ? {} : { why }) };
    await registry.describe(model, { ...change, ...actor, ...(version === undefined ? {} : { version }) });
    const described = version === undefined ? await registry.model(model) : await registry.get(model, version);
    printResult(context, described, () => `Noted of ${model}${version === undefined ? '' : ` v${version}`}.\n`);
  });
}

function approvalsText({ version, approvals }: ModelVersion, stage: string): string {
  const names = approvals.filter((approval) => approval.stage === stage).map(({ by }) => by);
  return `v${version} for ${stage}: ${names.length === 0 ? 'approved by nobody' : `approved by ${plainText(names.join(', '), LONGEST_TEXT)}`}.\n`;
}

async function splitTraffic(context: CommandContext): Promise<Traffic | undefined> {
  const model = context.words['model']!;
  const { challengers: shares, shadow: shadows } = context.options;
  const ends = context.switches.has('end');
  if (ends && (shares ?? shadows) !== undefined) throw new UsageError('Give either --end, or --challengers and --shadow.');
  if (!ends && (shares ?? shadows) === undefined) {
    return withRegistry(context, async (registry) => {
      await requireModel(registry, model);
      return registry.traffic(model);
    });
  }
  const challengers = (shares?.split(',') ?? []).map(shareOf);
  const shadow = (shadows?.split(',') ?? []).map((text) => numberOf('--shadow', text, /^v?([1-9]\d{0,7})$/));
  // In hundredths, so that what is left is a percentage of two digits too.
  const given = challengers.reduce((sum, { percent }) => sum + Math.round(percent * 100), 0);
  const actor = { by: actorName(context), why: requireReason(context) };
  const split = { champion: (10_000 - given) / 100, challengers, shadow, ...actor };
  return withRegistry(context, (registry) => registry.setTraffic(model, split));
}

function shareOf(text: string): { version: number; percent: number } {
  const [version = '', percent = ''] = text.split('=');
  return {
    version: numberOf('--challengers', version, /^v?([1-9]\d{0,7})$/),
    percent: numberOf('--challengers', percent, /^(\d{1,3}(?:\.\d{1,2})?)%?$/),
  };
}

function numberOf(option: string, text: string, rule: RegExp): number {
  const found = rule.exec(text.trim())?.[1];
  if (found !== undefined) return Number(found);
  const example = option === '--shadow' ? '6,7' : '4=10,5=2.5';
  throw new UsageError(`${option} has ${JSON.stringify(text)}, expected such as ${example}.`);
}

function trafficText(traffic: Traffic | null): string {
  if (!traffic) return 'All entities go to Production.\n';
  const { champion, challengers, shadow } = traffic;
  const rows = [
    [`v${champion.version}`, `${champion.percent} %`, 'Production'],
    ...challengers.map(({ version, percent }) => [`v${version}`, `${percent} %`, 'challenger']),
    ...shadow.map((version) => [`v${version}`, '–', 'shadow: scores along']),
  ];
  return `${renderTable([{ title: 'version' }, { title: 'share', align: 'right' }, { title: 'as' }], rows)}\n`;
}
