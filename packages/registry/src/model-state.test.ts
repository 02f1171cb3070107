import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ModelState, emptyModelState, foldEvents, incumbentOf, livingVersions, rollbackTarget } from './model-state.js';
import { type Wish, envelope, historyOf, registered, wishes } from './model-wishes.fixture.js';
import type { RegistryEvent } from './registry-event.js';
import { trafficProblem } from './traffic.js';

const judgement = (passed: boolean) => ({ gate: 'better', passed, reason: '' });

/** Checks each state of random histories, with the one before it and the event between them. */
function holds(check: (state: ModelState, before: ModelState, event: RegistryEvent) => void): void {
  fc.assert(
    fc.property(wishes, (list) => {
      const { events, states } = historyOf(list);
      for (const [i, event] of events.entries()) check(states[i + 1]!, states[i]!, event);
    }),
  );
}

describe('foldEvents', () => {
  it('gives the same state at once as event by event, from any point on', () => {
    fc.assert(
      fc.property(wishes, fc.nat(), (list, cut) => {
        const { events, states } = historyOf(list);
        const middle = events.length === 0 ? 0 : cut % (events.length + 1);
        expect(foldEvents(emptyModelState('fraud'), events)).toEqual(states.at(-1));
        expect(foldEvents(states[middle]!, events.slice(middle))).toEqual(states.at(-1));
      }),
    );
  });

  it('meets every type of event in such histories', () => {
    const lists = fc.sample(wishes, { seed: 1, numRuns: 200 });
    const seen = new Set(lists.flatMap((list) => historyOf(list).events.map(({ type }) => type)));
    expect(seen.size).toBe(11);
  });

  it('never has two versions in Production or Staging, and says which one it is', () => {
    holds((state) => {
      for (const stage of ['Production', 'Staging'] as const) {
        const there = livingVersions(state).filter((version) => version.stage === stage);
        const incumbent = incumbentOf(state, stage);
        expect(there.map(({ version }) => version)).toEqual(incumbent === null ? [] : [incumbent]);
      }
    });
  });

  it('numbers versions without gaps or reuse, and never changes what they were registered with', () => {
    holds((state, before) => {
      for (const [i, version] of state.versions.entries()) expect(version?.version ?? i + 1).toBe(i + 1);
      expect(state.versions.length).toBeGreaterThanOrEqual(before.versions.length);
      for (const [i, version] of before.versions.entries()) {
        const now = state.versions[i];
        if (!version) expect(now, 'deleted for good').toBeUndefined();
        if (!version || !now) continue;
        const { stage: _, aliases: _a, approvals: _b, tags: _t, description: _d, ...facts } = version;
        expect(now).toMatchObject(facts);
      }
    });
  });

  it('archives the version that another one displaces, and leaves all others where they are', () => {
    holds((state, before, event) => {
      const moves = event.type === 'promoted' || event.type === 'rolled-back';
      for (const { version, stage: old } of livingVersions(before)) {
        if (event.type === 'deleted-version' && event.payload.version === version) continue;
        let expected = old;
        if (moves && version === event.payload.incumbent) expected = 'Archived';
        if (moves && version === event.payload.version) expected = event.type === 'promoted' ? event.payload.stage : 'Production';
        expect(state.versions[version - 1]!.stage).toBe(expected);
      }
    });
  });

  it('lets aliases name versions that exist, and versions say which', () => {
    holds(({ aliases, versions, ...state }) => {
      for (const [alias, version] of aliases) expect(versions[version - 1]?.aliases).toContain(alias);
      const shown = livingVersions({ versions }).flatMap((version) => version.aliases);
      expect(shown.toSorted(), String(state.seq)).toEqual([...aliases.keys()].toSorted());
    });
  });

  it('splits between living versions only, and never beyond a change of Production', () => {
    holds((state, before, event) => {
      if (state.production !== before.production) expect(state.traffic).toBeNull();
      if (!state.traffic) return;
      expect(state.traffic.champion.version).toBe(state.production);
      expect(trafficProblem(state.traffic)).toBeUndefined();
      expect(state.traffic.challengers.length + state.traffic.shadow.length).toBeGreaterThan(0);
      for (const version of [...state.traffic.challengers.map((share) => share.version), ...state.traffic.shadow]) {
        expect(['None', 'Staging']).toContain(state.versions[version - 1]?.stage);
      }
      expect(state.traffic.seq).toBe(state.trafficSeq);
      if (state.traffic.seq !== event.seq) expect(state.traffic).toEqual(before.traffic);
    });
  });

  it('keeps an approval until it is withdrawn or its version leaves the stage', () => {
    holds((state, before, event) => {
      for (const { version, stage, approvals } of livingVersions(before)) {
        const now = state.versions[version - 1];
        if (!now) continue;
        const withdrawn =
          event.type === 'approval-withdrawn' && event.payload.version === version ? event.payload.stage : undefined;
        const renewed = event.type === 'approved' && event.payload.version === version ? event.payload.stage : undefined;
        const kept = approvals.filter(
          (approval) =>
            (renewed !== approval.stage || approval.by !== event.by) &&
            (now.stage === stage || approval.stage !== stage) &&
            (withdrawn !== approval.stage || approval.by !== event.by),
        );
        expect(now.approvals.slice(0, kept.length)).toEqual(kept);
        const more = event.type === 'approved' && event.payload.version === version ? 1 : 0;
        expect(now.approvals.length).toBe(kept.length + more);
      }
    });
  });

  it('never goes back to a version that was deleted', () => {
    holds((state) => {
      for (const version of state.productionOrder) expect(state.versions[version - 1]).toBeDefined();
    });
  });

  it('does not change the state it is given, and nobody can change what it gives', () => {
    const { states } = historyOf([{ act: 'register' }, { act: 'promote', version: 1, stage: 'Production' }]);
    expect(states[1]!.versions[0]!.stage).toBe('None');
    const version = states[2]!.versions[0]! as unknown as {
      stage: string;
      metrics: Record<string, number>;
      approvals: unknown[];
    };
    expect(() => (version.stage = 'None')).toThrow(TypeError);
    expect(() => (version.metrics['rocAuc'] = 1)).toThrow(TypeError);
    expect(() => version.approvals.push('mine')).toThrow(TypeError);
  });

  it('rolls back through the versions that were in Production, but not to one that was withdrawn or deleted', () => {
    const start: Wish[] = [1, 2, 3, 4].map(() => ({ act: 'register' }));
    const toProduction = (version: number): Wish => ({ act: 'promote', version, stage: 'Production' });
    const production = (...list: Wish[]) => historyOf([...start, ...list]).states.at(-1)!.production;
    const back: Wish = { act: 'rollback' };
    expect(production(toProduction(1), toProduction(2), toProduction(3), back)).toBe(2);
    expect(production(toProduction(1), toProduction(2), toProduction(3), back, back)).toBe(1);
    expect(production(toProduction(1), toProduction(2), toProduction(3), back, toProduction(4), back)).toBe(2);
    expect(production(toProduction(1), toProduction(2), toProduction(1), back)).toBe(2);
    const withdraw: Wish = { act: 'promote', version: 2, stage: 'Archived' };
    expect(production(toProduction(1), toProduction(2), withdraw)).toBeNull();
    expect(production(toProduction(1), toProduction(2), withdraw, back)).toBe(1);
    expect(production(toProduction(1), toProduction(2), withdraw, back, toProduction(3), back)).toBe(1);
    expect(production(toProduction(1), toProduction(2), toProduction(3), { act: 'delete', version: 2 }, back)).toBe(1);
    expect(rollbackTarget(historyOf([...start, toProduction(1)]).states.at(-1)!)).toBeUndefined();
  });

  it('gives the share of a challenger that is archived to the champion', () => {
    const registrations: Wish[] = [1, 2, 3].map(() => ({ act: 'register' }));
    const { states } = historyOf([
      ...registrations,
      { act: 'promote', version: 1, stage: 'Production' },
      { act: 'split', challengers: [2, 3], shadow: [], percent: 10 },
      { act: 'promote', version: 2, stage: 'Archived' },
      { act: 'promote', version: 3, stage: 'Archived' },
    ]);
    expect(states.slice(-3).map(({ traffic }) => traffic && { ...traffic, slots: traffic.slots.length })).toEqual([
      {
        model: 'fraud',
        seq: 5,
        champion: { version: 1, percent: 80 },
        challengers: [
          { version: 2, percent: 10 },
          { version: 3, percent: 10 },
        ],
        shadow: [],
        slots: 3,
      },
      {
        model: 'fraud',
        seq: 6,
        champion: { version: 1, percent: 90 },
        challengers: [{ version: 3, percent: 10 }],
        shadow: [],
        slots: 3,
      },
      null,
    ]);
  });

  const one = registered(1, 1);
  const second = envelope(2);
  it.each<[string, RegistryEvent[]]>([
    ['a gap', [registered(2, 1)]],
    ['a wrong version', [registered(1, 2)]],
    [
      'an unknown version',
      [{ ...envelope(1), type: 'promoted', payload: { version: 1, stage: 'Staging', incumbent: null, gates: [] } }],
    ],
    [
      'another incumbent',
      [one, { ...second, type: 'promoted', payload: { version: 1, stage: 'Production', incumbent: 1, gates: [] } }],
    ],
    ['a rollback to nowhere', [one, { ...second, type: 'rolled-back', payload: { version: 1, incumbent: null } }]],
    ['a version without files', [{ ...one, payload: { ...one.payload, files: [] } }]],
    ['two files of one path', [{ ...one, payload: { ...one.payload, files: [...one.payload.files, ...one.payload.files] } }]],
    ['an alias of no version', [one, { ...second, type: 'aliased', payload: { alias: 'best', version: 2, previous: null } }]],
    ['an alias that was elsewhere', [one, { ...second, type: 'aliased', payload: { alias: 'best', version: 1, previous: 1 } }]],
    ['an alias removed that was none', [one, { ...second, type: 'alias-removed', payload: { alias: 'best', version: 1 } }]],
    ['a description of no version', [one, { ...second, type: 'described', payload: { version: 2, tags: {} } }]],
    ['a withdrawal of nothing', [one, { ...second, type: 'approval-withdrawn', payload: { version: 1, stage: 'Production' } }]],
    [
      'a split without a champion',
      [
        one,
        {
          ...second,
          type: 'traffic-split',
          payload: { champion: { version: 1, percent: 100 }, challengers: [], shadow: [], slots: [[1, 10_000]] },
        },
      ],
    ],
    [
      'a version deleted twice',
      [
        one,
        { ...second, type: 'deleted-version', payload: { version: 1 } },
        { ...envelope(3), type: 'deleted-version', payload: { version: 1 } },
      ],
    ],
    ...(['promoted', 'promotion-refused'] as const).map((type): [string, RegistryEvent[]] => [
      `a judgement that does not fit: ${type}`,
      [
        one,
        {
          ...second,
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
