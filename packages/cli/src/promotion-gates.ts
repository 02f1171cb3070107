/** Gates of a promotion as options of the shell: each option is a list with commas, and all that it lists must hold. */
import { type Gate, humanApproval, metricAboveIncumbent, metricAtLeast, metricAtMost } from '@fraudops/registry';
import { type CommandContext, type CommandOption, UsageError } from './command.js';

/** Options that {@link gatesOf} reads. */
export const GATE_OPTIONS = {
  'at-least': { value: 'METRIC=VALUE', help: 'refuse unless this metric is at least so much; several with commas' },
  'at-most': { value: 'METRIC=VALUE', help: 'refuse unless this metric is at most so much; several with commas' },
  'above-incumbent': {
    value: 'METRIC',
    help: 'refuse unless this metric is more than that of the version in the stage; several with commas',
  },
  'approved-by': { value: 'NAMES', help: 'refuse unless all of these approved it, such as ana,ben' },
} as const satisfies Readonly<Record<string, CommandOption>>;

/** The gates that options ask for, in the order of {@link GATE_OPTIONS}. @throws {UsageError} */
export function gatesOf({ options }: Pick<CommandContext, 'options'>): Gate[] {
  const approvers = listOf('approved-by', options);
  return [
    ...listOf('at-least', options).map((text) => metricAtLeast(...boundOf('at-least', text))),
    ...listOf('at-most', options).map((text) => metricAtMost(...boundOf('at-most', text))),
    ...listOf('above-incumbent', options).map((metric) => metricAboveIncumbent(metric)),
    ...(approvers.length === 0 ? [] : [humanApproval({ by: approvers, atLeast: approvers.length })]),
  ];
}

function listOf(option: keyof typeof GATE_OPTIONS, options: CommandContext['options']): string[] {
  const items = options[option]?.split(',').map((item) => item.trim()) ?? [];
  if (items.includes('')) throw wrong(option, options[option]!);
  if (new Set(items).size === items.length) return items;
  throw new UsageError(`--${option} is ${JSON.stringify(options[option])}, expected each name once.`);
}

function boundOf(option: 'at-least' | 'at-most', text: string): [metric: string, bound: number] {
  const [, metric, bound = ''] = /^(.+)=([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(text) ?? [];
  if (metric === undefined || !Number.isFinite(Number(bound))) throw wrong(option, text);
  return [metric.trim(), Number(bound)];
}

function wrong(option: keyof typeof GATE_OPTIONS, text: string): UsageError {
  const { value } = GATE_OPTIONS[option];
  const example = value === 'METRIC=VALUE' ? 'averagePrecision=0.5' : value === 'METRIC' ? 'averagePrecision' : 'ana,ben';
  return new UsageError(`--${option} has ${JSON.stringify(text)}, expected such as ${example}.`);
}
