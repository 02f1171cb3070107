import { manualClock } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import type { GateContext } from '../gate.js';
import { DAY_MS, REGISTERED_MS, ask, versionOf } from './asked-gates.fixture.js';
import { type HumanApprovalOptions, humanApproval } from './human-approval.js';

const MINUTE_MS = 60_000;
const nowMs = REGISTERED_MS + 10 * DAY_MS;
const approval = (by: string, change: object = {}) => ({
  by,
  stage: 'Production',
  why: 'looks good',
  atMs: REGISTERED_MS + DAY_MS,
  ...change,
});

function judged(approvals: object[], options: Partial<HumanApprovalOptions> = {}, context: Partial<GateContext> = {}) {
  const gate = humanApproval({ by: ['ana', 'ben', 'mira', 'pete'], clock: manualClock(nowMs), ...options });
  return ask(gate, { candidate: versionOf(3, { approvals }), ...context });
}

describe('humanApproval', () => {
  it('passes with as many as are needed, and names them', async () => {
    const both = [approval('ana'), approval('ben', { atMs: nowMs })];
    const result = await judged(both, { atLeast: 2 });
    expect(result).toEqual({
      gate: 'needs 2 approvals of ana, ben, mira, pete',
      passed: true,
      reason: 'version 3 has 2 of 2 needed approvals for Production: "ana", "ben"',
      values: {
        stage: 'Production',
        approvals: 2,
        atLeast: 2,
        asked: 4,
        notCounted: 0,
        maximumAgeMs: 30 * DAY_MS,
        nowMs,
        'approval 1': 'ana',
        'approval 1 atMs': REGISTERED_MS + DAY_MS,
        'approval 2': 'ben',
        'approval 2 atMs': nowMs,
      },
    });
    expect(await judged(both.toReversed(), { atLeast: 2 })).toMatchObject({ passed: true });
    expect(await judged(both, { atLeast: 3 })).toMatchObject({ passed: false });
    expect(await judged([])).toMatchObject({ passed: false, reason: 'version 3 has 0 of 1 needed approvals for Production' });
    expect(await ask(humanApproval({ by: ['ana'] }))).toMatchObject({ passed: false });
  });

  it('counts nobody twice', async () => {
    const twice = [approval('ana'), approval('ana', { atMs: nowMs })];
    expect(await judged(twice, { atLeast: 2 })).toMatchObject({ passed: false, values: { approvals: 1 } });
  });

  it.each<[string, object, string]>([
    ['somebody else', approval('eve'), '"eve" is not asked'],
    ['a name in other letters', approval('Ana'), '"Ana" is not asked'],
    ['a name with a space', approval('ana '), '"ana " is not asked'],
    ['a look-alike', approval('аnа'), '"аnа" (with U+0430) is not asked'],
    ['a name with a sign that is not seen', approval('ana\u200b'), 'with U+200B) is not asked'],
    ['another stage', approval('ana', { stage: 'Staging' }), '"ana" approved for Staging'],
    ['the one who registered it', approval('mira'), '"mira" registered the version'],
    [
      'a time before the version was there',
      approval('ana', { atMs: REGISTERED_MS - 5 * MINUTE_MS - 1 }),
      '"ana" approved before the version was registered',
    ],
    ['the future', approval('ana', { atMs: nowMs + 5 * MINUTE_MS + 1 }), '"ana" approved in the future; is a clock wrong?'],
    ['no time', approval('ana', { atMs: Number.NaN }), 'approved before the version was registered'],
  ])('does not count the approval of %s', async (_name, given, reason) => {
    const result = await judged([given]);
    expect(result).toMatchObject({ passed: false, values: { approvals: 0, notCounted: 1 } });
    expect(result.reason).toContain('; not counted: ');
    expect(result.reason).toContain(reason);
    // It takes nothing away from one that counts.
    expect(await judged([given, approval('ben')])).toMatchObject({ passed: true, values: { 'approval 1': 'ben' } });
  });

  it.each<[string, object]>([
    ['a clock a little behind', { atMs: REGISTERED_MS - 5 * MINUTE_MS }],
    ['a clock a little ahead', { atMs: nowMs + 5 * MINUTE_MS }],
  ])('bears %s', async (_name, change) => {
    expect(await judged([approval('ana', change)])).toMatchObject({ passed: true });
  });

  it('lets approvals grow old', async () => {
    const week = { maximumAgeMs: 7 * DAY_MS };
    expect(await judged([approval('ana', { atMs: nowMs - 7 * DAY_MS })], week)).toMatchObject({ passed: true });
    const old = await judged([approval('ana', { atMs: nowMs - 7 * DAY_MS - 1 })], week);
    expect(old).toMatchObject({ passed: false, reason: expect.stringContaining('"ana" approved on 2024-05-03, too long ago') });
    const later = { clock: manualClock(nowMs + 22 * DAY_MS) };
    expect(await judged([approval('ana')], later)).toMatchObject({ passed: false });
    // A clock that goes back puts approvals into the future; they don't count then.
    expect(await judged([approval('ana')], { clock: manualClock(REGISTERED_MS) })).toMatchObject({ passed: false });
    await expect(judged([approval('ana')], { clock: manualClock(Number.NaN) })).rejects.toMatchObject({ code: 'GATE_ERROR' });
  });

  it('wants four eyes, or not', async () => {
    expect(await judged([approval('mira')], { notBy: [] })).toMatchObject({ passed: true });
    expect(await judged([approval('pete')])).toMatchObject({ passed: true });
    const promoter = await judged([approval('pete')], { notBy: ['registrant', 'promoter'] });
    expect(promoter).toMatchObject({ passed: false, reason: expect.stringContaining('"pete" promotes it') });
    // Names of one person in other letters are still those of one person.
    for (const registeredBy of ['Ana', ' ana', 'ANA ', 'ａｎａ']) {
      const own = versionOf(3, { approvals: [approval('ana')], registeredBy });
      expect(await judged([], {}, { candidate: own })).toMatchObject({ passed: false });
    }
    const anonymous = versionOf(3, { approvals: [approval('ana')], registeredBy: 'unknown' });
    const refused = await judged([], {}, { candidate: anonymous });
    expect(refused).toMatchObject({ passed: false, reason: expect.stringContaining('nobody knows who registered it') });
    expect(await judged([], { notBy: [] }, { candidate: anonymous })).toMatchObject({ passed: true });
  });

  it('is for the stage that the version goes to', async () => {
    const staged = approval('ana', { stage: 'Staging' });
    expect(await judged([staged], {}, { stage: 'Staging' })).toMatchObject({ passed: true });
    expect(await judged([approval('ana')], {}, { stage: 'Staging' })).toMatchObject({ passed: false });
  });

  it('is bounded in what it says', async () => {
    const crowd = Array.from({ length: 1_000 }, (_, i) => approval(`${i}${'ж'.repeat(249)}`.slice(0, 250)));
    const { reason, values } = await judged(crowd);
    expect(reason.length).toBeLessThan(1_000);
    expect(reason).toMatch(/ and 995 more$/);
    expect(values).toMatchObject({ notCounted: 1_000 });
    const names = Array.from({ length: 100 }, (_, i) => `${i}${'ж'.repeat(200)}`);
    const all = await judged(
      names.map((name) => approval(name)),
      { by: names, atLeast: 100 },
    );
    expect(all.passed).toBe(true);
    expect(all.reason.length).toBeLessThan(4_000);
  });

  it.each<[object, string]>([
    [{ by: [] }, 'options.by is an array of 0, expected 1 to 100 names'],
    [{ by: 'ana' }, 'options.by is "ana", expected an array'],
    [{ by: ['ana', ''] }, 'by is "", expected a text'],
    [{ by: ['ana', 'ana'] }, 'options.by has a name twice'],
    [{ by: ['ana'], atLeast: 2 }, 'options.atLeast is 2, but only 1 are asked'],
    [{ by: ['ana'], atLeast: 0 }, 'atLeast is 0, expected a whole number from 1'],
    [{ by: ['ana'], notBy: ['author'] }, 'notBy is "author", expected one of registrant, promoter'],
    [{ by: ['ana'], notBy: [undefined] }, 'notBy is null'],
    [{ by: ['ana'], maximumAge: 5 }, 'did you mean maximumAgeMs?'],
    [{ by: ['ana'], maximumAgeMs: Infinity }, 'maximumAgeMs is Infinity'],
    [{ by: ['ana'], clock: {} }, 'clock is an object, expected an object with a function now'],
  ])('refuses %j', (options, message) => expect(() => humanApproval(options as HumanApprovalOptions)).toThrow(message));
});
