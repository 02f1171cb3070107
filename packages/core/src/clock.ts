/** Time as a value that is passed in, so that tests and simulations can hold it still or move it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that moves only when told. */
export interface ManualClock extends Clock {
  /** Moves the clock to a moment; it may also go back, as real clocks do. */
  set(epochMs: number): void;
  /** Moves the clock on by some milliseconds. */
  advance(milliseconds: number): void;
}

/**
 * A clock for tests and simulations.
 *
 * @example
 * const clock = manualClock(Date.UTC(2024, 0, 1));
 * clock.advance(1000);
 * clock.now(); // 1704067201000
 */
export function manualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    set: (epochMs) => {
      nowMs = epochMs;
    },
    advance: (milliseconds) => {
      nowMs += milliseconds;
    },
  };
}
