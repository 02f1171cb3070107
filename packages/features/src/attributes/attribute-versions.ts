/**
 * The versions of one key's attributes, and which of them holds at a moment.
 *
 * A version is visible from the later of its two times on: when it began to hold (`validFromMs`) and when one knew of it (`knownAtMs`). Of
 * the visible ones the latest `validFromMs` wins, then the latest `knownAtMs`, then the one that was added last. What is visible stays
 * visible, so the winner only ever changes to a stronger one: it is enough to keep versions that win at some moment, in order of time, and
 * each is then stronger than the one before. A version that was beaten when it became visible never wins, and isn't kept.
 */

/** One version of a key's attributes. */
export interface AttributeVersion {
  readonly validFromMs: number;
  readonly knownAtMs: number;
  /** Counts up over all versions that were added. */
  readonly order: number;
  /** Value of each attribute: a number for numbers, times (epoch milliseconds) and flags, text for categories; undefined is missing. */
  readonly cells: readonly (number | string | undefined)[];
}

/** See the module's comment. */
export class AttributeVersions {
  /** Versions that win at some moment, the earliest visible first. */
  readonly #winners: AttributeVersion[] = [];
  /** Whether the limit dropped a version: then nothing is said about the time before the oldest one kept. */
  #cutOff = false;

  /** Number of versions kept. */
  get size(): number {
    return this.#winners.length;
  }

  /** The versions kept, the earliest visible first. */
  all(): readonly AttributeVersion[] {
    return this.#winners;
  }

  /** The version that holds at a moment, undefined when none is visible. */
  at(epochMs: number): AttributeVersion | undefined {
    return this.#winners[this.#countVisible(epochMs) - 1];
  }

  /**
   * Adds a version.
   *
   * @param most most versions kept; beyond it the oldest one is dropped
   * @returns whether a version was dropped because of the limit
   */
  add(version: AttributeVersion, most: number): boolean {
    const winners = this.#winners;
    const place = this.#countVisible(visibleFromMs(version));
    const before = winners[place - 1];
    if (before && isStronger(before, version)) return false;
    // Weaker than the oldest one kept and visible before it: whether it won there depends on what was dropped, so it can't be told.
    if (!before && this.#cutOff && isStronger(winners[0]!, version)) return true;
    // Of two that become visible at the same time, the weaker one never wins.
    const first = before && visibleFromMs(before) === visibleFromMs(version) ? place - 1 : place;
    let beaten = first;
    while (beaten < winners.length && isStronger(version, winners[beaten]!)) beaten++;
    winners.splice(first, beaten - first, version);
    if (winners.length <= most) return false;
    winners.shift();
    this.#cutOff = true;
    return true;
  }

  /** How many of the versions are visible at a moment. */
  #countVisible(epochMs: number): number {
    let low = 0;
    let high = this.#winners.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (visibleFromMs(this.#winners[middle]!) <= epochMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function visibleFromMs({ validFromMs, knownAtMs }: AttributeVersion): number {
  return Math.max(validFromMs, knownAtMs);
}

function isStronger(a: AttributeVersion, b: AttributeVersion): boolean {
  if (a.validFromMs !== b.validFromMs) return a.validFromMs > b.validFromMs;
  if (a.knownAtMs !== b.knownAtMs) return a.knownAtMs > b.knownAtMs;
  return a.order > b.order;
}
