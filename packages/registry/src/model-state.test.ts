import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ModelState, emptyModelState, foldEvents, incumbentOf, rollbackTarget } from './model-state.js';
import type { EventEnvelope, RegistryEvent } from './registry-event.js';
import type { PromotionStage } from './stage.js';

/** What somebody may want next; those that the state does not allow are left out. */
type Wish = { act: 'register' | 'rollback' } | { act: 'promote' | 'refuse'; version: number; stage: PromotionStage };

const wishes = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<Wish>({ act: 'register' }) },
    { weight: 1, arbitrary: fc.constant<Wish>({ act: 'rollback' }) },
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constantFrom('promote' as const, 'promote' as const, 'refuse' as const),
        version: fc.integer({ min: 1, max: 8 }),
        stage: fc.constantFrom<PromotionStage>('Production', 'Production', 'Staging', 'Archived'),
      }),
    },
  ),
  { maxLength: 60 },
);

const files = [{ path: 'model.json', sha256: 'a'.repeat(64), sizeBytes: 1 }];
const judgement = (passed: boolean) => ({ gate: 'better', passed, reason: '' });

function envelope(seq: number): EventEnvelope {
  return { id: `e${seq}`, model: 'fraud', seq, by: 'ana', why: '', atMs: 1_000 + seq, previous: null };
}

function eventFor(state: ModelState, wish: Wish): RegistryEvent | undefined {
  const next = envelope(state.seq + 1);
  if (wish.act === 'register') {
    return { ...next, type: 'registered', payload: { version: state.versions.length + 1, files, metrics: {}, tags: {} } };
  }
  if (!('version' in wish)) {
    const version = rollbackTarget(state);
    return version === undefined
      ? undefined
      : { ...next, type: 'rolled-back', payload: { version, incumbent: state.production } };
  }
  const { version, stage, act } = wish;
  if (version > state.versions.length) return undefined;
  const type = act === 'promote' ? 'promoted' : 'promotion-refused';
  const gates = [judgement(act === 'promote')];
  return { ...next, type, payload: { version, stage, incumbent: incumbentOf(state, stage), gates } };
}

/** The log that a list of wishes makes, and the state after each event. */
function history(list: readonly Wish[]): { events: RegistryEvent[]; states: ModelState[] } {
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

describe('foldEvents', () => {
  it('gives the same state at once as event by event, from any point on', () => {
    fc.assert(
      fc.property(wishes, fc.nat(), (list, cut) => {
        const { events, states } = history(list);
        const middle = events.length === 0 ? 0 : cut % (events.length + 1);
        expect(foldEvents(emptyModelState('fraud'), events)).toEqual(states.at(-1));
        expect(foldEvents(states[middle]!, events.slice(middle))).toEqual(states.at(-1));
      }),
    );
  });

  it('never has two versions in Production or Staging, and says which one it is', () => {
    fc.assert(
      fc.property(wishes, (list) => {
        for (const state of history(list).states) {
          for (const stage of ['Production', 'Staging'] as const) {
            const there = state.versions.filter((version) => version.stage === stage).map(({ version }) => version);
            expect(there).toEqual(incumbentOf(state, stage) === null ? [] : [incumbentOf(state, stage)]);
          }
        }
      }),
    );
  });

  it('numbers versions 1 to n, and never changes one but for its stage', () => {
    fc.assert(
      fc.property(wishes, (list) => {
        const { states } = history(list);
        for (const [i, state] of states.entries()) {
          expect(state.versions.map(({ version }) => version)).toEqual(state.versions.map((_, index) => index + 1));
          for (const { stage: _, ...facts } of states[i - 1]?.versions ?? [])
            expect(state.versions[facts.version - 1]).toMatchObject(facts);
        }
      }),
    );
  });

  it('archives the version that another one displaces, and leaves all others where they are', () => {
    fc.assert(
      fc.property(wishes, (list) => {
        const { events, states } = history(list);
        for (const [i, event] of events.entries()) {
          if (event.type === 'registered') continue;
          const [before, after] = [states[i]!, states[i + 1]!];
          const stage = event.type === 'rolled-back' ? 'Production' : event.payload.stage;
          for (const { version, stage: old } of before.versions) {
            const expected =
              event.type === 'promotion-refused'
                ? old
                : version === event.payload.version
                  ? stage
                  : version === event.payload.incumbent
                    ? 'Archived'
                    : old;
            expect(after.versions[version - 1]!.stage).toBe(expected);
          }
        }
      }),
    );
  });

  it('does not change the state it is given, and nobody can change what it gives', () => {
    const { states } = history([{ act: 'register' }, { act: 'promote', version: 1, stage: 'Production' }]);
    expect(states[1]!.versions[0]!.stage).toBe('None');
    const version = states[2]!.versions[0]! as { stage: string; metrics: Record<string, number> };
    expect(() => (version.stage = 'None')).toThrow(TypeError);
    expect(() => (version.metrics.rocAuc = 1)).toThrow(TypeError);
  });

  it('rolls back through the versions that were in Production, but not to one that was withdrawn', () => {
    const start: Wish[] = [1, 2, 3, 4].map(() => ({ act: 'register' }));
    const toProduction = (version: number): Wish => ({ act: 'promote', version, stage: 'Production' });
    const production = (...list: Wish[]) => history([...start, ...list]).states.at(-1)!.production;
    const back: Wish = { act: 'rollback' };
    expect(production(toProduction(1), toProduction(2), toProduction(3), back)).toBe(2);
    expect(production(toProduction(1), toProduction(2), toProduction(3), back, back)).toBe(1);
    expect(production(toProduction(1), toProduction(2), toProduction(3), back, toProduction(4), back)).toBe(2);
    expect(production(toProduction(1), toProduction(2), toProduction(1), back)).toBe(2);
    const withdraw: Wish = { act: 'promote', version: 2, stage: 'Archived' };
    expect(production(toProduction(1), toProduction(2), withdraw)).toBeNull();
    expect(production(toProduction(1), toProduction(2), withdraw, back)).toBe(1);
    expect(production(toProduction(1), toProduction(2), withdraw, back, toProduction(3), back)).toBe(1);
    expect(rollbackTarget(history([...start, toProduction(1)]).states.at(-1)!)).toBeUndefined();
  });

  it.each<[string, RegistryEvent[]]>([
    ['a gap', [{ ...envelope(2), type: 'registered', payload: { version: 1, files, metrics: {}, tags: {} } }]],
    ['a wrong version', [{ ...envelope(1), type: 'registered', payload: { version: 2, files, metrics: {}, tags: {} } }]],
    [
      'an unknown version',
      [{ ...envelope(1), type: 'promoted', payload: { version: 1, stage: 'Staging', incumbent: null, gates: [] } }],
    ],
    [
      'another incumbent',
      [
        { ...envelope(1), type: 'registered', payload: { version: 1, files, metrics: {}, tags: {} } },
        { ...envelope(2), type: 'promoted', payload: { version: 1, stage: 'Production', incumbent: 1, gates: [] } },
      ],
    ],
    [
      'a rollback to nowhere',
      [
        { ...envelope(1), type: 'registered', payload: { version: 1, files, metrics: {}, tags: {} } },
        { ...envelope(2), type: 'rolled-back', payload: { version: 1, incumbent: null } },
      ],
    ],
    [
      'a version without files',
      [{ ...envelope(1), type: 'registered', payload: { version: 1, files: [], metrics: {}, tags: {} } }],
    ],
    [
      'two files of one path',
      [{ ...envelope(1), type: 'registered', payload: { version: 1, files: [...files, ...files], metrics: {}, tags: {} } }],
    ],
    ...(['promoted', 'promotion-refused'] as const).map((type): [string, RegistryEvent[]] => [
      `a judgement that does not fit: ${type}`,
      [
        { ...envelope(1), type: 'registered', payload: { version: 1, files, metrics: {}, tags: {} } },
        {
          ...envelope(2),
          type,
          payload: { version: 1, stage: 'Staging', incumbent: null, gates: [judgement(true), judgement(type !== 'promoted')] },
        },
      ],
    ]),
  ])('refuses a log with %s, naming the event', (_name, events) => {
    expect(() => foldEvents(emptyModelState('fraud'), events)).toThrow(
      expect.objectContaining({ code: 'CORRUPT_LOG', details: expect.objectContaining({ seq: events.at(-1)!.seq }) }),
    );
  });
});
