/** Random histories of a model for property tests: wishes of what somebody may want next, and the event of each that the state allows. */
import fc from 'fast-check';
import { type ModelState, emptyModelState, foldEvents, incumbentOf, rollbackTarget, usedAs } from './model-state.js';
import type { EventEnvelope, EventOf, RegistryEvent } from './registry-event.js';
import type { PromotionStage } from './stage.js';
import { splitTraffic } from './traffic.js';

/** What somebody may want next; a wish that the state does not allow makes no event. */
export type Wish =
  | { act: 'register' | 'rollback' }
  | { act: 'promote' | 'refuse' | 'approve' | 'withdraw'; version: number; stage: PromotionStage }
  | { act: 'alias'; alias: string; version: number | null }
  | { act: 'describe'; version: number | null; tags: Record<string, string | null>; description?: string | null }
  | { act: 'split'; challengers: number[]; shadow: number[]; percent: number }
  | { act: 'delete'; version: number };

const version = fc.integer({ min: 1, max: 6 });
const stage = fc.constantFrom<PromotionStage>('Production', 'Production', 'Staging', 'Archived');

/** Up to 60 wishes about a model of a few versions. */
export const wishes: fc.Arbitrary<Wish[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Wish>({ act: 'register' }) },
    { weight: 2, arbitrary: fc.constant<Wish>({ act: 'rollback' }) },
    {
      weight: 6,
      arbitrary: fc.record({ act: fc.constantFrom('promote', 'promote', 'refuse', 'approve', 'withdraw'), version, stage }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant('alias' as const),
        alias: fc.constantFrom('champion', 'constructor', 'best'),
        version: fc.option(version),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record(
        {
          act: fc.constant('describe' as const),
          version: fc.option(version),
          tags: fc.dictionary(fc.constantFrom('a', 'b', 'toString'), fc.option(fc.constantFrom('1', '2'))),
          description: fc.option(fc.constantFrom('', 'text')),
        },
        { requiredKeys: ['act', 'version', 'tags'] },
      ),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        act: fc.constant('split' as const),
        challengers: fc.uniqueArray(version, { maxLength: 3 }),
        shadow: fc.uniqueArray(version, { maxLength: 2 }),
        percent: fc.integer({ min: 1, max: 3_000 }).map((hundredths) => hundredths / 100),
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('delete' as const), version }) },
  ),
  { maxLength: 60, size: 'max' },
);

const files = [{ path: 'model.json', sha256: 'a'.repeat(64), sizeBytes: 1 }];

/** What all events of a place have. */
export function envelope(seq: number): EventEnvelope {
  return { id: `e${seq}`, model: 'fraud', seq, by: seq % 3 === 0 ? 'ben' : 'ana', why: '', atMs: 1_000 + seq, previous: null };
}

/** The event of a registration. */
export function registered(seq: number, number: number): EventOf<'registered'> {
  return { ...envelope(seq), type: 'registered', payload: { version: number, files, metrics: {}, tags: {} } };
}

/** The log that a list of wishes makes, and the state after each event. */
export function historyOf(list: readonly Wish[]): { events: RegistryEvent[]; states: ModelState[] } {
  const events: RegistryEvent[] = [];
  const states = [emptyModelState('fraud')];
  for (const wish of list) {
    const event = eventFor(states.at(-1)!, wish);
    if (!event) continue;
    events.push(event);
    states.push(foldEvents(states.at(-1)!, [event]));
  }
  return { events, states };
}

function eventFor(state: ModelState, wish: Wish): RegistryEvent | undefined {
  const next = envelope(state.seq + 1);
  switch (wish.act) {
    case 'register':
      return registered(next.seq, state.versions.length + 1);
    case 'rollback': {
      const back = rollbackTarget(state);
      return back === undefined
        ? undefined
        : { ...next, type: 'rolled-back', payload: { version: back, incumbent: state.production } };
    }
    case 'alias':
      return aliasEvent(state, next, wish);
    case 'describe': {
      const { act: _, ...payload } = wish;
      return wish.version !== null && !state.versions[wish.version - 1] ? undefined : { ...next, type: 'described', payload };
    }
    case 'split':
      return splitEvent(state, next, wish);
    default:
      return versionEvent(state, next, wish);
  }
}

function aliasEvent(state: ModelState, next: EventEnvelope, wish: Extract<Wish, { act: 'alias' }>): RegistryEvent | undefined {
  const { alias } = wish;
  const previous = state.aliases.get(alias) ?? null;
  if (wish.version !== null) {
    return state.versions[wish.version - 1] && { ...next, type: 'aliased', payload: { alias, version: wish.version, previous } };
  }
  return previous === null ? undefined : { ...next, type: 'alias-removed', payload: { alias, version: previous } };
}

function splitEvent(state: ModelState, next: EventEnvelope, wish: Extract<Wish, { act: 'split' }>): RegistryEvent | undefined {
  if (state.production === null) return undefined;
  const fits = (number: number) =>
    number !== state.production && state.versions[number - 1] && state.versions[number - 1]!.stage !== 'Archived';
  const challengers = wish.challengers.filter(fits).map((number) => ({ version: number, percent: wish.percent }));
  const shadow = wish.shadow.filter((number) => fits(number) && !challengers.some((share) => share.version === number));
  const rest = (10_000 - challengers.length * Math.round(wish.percent * 100)) / 100;
  const shares = { champion: { version: state.production, percent: rest }, challengers, shadow };
  return { ...next, type: 'traffic-split', payload: splitTraffic(shares, state.traffic ?? undefined) };
}

function versionEvent(
  state: ModelState,
  next: EventEnvelope,
  wish: Extract<Wish, { act: 'promote' | 'refuse' | 'approve' | 'withdraw' | 'delete' }>,
): RegistryEvent | undefined {
  const found = state.versions[wish.version - 1];
  if (!found) return undefined;
  const number = wish.version;
  if (wish.act === 'delete') {
    return usedAs(state, found) ? undefined : { ...next, type: 'deleted-version', payload: { version: number } };
  }
  const payload = { version: number, stage: wish.stage };
  if (wish.act === 'approve') return { ...next, type: 'approved', payload };
  if (wish.act === 'withdraw') {
    const given = found.approvals.find((approval) => approval.stage === wish.stage);
    return given && { ...next, by: given.by, type: 'approval-withdrawn', payload };
  }
  const passed = wish.act === 'promote';
  const gates = [{ gate: 'better', passed, reason: '' }];
  const incumbent = incumbentOf(state, wish.stage);
  return { ...next, type: passed ? 'promoted' : 'promotion-refused', payload: { ...payload, incumbent, gates } };
}
