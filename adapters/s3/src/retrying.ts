/**
 * Requests that are sent again when that can help, a bounded number of times, with longer and longer random waits between them.
 *
 * The store sends again by itself, not the SDK: only so is it known, when a conditional write is refused at last, whether an earlier try may
 * have been carried out.
 */
import type { Random } from '@fraudops/core';
import { type S3Failure, s3FailureOf } from './s3-failure.js';

/** How often and how patiently. */
export interface Patience {
  /** Tries of one request. */
  readonly attempts: number;
  /** Longest wait before the second try; it doubles with each one. Milliseconds. */
  readonly firstWaitMs: number;
  /** Time for one try without its bytes, milliseconds. */
  readonly timeoutMs: number;
  readonly random: Random;
}

/** What became of a request: its answer, or its last failure. `lost`: a try without an answer may have been carried out. */
export type Outcome<Answer> =
  | { readonly ok: true; readonly answer: Answer; readonly lost: boolean }
  | { readonly ok: false; readonly failure: S3Failure; readonly lost: boolean };

/** Time limit of one try. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Grants the time for moving so many bytes. */
  extendFor(bytes: number): void;
}

/** Longest wait between two tries. */
const MAX_WAIT_MS = 5_000;
/** The slowest connection that is waited for. */
const LEAST_BYTES_PER_MS = 1_000;

/**
 * Sends a request until it is answered or refused.
 *
 * @param bytes how many the request carries: each try gets time for them
 * @param again which failures are worth another try. Default: all that pass
 */
export async function retrying<Answer>(
  patience: Patience,
  send: (deadline: Deadline) => Promise<Answer>,
  { bytes = 0, again = mayPass }: { bytes?: number; again?: (failure: S3Failure) => boolean } = {},
): Promise<Outcome<Answer>> {
  let lost = false;
  for (let attempt = 1; ; attempt++) {
    const deadline = new RunningDeadline(patience.timeoutMs);
    try {
      deadline.extendFor(bytes);
      return { ok: true, answer: await send(deadline), lost };
    } catch (error) {
      const failure = s3FailureOf(error);
      lost ||= failure.kind === 'lost' || failure.repeated;
      if (attempt >= patience.attempts || !again(failure)) return { ok: false, failure, lost };
    } finally {
      deadline.end();
    }
    const longestMs = Math.min(patience.firstWaitMs * 2 ** (attempt - 1), MAX_WAIT_MS);
    await new Promise((resolve) => setTimeout(resolve, patience.random.between(0, longestMs)));
  }
}

/** Whether sending the same request again may help. */
export function mayPass({ kind }: S3Failure): boolean {
  return kind === 'passing' || kind === 'lost' || kind === 'raced';
}

class RunningDeadline implements Deadline {
  readonly #controller = new AbortController();
  readonly #startMs = performance.now();
  #allowedMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#allowedMs = timeoutMs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  extendFor(bytes: number): void {
    this.#allowedMs += bytes / LEAST_BYTES_PER_MS;
    clearTimeout(this.#timer);
    const leftMs = this.#allowedMs - (performance.now() - this.#startMs);
    this.#timer = setTimeout(() => this.#controller.abort(), Math.max(0, leftMs));
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
