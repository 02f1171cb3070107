/**
 * Gates on a metric that both versions were registered with. The metrics of two versions can be compared only when they were computed on
 * the same rows: register them so, or write a gate that scores both models on rows of your choice.
 */
import type { Gate } from './gate.js';
import type { ModelVersion } from './model-version.js';

/**
 * The candidate's metric must be at least a bound; a metric that is missing or null fails.
 *
 * @example registry.promote('fraud', 2, { stage: 'Production', gates: [metricAtLeast('averagePrecision', 0.5)], by: 'ci', why: 'weekly' });
 */
export function metricAtLeast(metric: string, minimum: number): Gate {
  const name = `${metric} at least ${minimum}`;
  return {
    name,
    check: ({ candidate }) => {
      const value = metricOf(candidate, metric);
      const passed = value !== null && value >= minimum;
      return {
        gate: name,
        passed,
        reason: `version ${candidate.version} has ${shown(value)}, needs ${minimum}`,
        values: { value, minimum },
      };
    },
  };
}

/**
 * The candidate's metric must exceed the incumbent's by more than a margin. Passes when there is no incumbent; fails when either metric is
 * missing or null.
 *
 * @param options `margin`: default 0; negative to allow a loss
 */
export function metricAboveIncumbent(metric: string, options: { margin?: number } = {}): Gate {
  const margin = options.margin ?? 0;
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
      const reason = `version ${candidate.version} has ${shown(value)}, needs ${needed} than ${shown(bar)} of version ${incumbent.version}`;
      return { gate: name, passed, reason, values: { value, incumbent: bar, margin } };
    },
  };
}

function metricOf(version: ModelVersion, metric: string): number | null {
  return Object.hasOwn(version.metrics, metric) ? version.metrics[metric]! : null;
}

function shown(value: number | null): string {
  return value === null ? 'no such metric' : String(value);
}
