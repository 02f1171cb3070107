/**
 * How entities are split between versions: the champion (the version in Production), challengers that decide for a share of the entities,
 * and shadows that score along without deciding.
 *
 * An entity's key is hashed to one of 10,000 slots, and each slot belongs to a version, so a hundredth of a percent is one slot. Which
 * slot belongs to whom is part of the split. A new split keeps as many slots with their versions as it can: a version that grows takes
 * slots of the champion, a version that shrinks gives slots back to it. So an entity that a challenger decides for stays with it for as
 * long as its share does not shrink, whatever the others do, which no rule on percentages alone can promise for three versions.
 */
import { z } from 'zod';
import { murmur3 } from './murmur3.js';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';

/** A version, and the part of the entities it decides for. */
export interface TrafficShare {
  readonly version: number;
  /** In steps of 0.01; all shares of a split make 100. */
  readonly percent: number;
}

/** A split as it is recorded. */
export interface TrafficSplit {
  /** The version in Production. */
  readonly champion: TrafficShare;
  /** At most 10. */
  readonly challengers: readonly TrafficShare[];
  /** Versions that score along, at most 10. */
  readonly shadow: readonly number[];
  /** The slots from 0 on: so many belong to this version, so many to the next. */
  readonly slots: readonly SlotRun[];
}

/** Slots in a row, and whose they are. */
export type SlotRun = readonly [version: number, count: number];

/** The split of a model that is in force. */
export interface Traffic extends TrafficSplit {
  readonly model: string;
  /** The event that set it, or that last took a version out of it. */
  readonly seq: number;
}

/** Bounds of a split. */
export const TRAFFIC_LIMITS = {
  /** Challengers, and shadows, of one split. */
  versions: 10,
  /** Slots that entities are hashed to. */
  slots: 10_000,
} as const;

/**
 * The version that decides for an entity: always the same for the same split and key. The slot is that of MurmurHash3 (x86, 32 bits, seed 0)
 * of `model/champion/key` in UTF-8, so models and champions are split independently of each other.
 *
 * @param key of the entity, such as a card's number; a number counts as its decimal text
 * @example routeFor((await registry.traffic('fraud'))!, 'card-4711'); // 3
 */
export function routeFor(traffic: Pick<Traffic, 'model' | 'champion' | 'slots'>, key: string | number): number {
  if (typeof key !== 'string' && typeof key !== 'number') {
    throw new RegistryError('INVALID_ARGUMENT', `routeFor: key: expected a string or a number, got ${shownValue(key)}`, {
      details: { field: 'key' },
    });
  }
  const hash = murmur3(`${traffic.model}/${traffic.champion.version}/${key}`);
  let slot = Math.floor((hash / 2 ** 32) * TRAFFIC_LIMITS.slots);
  for (const [version, count] of traffic.slots) {
    if (slot < count) return version;
    slot -= count;
  }
  return traffic.champion.version;
}

/**
 * The split of given shares, whose slots move as little as can be from a split that came before it.
 *
 * @param shares make 100 percent
 * @param before the split in force, of the same champion
 */
export function splitTraffic(shares: Omit<TrafficSplit, 'slots'>, before?: TrafficSplit): TrafficSplit {
  const champion = shares.champion.version;
  const missing = new Map(shares.challengers.map(({ version, percent }) => [version, slotsOf(percent)]));
  const owners = before ? ownersOf(before) : Array.from<number>({ length: TRAFFIC_LIMITS.slots }).fill(champion);
  for (const [slot, version] of owners.entries()) {
    const left = missing.get(version) ?? 0;
    if (left > 0) missing.set(version, left - 1);
    else owners[slot] = champion;
  }
  let slot = 0;
  for (const [version, count] of missing) {
    for (let left = count; left > 0; slot++) {
      if (owners[slot] !== champion) continue;
      owners[slot] = version;
      left--;
    }
  }
  return { ...shares, slots: runsOf(owners) };
}

/** The split without versions that may decide no more; the champion takes their slots. Undefined when the champion is left alone. */
export function withoutVersions<Split extends TrafficSplit>(
  split: Split,
  isOut: (version: number) => boolean,
): Split | undefined {
  const champion = split.champion.version;
  const challengers = split.challengers.filter(({ version }) => !isOut(version));
  const shadow = split.shadow.filter((version) => !isOut(version));
  if (challengers.length === 0 && shadow.length === 0) return undefined;
  const owners = ownersOf(split).map((version) => (isOut(version) ? champion : version));
  const percent = owners.filter((version) => version === champion).length / SLOTS_OF_A_PERCENT;
  return { ...split, champion: { version: champion, percent }, challengers, shadow, slots: runsOf(owners) };
}

/** What is wrong with a split; undefined when nothing is. */
export function trafficProblem({ slots, ...split }: TrafficSplit): string | undefined {
  const counts = new Map<number, number>();
  for (const [version, count] of slots) counts.set(version, (counts.get(version) ?? 0) + count);
  const shares = [split.champion, ...split.challengers];
  const fits = counts.size === shares.length && shares.every(({ version, percent }) => counts.get(version) === slotsOf(percent));
  return sharesProblem(split) ?? (fits ? undefined : 'the slots do not fit the shares');
}

/** What is wrong with the shares of a split; undefined when nothing is. */
export function sharesProblem({ champion, challengers, shadow }: Omit<TrafficSplit, 'slots'>): string | undefined {
  const shares = [champion, ...challengers];
  const versions = [...shares.map(({ version }) => version), ...shadow];
  const twice = versions.find((version, i) => versions.indexOf(version) < i);
  if (twice !== undefined) return `version ${twice} is given twice${twice === champion.version ? ', it is the champion' : ''}`;
  const wrong = shares.find(({ percent }) => !(percent > 0 && Math.abs(percent * SLOTS_OF_A_PERCENT - slotsOf(percent)) < 1e-6));
  if (wrong) return `version ${wrong.version} gets ${wrong.percent} percent, expected more than 0 in steps of 0.01`;
  const sum = shares.reduce((total, { percent }) => total + slotsOf(percent), 0);
  return sum === TRAFFIC_LIMITS.slots ? undefined : `the shares make ${sum / SLOTS_OF_A_PERCENT} percent, expected 100`;
}

const SLOTS_OF_A_PERCENT = TRAFFIC_LIMITS.slots / 100;

function slotsOf(percent: number): number {
  return Math.round(percent * SLOTS_OF_A_PERCENT);
}

function ownersOf({ slots }: TrafficSplit): number[] {
  return slots.flatMap(([version, count]) => Array.from<number>({ length: count }).fill(version));
}

function runsOf(owners: readonly number[]): SlotRun[] {
  const runs: [number, number][] = [];
  for (const version of owners) {
    const last = runs.at(-1);
    if (last?.[0] === version) last[1]++;
    else runs.push([version, 1]);
  }
  return runs;
}

const versionField = z.number().int().positive();
const shareField = z.object({ version: versionField, percent: z.number().positive().max(100) });

/** A split as it is stored. */
export const trafficSplitField = z.object({
  champion: shareField,
  challengers: z.array(shareField).max(TRAFFIC_LIMITS.versions),
  shadow: z.array(versionField).max(TRAFFIC_LIMITS.versions),
  slots: z.array(z.tuple([versionField, z.number().int().min(1).max(TRAFFIC_LIMITS.slots)])).max(TRAFFIC_LIMITS.slots),
}) satisfies z.ZodType<TrafficSplit>;
