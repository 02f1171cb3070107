/**
 * Definitions, arranged for work: which histories must be kept, what each of them must know of a transaction, which features read which
 * window, and in which order features are made of others. History and the request path follow the same plan.
 *
 * Each feature has a slot, its place among the names; a rate has two more behind the names, for the windows that it compares.
 */
import type {
  CombinedFeature,
  FeatureDefinition,
  RowFeature,
  WindowAggregate,
  WindowFeature,
} from '../definitions/feature-definition.js';
import { type MinorUnits, minorUnits } from '../definitions/minor-units.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { categoryHash } from './category-hash.js';

/** See the module's comment. */
export interface FeaturePlan {
  readonly names: readonly string[];
  /** Places for the features and for what they are made of; the features come first. */
  readonly slotCount: number;
  readonly rows: readonly RowPlan[];
  readonly entities: readonly EntityPlan[];
  /** Each after those that it is made of. */
  readonly combined: readonly CombinedPlan[];
}

/** A feature of the row. */
interface RowPlan {
  readonly slot: number;
  readonly definition: RowFeature;
}

/** A feature made of two others: left * leftScale / (right * rightScale), or left - right. */
interface CombinedPlan {
  readonly type: 'ratio' | 'difference';
  readonly slot: number;
  readonly left: number;
  readonly right: number;
  readonly leftScale: number;
  readonly rightScale: number;
}

/** What the features of one entity need. */
export interface EntityPlan {
  /** One entity field, or two for a pair. */
  readonly per: readonly string[];
  /** Length of tiles in milliseconds; 0 keeps each transaction. */
  readonly resolutionMs: number;
  readonly totals: readonly RunningTotal[];
  readonly values: readonly KeptValue[];
  readonly windows: readonly WindowPlan[];
  /** Position of the frauds in `totals`, or -1 when no feature needs labels. */
  readonly fraudSlot: number;
  /** A transaction older than this, in milliseconds before the one at hand, is in no window. */
  readonly retentionMs: number;
}

/**
 * A whole number added up over an entity's transactions: minor units of a field, three parts of their squares (see
 * {@link squareParts}), presence of a field's value (0 or 1), frauds (0 or 1), or 1 for each transaction, in tiles.
 */
export type RunningTotal =
  | { readonly of: 'units' | 'highSquares' | 'crossProducts' | 'lowSquares'; readonly field: string; readonly units: MinorUnits }
  | { readonly of: 'presence' | 'frauds'; readonly field: string }
  | { readonly of: 'transactions'; readonly field: '' };

/**
 * A value kept of each transaction: a number, the hash of a category, or, of the transactions of a tile, the least or greatest number.
 * A missing one is NaN.
 */
export interface KeptValue {
  readonly of: 'number' | 'category' | 'least' | 'greatest';
  readonly field: string;
}

/** One window of an entity, and the features that read it. */
export interface WindowPlan {
  readonly windowMs: number;
  readonly delayMs: number;
  /** Whether the window holds the transaction at hand; never with a delay. */
  readonly own: boolean;
  readonly reads: readonly WindowRead[];
}

/** A feature's reading of a window. Slots of totals and values that the aggregate doesn't use are -1. */
export interface WindowRead {
  readonly slot: number;
  readonly aggregate: Exclude<WindowAggregate, 'rate'>;
  /** Total of units (`sum`, `mean`, `std`) or frauds (`risk`). */
  readonly totalSlot: number;
  /** Total that counts the transactions; -1 when they are counted by their places. */
  readonly countSlot: number;
  /** First of the three totals of squares of `std`. */
  readonly squareSlot: number;
  /** Value that is read, or the latitude of `speed`, whose longitude has the next slot. */
  readonly valueSlot: number;
  readonly units: MinorUnits;
  /** `share`: hash of the category asked for; NaN when it is the transaction's own. */
  readonly categoryHash: number;
}

const WHOLE: MinorUnits = { numerator: 1, denominator: 1 };

/** Arranges checked definitions; windows have their delay filled in, and features are made of ones that exist, without cycles. */
export function planFeatures(
  definitions: Readonly<Record<string, FeatureDefinition>>,
  transactions: TransactionsDefinition,
  retentionMs?: number,
): FeaturePlan {
  const names = Object.keys(definitions);
  const slots = new Map(names.map((name, slot) => [name, slot]));
  const rows: RowPlan[] = [];
  const windows: PlacedWindow[] = [];
  const combined: CombinedPlan[] = [];
  let slotCount = names.length;
  for (const [name, definition] of Object.entries(definitions)) {
    const slot = slots.get(name)!;
    if (definition.type === 'window' && definition.aggregate === 'rate') {
      const [left, right] = [slotCount++, slotCount++];
      windows.push({ slot: left, definition: partOfRate(definition, definition.windowMs) });
      windows.push({ slot: right, definition: partOfRate(definition, definition.longWindowMs!) });
      const scales = { leftScale: definition.longWindowMs!, rightScale: definition.windowMs };
      combined.push({ type: 'ratio', slot, left, right, ...scales });
    } else if (definition.type === 'window') windows.push({ slot, definition });
    else if (isCombined(definition)) {
      const [left, right] = definition.of.map((part) => slots.get(part)!) as [number, number];
      combined.push({ type: definition.type, slot, left, right, leftScale: 1, rightScale: 1 });
    } else rows.push({ slot, definition });
  }
  const histories = new Map<string, PlacedWindow[]>();
  for (const window of windows) {
    const history = historyOf(window.definition);
    histories.set(history, [...(histories.get(history) ?? []), window]);
  }
  return {
    names,
    slotCount,
    rows,
    entities: [...histories.values()].map((features) => planEntity(features, transactions, retentionMs)),
    combined: inOrderOfNeed(combined),
  };
}

function isCombined(definition: FeatureDefinition): definition is CombinedFeature {
  return definition.type === 'ratio' || definition.type === 'difference';
}

interface PlacedWindow {
  readonly slot: number;
  readonly definition: WindowFeature;
}

/** Windows with the same entities and tiles share a history. */
function historyOf({ per, resolutionMs = 0 }: WindowFeature): string {
  return JSON.stringify([entitiesOf(per), resolutionMs]);
}

function entitiesOf(per: WindowFeature['per']): readonly string[] {
  return typeof per === 'string' ? [per] : per;
}

/** The count or sum that a rate compares. */
function partOfRate(rate: WindowFeature, windowMs: number): WindowFeature {
  return { ...rate, windowMs, aggregate: rate.field === undefined ? 'count' : 'sum' };
}

function planEntity(features: readonly PlacedWindow[], transactions: TransactionsDefinition, retentionMs?: number): EntityPlan {
  const { per, resolutionMs = 0 } = features[0]!.definition;
  const needs = new EntityNeeds(resolutionMs > 0, transactions);
  const windows = new Map<string, { windowMs: number; delayMs: number; own: boolean; reads: WindowRead[] }>();
  for (const { slot, definition } of features) {
    const { windowMs, delayMs = 0 } = definition;
    const own = delayMs === 0 && holdsOwn(definition);
    const key = `${windowMs} ${delayMs} ${own}`;
    const window = windows.get(key) ?? { windowMs, delayMs, own, reads: [] };
    windows.set(key, window);
    window.reads.push(needs.read(slot, definition));
  }
  const longestMs = Math.max(...features.map(({ definition }) => definition.windowMs + (definition.delayMs ?? 0)));
  return {
    per: entitiesOf(per),
    resolutionMs,
    totals: needs.totals,
    values: needs.values,
    windows: [...windows.values()],
    fraudSlot: needs.totals.findIndex(({ of }) => of === 'frauds'),
    retentionMs: retentionMs ?? longestMs,
  };
}

/** Whether a window without delay holds the transaction itself. */
function holdsOwn({ aggregate, own = 'included' }: WindowFeature): boolean {
  return own === 'included' && aggregate !== 'last' && aggregate !== 'timeSinceLast' && aggregate !== 'speed';
}

/** Collects what a history must know for the features that read it. */
class EntityNeeds {
  readonly totals: RunningTotal[] = [];
  readonly values: KeptValue[] = [];
  readonly #inTiles: boolean;
  readonly #transactions: TransactionsDefinition;

  constructor(inTiles: boolean, transactions: TransactionsDefinition) {
    this.#inTiles = inTiles;
    this.#transactions = transactions;
  }

  read(slot: number, { aggregate, field = '', value, place }: WindowFeature): WindowRead {
    const read = {
      slot,
      aggregate: aggregate as WindowRead['aggregate'],
      totalSlot: -1,
      countSlot: this.#inTiles ? this.#total({ of: 'transactions', field: '' }) : -1,
      squareSlot: -1,
      valueSlot: -1,
      units: WHOLE,
      categoryHash: value === undefined ? Number.NaN : categoryHash(value),
    };
    switch (aggregate) {
      case 'risk':
        return { ...read, totalSlot: this.#total({ of: 'frauds', field: this.#transactions.label!.field }) };
      case 'sum':
      case 'mean':
      case 'std':
        return { ...read, ...this.#sums(aggregate, field, read.countSlot) };
      case 'min':
        return { ...read, valueSlot: this.#value({ of: this.#inTiles ? 'least' : 'number', field }) };
      case 'max':
        return { ...read, valueSlot: this.#value({ of: this.#inTiles ? 'greatest' : 'number', field }) };
      case 'first':
      case 'last':
        return { ...read, valueSlot: this.#value({ of: 'number', field }) };
      case 'distinct':
      case 'share':
        return { ...read, valueSlot: this.#value({ of: 'category', field }) };
      case 'speed':
        return { ...read, valueSlot: this.#place(place!.latitude, place!.longitude) };
      default:
        return read;
    }
  }

  #sums(aggregate: 'sum' | 'mean' | 'std', field: string, countSlot: number): Partial<WindowRead> {
    const { resolution, required } = this.#transactions.fields[field]!;
    const units = minorUnits(resolution!)!;
    const totalSlot = this.#total({ of: 'units', field, units });
    if (aggregate === 'sum') return { units, totalSlot };
    const present = required ? countSlot : this.#total({ of: 'presence', field });
    if (aggregate === 'mean') return { units, totalSlot, countSlot: present };
    const squareSlot = this.#total({ of: 'highSquares', field, units });
    this.#total({ of: 'crossProducts', field, units });
    this.#total({ of: 'lowSquares', field, units });
    return { units, totalSlot, countSlot: present, squareSlot };
  }

  #total(wanted: RunningTotal): number {
    const slot = this.totals.findIndex(({ of, field }) => of === wanted.of && field === wanted.field);
    return slot >= 0 ? slot : this.totals.push(wanted) - 1;
  }

  #value(wanted: KeptValue): number {
    const slot = this.values.findIndex(({ of, field }) => of === wanted.of && field === wanted.field);
    return slot >= 0 ? slot : this.values.push(wanted) - 1;
  }

  /** Both coordinates, one behind the other. */
  #place(latitude: string, longitude: string): number {
    const slot = this.values.findIndex(
      ({ of, field }, i) => of === 'number' && field === latitude && this.values[i + 1]?.field === longitude,
    );
    if (slot >= 0) return slot;
    return this.values.push({ of: 'number', field: latitude }, { of: 'number', field: longitude }) - 2;
  }
}

/** Features made of others, each behind those that it needs. */
function inOrderOfNeed(combined: readonly CombinedPlan[]): CombinedPlan[] {
  const bySlot = new Map(combined.map((plan) => [plan.slot, plan]));
  const ordered = new Set<CombinedPlan>();
  const visit = (plan: CombinedPlan): void => {
    if (ordered.has(plan)) return;
    for (const part of [plan.left, plan.right]) {
      const needed = bySlot.get(part);
      if (needed) visit(needed);
    }
    ordered.add(plan);
  };
  for (const plan of combined) visit(plan);
  return [...ordered];
}
