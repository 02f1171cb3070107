/**
 * How a run stands. What is stored is what the run itself said: `running`, `finished`, `failed` or `killed`. Whose process died can't say
 * so; it falls silent. A running run therefore writes a heartbeat into its record, and a reader that finds the last one too old calls the
 * run `crashed`. That is a reading, never stored: a run that was only held up (a sleeping machine, a store that was away, a thread busy
 * for minutes) is `running` again with its next heartbeat.
 *
 * The heartbeat has the time of the run's clock and is judged by the reader's. A run is heard of every interval, at worst every other one
 * when a write is slow, and is called crashed after {@link CRASHED_AFTER_INTERVALS}: so clocks may differ by three intervals, 90 seconds
 * unless told otherwise, before a living run is called dead. A run whose clock is ahead is called crashed later by the difference.
 */

/** How a run stands: as it said itself, or `crashed` for a running one that has fallen silent. */
export type RunStatus = 'running' | 'finished' | 'failed' | 'killed' | 'crashed';

/** How a run can end by its own word. */
export const END_STATUSES = ['finished', 'failed', 'killed'] as const;

/** Time between two heartbeats, in milliseconds, unless told otherwise. */
export const DEFAULT_HEARTBEAT_MS = 30_000;

/** Intervals without a heartbeat after which a running run is called crashed. */
export const CRASHED_AFTER_INTERVALS = 5;

/** What a status is told from. */
interface Vitals {
  readonly status: RunStatus;
  /** When the run was last heard of, by its own clock, epoch milliseconds. */
  readonly heartbeatMs: number;
  readonly heartbeatIntervalMs: number;
}

/** The status as it is to be read at a moment. */
export function statusAt({ status, heartbeatMs, heartbeatIntervalMs }: Vitals, nowMs: number): RunStatus {
  if (status !== 'running') return status;
  return nowMs - heartbeatMs > CRASHED_AFTER_INTERVALS * heartbeatIntervalMs ? 'crashed' : 'running';
}
