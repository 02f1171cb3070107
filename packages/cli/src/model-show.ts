/** A model, and a version of it, as lines of text for a person. */
import type { Lineage, ModelVersion, RegisteredModel, SignatureField } from '@fraudops/registry';
import type { CommandContext } from './command.js';
import { renderFittedTable } from './fitted-table.js';
import { timeText } from './model-text.js';
import { countText, dayText, metricText } from './number-text.js';
import { plainText } from './plain-text.js';

/** Features that are named before the rest of them is counted. */
const FEATURES_SHOWN = 12;
/** Width of the facts' names. */
const NAME_WIDTH = 12;

type Look = Pick<CommandContext, 'style' | 'width'>;

/** A model as a whole, and its versions in a table. */
export function modelText(model: RegisteredModel & { readonly versions: readonly ModelVersion[] }, look: Look): string {
  const { name, description, tags, aliases, production, staging, traffic, versions } = model;
  const held = (version: number | null) => (version === null ? '–' : `v${version}`);
  const shares = traffic && [traffic.champion, ...traffic.challengers].map(({ version, percent }) => `v${version} ${percent} %`);
  const facts: [string, string | undefined][] = [
    ['description', description || undefined],
    ['Production', held(production)],
    ['Staging', held(staging)],
    ['traffic', shares ? [...shares, ...traffic.shadow.map((version) => `v${version} shadow`)].join(', ') : undefined],
    ['aliases', listOf(Object.entries(aliases).map(([alias, version]) => `${alias} = v${version}`))],
    ['tags', listOf(Object.entries(tags).map(([tag, value]) => `${tag} = ${value}`))],
  ];
  const rows = versions.map((version) => [
    `v${version.version}`,
    version.stage,
    version.aliases.join(' '),
    metricText(version.metrics['averagePrecision'] ?? null),
    dayText(version.registeredMs),
    version.description ?? '',
  ]);
  const titles = [
    { title: 'version' },
    { title: 'stage' },
    { title: 'aliases', cut: 8, mayBeEmpty: true },
    { title: 'avg prec', align: 'right' as const },
    { title: 'registered' },
    { title: 'description', cut: 8, mayBeEmpty: true },
  ];
  return `${headed(name, facts, look)}\n${renderFittedTable(titles, rows, look.width)}\n`;
}

/** One version with all that is known of it. */
export function versionText(version: ModelVersion, lineage: Lineage, look: Look): string {
  const { files, metrics, tags, signature, approvals } = version;
  const facts: [string, string | undefined][] = [
    ['stage', version.stage],
    ['aliases', listOf(version.aliases)],
    ['description', version.description],
    ['algorithm', version.algorithm],
    ['registered', `${timeText(version.registeredMs)} by ${version.registeredBy}`],
    [
      'run',
      lineage.runId &&
        (lineage.run ? `${lineage.runId} (${lineage.run.status}, experiment ${lineage.run.experiment})` : lineage.runId),
    ],
    ['data', dataText(lineage)],
    ['code', lineage.codeVersion],
    ['takes', signature && fieldsText(signature.inputs)],
    ['gives', signature && fieldsText(signature.outputs)],
    ['metrics', listOf(Object.entries(metrics).map(([metric, value]) => `${metric} ${metricText(value)}`))],
    ['tags', listOf(Object.entries(tags).map(([tag, value]) => `${tag} = ${value}`))],
    ['approvals', listOf(approvals.map(({ stage, by, why }) => `${stage} by ${by}${why && `: ${why}`}`))],
  ];
  const rows = files.map(({ path, sizeBytes, sha256 }) => [path, countText(sizeBytes), sha256.slice(0, 16)]);
  const titles = [{ title: 'file', cut: 20 }, { title: 'bytes', align: 'right' as const }, { title: 'SHA-256 begins' }];
  return `${headed(`${version.name} v${version.version}`, facts, look)}\n${renderFittedTable(titles, rows, look.width)}\n`;
}

function headed(heading: string, facts: readonly [string, string | undefined][], { style, width }: Look): string {
  const room = Math.max(20, (width ?? 1_000) - NAME_WIDTH - 3);
  const lines = facts.flatMap(([name, fact]) =>
    fact === undefined ? [] : [`  ${style('quiet', name.padEnd(NAME_WIDTH))} ${plainText(fact, room)}\n`],
  );
  return `${style('heading', heading)}\n${lines.join('')}`;
}

function listOf(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.join(', ');
}

function dataText({ data }: Lineage): string | undefined {
  if (!data) return undefined;
  const day = (ms: number | undefined) => (ms === undefined ? '?' : dayText(ms));
  const span = data.fromMs === undefined && data.toMs === undefined ? '' : `, ${day(data.fromMs)} to ${day(data.toMs)}`;
  return `${countText(data.rows)} rows${span}${data.source === undefined ? '' : `, ${data.source}`}, fingerprint ${data.fingerprint}`;
}

function fieldsText(fields: readonly SignatureField[]): string {
  if (fields.length === 0) return 'nothing';
  const types = new Set(fields.map(({ type }) => type));
  const named = fields.slice(0, FEATURES_SHOWN).map(({ name, type, optional }) => {
    return `${name}${optional ? '?' : ''}${types.size === 1 ? '' : ` ${type}`}`;
  });
  const more = fields.length - named.length;
  const kind = types.size === 1 ? ` ${[...types][0]}` : '';
  return `${countText(fields.length)}${kind}: ${[...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')}`;
}
