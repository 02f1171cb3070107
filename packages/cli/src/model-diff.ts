/** `models diff`: two versions side by side, by what they were trained with and what they are made of. */
import { readBundle } from '@fraudops/model';
import type { Lineage, ModelRegistry, ModelVersion } from '@fraudops/registry';
import type { Command, CommandContext } from './command.js';
import { renderFittedTable } from './fitted-table.js';
import { JSON_OPTION, findVersion, printResult, timeText, withRegistry } from './model-text.js';
import { countText } from './number-text.js';
import { STORE_OPTION } from './open-store.js';

/** One thing that both or one of two versions have. */
interface VersionDifference {
  readonly section: 'about' | 'parameter' | 'metric' | 'tag' | 'feature' | 'file';
  readonly name: string;
  /** Undefined where the version has none. */
  readonly left?: string | number | boolean | null;
  readonly right?: string | number | boolean | null;
  readonly same: boolean;
}

export const modelDiffCommand: Command = {
  name: 'models diff',
  summary: 'Put two versions side by side: parameters, metrics, tags, features and files',
  words: ['model', 'version', 'other'],
  options: { store: STORE_OPTION, all: { help: 'show what is equal too' }, json: JSON_OPTION },
  async run(context) {
    const { model, version, other } = context.words as { model: string; version: string; other: string };
    const [left, right] = await withRegistry(context, async (registry) => [
      await readSide(registry, await findVersion(registry, model, version)),
      await readSide(registry, await findVersion(registry, model, other)),
    ]);
    const differences = compareVersions(left!, right!);
    const result = { model, left: left!.version.version, right: right!.version.version, differences };
    printResult(context, result, () => diffText(context, result));
  },
};

/** A version with what is compared. */
interface VersionSide {
  readonly version: ModelVersion;
  readonly lineage: Lineage;
  readonly features: readonly string[];
}

async function readSide(registry: ModelRegistry, version: ModelVersion): Promise<VersionSide> {
  const lineage = await registry.lineage(version.name, version.version);
  return { version, lineage, features: await featuresOf(registry, version) };
}

/** By its signature, else by the model in its bundle; versions that hold neither have none that are known. */
async function featuresOf(
  registry: ModelRegistry,
  { name, version, signature, files }: ModelVersion,
): Promise<readonly string[]> {
  if (signature) return signature.inputs.map((input) => input.name);
  if (!files.some(({ path }) => path === 'model.json')) return [];
  const loaded = await registry.load(name, version);
  try {
    return readBundle(loaded).model.featureNames;
  } catch {
    // Files that are called so, and are no bundle of this project.
    return [];
  }
}

/** All that two versions have, equal or not, section by section. */
function compareVersions(left: VersionSide, right: VersionSide): VersionDifference[] {
  const of = (side: VersionSide, section: VersionDifference['section']) => valuesOf(side)[section];
  return (['about', 'parameter', 'metric', 'tag', 'feature', 'file'] as const).flatMap((section) => {
    const [a, b] = [of(left, section), of(right, section)];
    return [...new Set([...a.keys(), ...b.keys()])].map((name) => {
      const [one, two] = [a.get(name), b.get(name)];
      return {
        section,
        name,
        ...(one === undefined ? {} : { left: one }),
        ...(two === undefined ? {} : { right: two }),
        same: one === two,
      };
    });
  });
}

type Value = string | number | boolean | null;

function valuesOf({ version, lineage, features }: VersionSide): Record<VersionDifference['section'], ReadonlyMap<string, Value>> {
  const { data } = lineage;
  const about: [string, Value | undefined][] = [
    ['stage', version.stage],
    ['algorithm', version.algorithm],
    ['registered', timeText(version.registeredMs)],
    ['registered by', version.registeredBy],
    ['description', version.description],
    ['run', lineage.runId],
    ['code', lineage.codeVersion],
    ['seed', lineage.run?.seed],
    ['data', data?.fingerprint],
    ['data rows', data?.rows],
    ['data from', data?.fromMs === undefined ? undefined : timeText(data.fromMs)],
    ['data to', data?.toMs === undefined ? undefined : timeText(data.toMs)],
  ];
  return {
    about: new Map(about.filter((entry): entry is [string, Value] => entry[1] !== undefined)),
    parameter: new Map(Object.entries(lineage.run?.params ?? {})),
    metric: new Map(Object.entries(version.metrics)),
    tag: new Map(Object.entries(version.tags)),
    feature: new Map(features.map((name) => [name, 'yes'])),
    file: new Map(version.files.map(({ path, sha256, sizeBytes }) => [path, `${countText(sizeBytes)} B ${sha256.slice(0, 8)}`])),
  };
}

interface Diff {
  readonly left: number;
  readonly right: number;
  readonly differences: readonly VersionDifference[];
}

function diffText({ switches, style, width }: CommandContext, { left, right, differences }: Diff): string {
  const shown = differences.filter(({ same }) => !same || switches.has('all'));
  const rows = shown.map((difference, i) => [
    difference.section === shown[i - 1]?.section ? '' : difference.section,
    difference.name,
    valueText(difference.left),
    valueText(difference.right),
    changeText(difference),
  ]);
  const titles = [
    { title: '' },
    { title: 'name', cut: 8 },
    { title: `v${left}`, cut: 8 },
    { title: `v${right}`, cut: 8 },
    { title: 'change', align: 'right' as const },
  ];
  const table = shown.length === 0 ? '' : `${renderFittedTable(titles, rows, width)}\n`;
  const same = differences.length - differences.filter((difference) => !difference.same).length;
  return `${table}${style('quiet', `${countText(same)} equal${switches.has('all') || same === 0 ? '' : '; --all shows them'}`)}\n`;
}

function valueText(value: Value | undefined): string {
  if (value === undefined) return '–';
  if (typeof value !== 'number') return String(value);
  return Number.isInteger(value) ? countText(value) : String(Number(value.toPrecision(6)));
}

function changeText({ left, right, same, section }: VersionDifference): string {
  if (typeof left === 'number' && typeof right === 'number' && !same) {
    const change = Number((right - left).toPrecision(3));
    return change > 0 ? `+${change}` : String(change);
  }
  if (section === 'about' || same) return '';
  return left === undefined ? 'added' : right === undefined ? 'gone' : 'other';
}
