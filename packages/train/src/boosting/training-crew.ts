/**
 * A crew of threads that train one model. Every member runs the same program over the same shared memory: it works on its share of the
 * rows, waits until all are there, works on its share of the features, waits again. Decisions are made by each member for itself, from
 * the same numbers, so no orders have to be passed around.
 */
import { availableParallelism } from 'node:os';

/** One of the threads of a crew. */
export class CrewMember {
  readonly #control: Int32Array;
  /** How often it looks whether all have arrived before it sleeps. */
  #looks: number;

  /**
   * @param control four ints that the crew shares, zero at first: how many have arrived, how many meetings there were, whether to stop, and
   *   how many are asleep
   * @param index 0 for the first member, who talks to the outside
   */
  constructor(
    control: Int32Array,
    readonly index: number,
    readonly size: number,
  ) {
    this.#control = control;
    this.#looks = size <= availableParallelism() ? MOST_LOOKS : 0;
  }

  get isFirst(): boolean {
    return this.index === 0;
  }

  /** Waits until all members have called it as often as this one. What they wrote before is there afterwards. */
  meet(): void {
    if (this.size === 1) return;
    const control = this.#control;
    const meeting = Atomics.load(control, MEETINGS);
    if (Atomics.add(control, ARRIVED, 1) === this.size - 1) {
      Atomics.store(control, ARRIVED, 0);
      Atomics.add(control, MEETINGS, 1);
      // Who falls asleep after this look finds that the meeting is over.
      if (Atomics.load(control, ASLEEP) > 0) Atomics.notify(control, MEETINGS);
      return;
    }
    for (let look = 0; look < this.#looks; look++) {
      if (Atomics.load(control, MEETINGS) === meeting) continue;
      this.#looks = Math.min(this.#looks + MORE_LOOKS, MOST_LOOKS);
      return;
    }
    this.#looks = Math.max(Math.min(FEWEST_LOOKS, this.#looks), this.#looks >>> 1);
    Atomics.add(control, ASLEEP, 1);
    while (Atomics.load(control, MEETINGS) === meeting) Atomics.wait(control, MEETINGS, meeting);
    Atomics.sub(control, ASLEEP, 1);
  }

  /** The first member says, before a meeting, that training is over; the others ask after it. */
  stop(): void {
    Atomics.store(this.#control, STOPPED, 1);
  }

  get stopped(): boolean {
    return Atomics.load(this.#control, STOPPED) === 1;
  }

  /** This member's part of `count` rows, as [start, end). */
  share(count: number): readonly [number, number] {
    return [Math.floor((count * this.index) / this.size), Math.floor((count * (this.index + 1)) / this.size)];
  }

  /** Whether the feature is this member's to work on. */
  owns(feature: number): boolean {
    return feature % this.size === this.index;
  }
}

const ARRIVED = 0;
const MEETINGS = 1;
const STOPPED = 2;
const ASLEEP = 3;

/**
 * Most meetings are over in a few microseconds, while sleeping and waking takes fifty, so a member looks around for a while first: at most
 * about 200 microseconds. When that was in vain it looks half as long the next time, for then another program has the processor that a
 * member needs, and it would get this one's; each success makes it look a little longer again. Where there are more threads than
 * processors nobody looks at all.
 */
const MOST_LOOKS = 20_000;
const MORE_LOOKS = 100;
const FEWEST_LOOKS = 500;
