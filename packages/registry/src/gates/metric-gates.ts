/**
 * Gates on a metric that both versions were registered with. The metrics of two versions can be compared only when they were computed on
 * the same rows: register them so, or ask {@link betterThanIncumbent}, which sees to it and knows chance.
 */
import type { OptionKinds } from '@fraudops/core';
import type { Gate } from '../gate.js';
import type { ModelVersion } from '../model-version.js';
import { figure } from './figures.js';
import { ANY_NUMBER, requireGateOptions, requireLabel, requireNumber } from './gate-options.js';

/**
 * The candidate's metric must be at least a bound; a metric that is missing or null fails.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when the gate is made with a bound that is no finite number, which nothing would fail or reach
 * @example registry.promote('fraud', 2, { stage: 'Production', gates: [metricAtLeast('averagePrecision', 0.5)], by: 'ci', why: 'weekly' });
 */
export function metricAtLeast(metric: string, minimum: number): Gate {
  requireBound('metricAtLeast', metric, 'minimum', minimum);
  return boundedMetric(metric, `at least ${minimum}`, { minimum }, (value) => value >= minimum);
}

/**
 * The candidate's metric must be at most a bound, for metrics of which less is better; a metric that is missing or null fails.
 *
 * @throws {RegistryError} INVALID_ARGUMENT as {@link metricAtLeast}
 * @example metricAtMost('logLoss', 0.02);
 */
export function metricAtMost(metric: string, maximum: number): Gate {
  requireBound('metricAtMost', metric, 'maximum', maximum);
  return boundedMetric(metric, `at most ${maximum}`, { maximum }, (value) => value <= maximum);
}

/** Options of {@link metricAboveIncumbent}. */
export interface MetricAboveIncumbentOptions {
  /** How much more it must be than the incumbent's; default 0. Below 0, how much less it may be. */
  readonly margin?: number;
}

const OPTIONS: OptionKinds<MetricAboveIncumbentOptions> = { margin: 'checked' };

/**
 * The candidate's metric must exceed the incumbent's by more than a margin. Passes when there is no incumbent; fails when either metric is
 * missing or null.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when the gate is made
 */
export function metricAboveIncumbent(metric: string, options: MetricAboveIncumbentOptions = {}): Gate {
  const call = 'metricAboveIncumbent';
  requireLabel(call, 'metric', metric);
  requireGateOptions(call, options, OPTIONS);
  const margin = requireNumber(call, 'margin', options.margin, ANY_NUMBER, 0);
  const name = `${metric} above incumbent`;
  return {
    name,
    check: ({ candidate, incumbent }) => {
      const value = metricOf(candidate, metric);
      if (!incumbent)
        return { gate: name, passed: true, reason: 'no version holds the stage', values: { value, incumbent: null, margin } };
      const bar = metricOf(incumbent, metric);
      const passed = value !== null && bar !== null && value - bar > margin;
      const needed = margin === 0 ? 'more' : `more by ${margin}`;
      const reason = `version ${candidate.version} has ${shown(value, bar)}, needs ${needed} than ${shown(bar, value)} of version ${incumbent.version}`;
      return { gate: name, passed, reason, values: { value, incumbent: bar, margin } };
    },
  };
}

function requireBound(call: string, metric: string, option: 'minimum' | 'maximum', bound: number): void {
  requireLabel(call, 'metric', metric);
  requireNumber(call, option, bound, ANY_NUMBER);
}

function boundedMetric(metric: string, needs: string, bound: Record<string, number>, passes: (value: number) => boolean): Gate {
  const name = `${metric} ${needs}`;
  return {
    name,
    check: ({ candidate }) => {
      const value = metricOf(candidate, metric);
      const reason = `version ${candidate.version} has ${shown(value, Object.values(bound)[0]!)}, needs ${needs.replace('at least ', '')}`;
      return { gate: name, passed: value !== null && passes(value), reason, values: { value, ...bound } };
    },
  };
}

function metricOf(version: ModelVersion, metric: string): number | null {
  return Object.hasOwn(version.metrics, metric) ? version.metrics[metric]! : null;
}

function shown(value: number | null, beside: number | null): string {
  return value === null ? 'no such metric' : figure(value, beside ?? undefined);
}
