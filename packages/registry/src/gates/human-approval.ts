/**
 * The gate that asks for people's word: a version goes to a stage only when some of those who are asked approved it for that stage.
 *
 * Names are compared character by character, so `аna` with a Cyrillic а is not `ana`. Whether somebody is who they say is not for the registry
 * to know: approvals are recorded under the name that the caller gives, and the program around it must ask for a password.
 */
import { type Clock, type OptionKinds, formatDay, showValue, systemClock } from '@fraudops/core';
import { epochMsOf } from '../epoch-time.js';
import type { Gate, GateContext } from '../gate.js';
import type { ModelVersion } from '../model-version.js';
import type { PromotionStage } from '../stage.js';
import { quoted } from './figures.js';
import {
  COUNT,
  type NamedGateOptions,
  NOT_NEGATIVE,
  invalid,
  requireChoice,
  requireClock,
  requireGateName,
  requireGateOptions,
  requireLabel,
  requireNumber,
} from './gate-options.js';

/** Options of {@link humanApproval}. */
export interface HumanApprovalOptions extends NamedGateOptions {
  /** Who may approve, by the names under which they do; 1 to 100. */
  readonly by: readonly string[];
  /** How many of them must; default 1. Somebody who approved twice counts once. */
  readonly atLeast?: number;
  /**
   * Whose approval does not count, also where they are among `by`: the one who registered the version (four eyes), the one who promotes it.
   * Default `['registrant']`; a version that nobody knows who registered is then refused.
   */
  readonly notBy?: readonly ('registrant' | 'promoter')[];
  /** How old an approval may be, in milliseconds; default 30 days. */
  readonly maximumAgeMs?: number;
  /** Tells how old approvals are. Default: the machine's clock. */
  readonly clock?: Clock;
}

const OPTIONS: OptionKinds<HumanApprovalOptions> = {
  by: 'array',
  atLeast: 'checked',
  notBy: 'array',
  maximumAgeMs: 'checked',
  clock: 'checked',
  name: 'checked',
};

const MAX_APPROVERS = 100;
const DAY_MS = 86_400_000;
/** 30 days. */
const USUAL_AGE_MS = 30 * DAY_MS;
/** How far the clocks of two honest machines may be apart: 5 minutes. */
const CLOCK_DIFFERENCE_MS = 300_000;
/** What a registration without a name is recorded under. */
const NOBODY = 'unknown';
/** Longest usual name of a gate, in characters. */
const LONGEST_NAME = 100;
/** Approvals that a reason names, of those that count and of those that don't. */
const MAX_NAMED = 5;

/** An approval as a version has it. */
interface GivenApproval {
  readonly stage: PromotionStage;
  readonly by: string;
  readonly atMs: number;
}

/**
 * So many of the people who are asked must have approved the candidate, for the stage it is to be promoted to, not before it was registered,
 * not longer ago than `maximumAgeMs`, and not in the future (both but for 5 minutes, since clocks differ). The reason names who approved, and
 * why other approvals don't count.
 *
 * @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED when the gate is made
 * @example humanApproval({ by: ['ana', 'ben', 'carla'], atLeast: 2 });
 */
export function humanApproval(options: HumanApprovalOptions): Gate {
  const rule = requireRule(options);
  return { name: rule.name, check: (context) => judge(rule, context) };
}

interface Rule {
  readonly name: string;
  readonly by: ReadonlySet<string>;
  readonly atLeast: number;
  readonly notBy: ReadonlySet<'registrant' | 'promoter'>;
  readonly maximumAgeMs: number;
  readonly clock: Clock;
}

function requireRule(options: HumanApprovalOptions): Rule {
  const gate = 'humanApproval';
  requireGateOptions(gate, options, OPTIONS);
  const { by, notBy = ['registrant'], clock = systemClock } = options;
  if (!Array.isArray(by) || by.length === 0 || by.length > MAX_APPROVERS) {
    throw invalid(gate, `options.by is ${showValue(by)}, expected 1 to ${MAX_APPROVERS} names`);
  }
  const names = new Set(by.map((name: unknown) => requireLabel(gate, 'by', name)));
  if (names.size < by.length) throw invalid(gate, 'options.by has a name twice; name everybody once');
  const atLeast = requireNumber(gate, 'atLeast', options.atLeast, COUNT, 1);
  if (atLeast > names.size) throw invalid(gate, `options.atLeast is ${atLeast}, but only ${names.size} are asked`);
  requireClock(gate, clock);
  return {
    name: requireGateName(gate, options, usualName(names, atLeast)),
    by: names,
    atLeast,
    notBy: new Set(notBy.map((who: unknown) => requireChoice(gate, 'notBy', who ?? null, ['registrant', 'promoter']))),
    maximumAgeMs: requireNumber(gate, 'maximumAgeMs', options.maximumAgeMs, NOT_NEGATIVE, USUAL_AGE_MS),
    clock,
  };
}

/** What is asked for. */
function usualName(names: ReadonlySet<string>, atLeast: number): string {
  const needed = `needs ${atLeast} ${atLeast === 1 ? 'approval' : 'approvals'}`;
  const named = `${needed} of ${[...names].join(', ')}`;
  return named.length <= LONGEST_NAME ? named : `${needed} of ${names.size} people`;
}

function judge(rule: Rule, context: GateContext) {
  const { candidate, stage } = context;
  const nowMs = epochMsOf(rule.clock);
  const counting = new Map<string, number>();
  const others: string[] = [];
  for (const approval of approvalsOf(candidate)) {
    const problem = problemWith(approval, rule, context, nowMs);
    if (problem === undefined) counting.set(approval.by, approval.atMs);
    else others.push(`${spelled(approval.by)} ${problem}`);
  }
  const isAnonymous = rule.notBy.has('registrant') && sameName(candidate.registeredBy, NOBODY);
  const names = some([...counting.keys()].map(quoted));
  const found = `${counting.size} of ${rule.atLeast} needed approvals for ${stage}${names && `: ${names}`}`;
  const aside = others.length === 0 ? '' : `; not counted: ${some(others)}`;
  const anonymous = '; nobody knows who registered it, so that nobody knows whether somebody else approves';
  return {
    gate: rule.name,
    passed: counting.size >= rule.atLeast && !isAnonymous,
    reason: `version ${candidate.version} has ${found}${isAnonymous ? anonymous : ''}${aside}`,
    values: {
      stage,
      approvals: counting.size,
      atLeast: rule.atLeast,
      asked: rule.by.size,
      notCounted: others.length,
      maximumAgeMs: rule.maximumAgeMs,
      nowMs,
      ...Object.fromEntries(
        [...counting].flatMap(([by, atMs], i) => [
          [`approval ${i + 1}`, by],
          [`approval ${i + 1} atMs`, atMs],
        ]),
      ),
    },
  };
}

function some(texts: readonly string[]): string {
  const more = texts.length > MAX_NAMED ? ` and ${texts.length - MAX_NAMED} more` : '';
  return texts.slice(0, MAX_NAMED).join(', ') + more;
}

function approvalsOf({ approvals = [] }: Pick<ModelVersion, 'version'> & { readonly approvals?: readonly GivenApproval[] }) {
  return approvals;
}

/** Why an approval doesn't count; undefined when it does. */
function problemWith(
  { stage, by, atMs }: GivenApproval,
  rule: Rule,
  { candidate, stage: wanted, by: promoter }: GateContext,
  nowMs: number,
): string | undefined {
  if (!rule.by.has(by)) return 'is not asked';
  if (stage !== wanted) return `approved for ${stage}`;
  if (rule.notBy.has('registrant') && sameName(by, candidate.registeredBy)) return 'registered the version';
  if (rule.notBy.has('promoter') && sameName(by, promoter)) return 'promotes it';
  if (!(atMs >= candidate.registeredMs - CLOCK_DIFFERENCE_MS)) return 'approved before the version was registered';
  if (!(atMs <= nowMs + CLOCK_DIFFERENCE_MS)) return 'approved in the future; is a clock wrong?';
  if (nowMs - atMs > rule.maximumAgeMs) return `approved on ${formatDay(atMs)}, too long ago`;
  return undefined;
}

/** Whether two names may be of one person: but for case, spaces around, and forms of the same characters. */
function sameName(a: string, b: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').trim().toLowerCase();
  return plain(a) === plain(b);
}

/** A name, with the code points of characters that may look like others. */
function spelled(name: string): string {
  const unusual = [...new Set(name)].filter((character) => !/^[ -~]$/.test(character)).slice(0, MAX_NAMED);
  const points = unusual.map((character) => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
  return quoted(name) + (points.length > 0 ? ` (with ${points.join(', ')})` : '');
}
