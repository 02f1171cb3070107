/**
 * A crew of threads that train one model. Every member runs the same program over the same shared memory: it works on its share of the
 * rows, waits until all are there, works on its share of the features, waits again. Decisions are made by each member for itself, from
 * the same numbers, so no orders have to be passed around.
 */

/** One of the threads of a crew. */
export class CrewMember {
  readonly #control: Int32Array;

  /**
   * @param control three ints that the crew shares, zero at first: how many have arrived, how many meetings there were, and whether to stop
   * @param index 0 for the first member, who talks to the outside
   */
  constructor(
    control: Int32Array,
    readonly index: number,
    readonly size: number,
  ) {
    this.#control = control;
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
      Atomics.notify(control, MEETINGS);
      return;
    }
    // Most meetings are over in microseconds; sleeping and waking takes longer.
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(control, MEETINGS) !== meeting) return;
    }
    while (Atomics.load(control, MEETINGS) === meeting) Atomics.wait(control, MEETINGS, meeting);
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
const SPINS = 2000;
