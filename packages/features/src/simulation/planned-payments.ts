/** A payment that a fraudster will make. */
export interface PlannedPayment {
  readonly timeMs: number;
  readonly customer: number;
  readonly merchant: number;
  readonly device: number;
  readonly amount: number;
  readonly scenario: number;
}

/** The payments that fraudsters planned and haven't made yet. */
export class PlannedPayments {
  #waiting: PlannedPayment[] = [];

  add(payment: PlannedPayment): void {
    this.#waiting.push(payment);
  }

  /** Hands over the payments before a moment, in order of time; those of one moment in the order in which they were planned. */
  takeBefore(untilMs: number): readonly PlannedPayment[] {
    const due = this.#waiting.filter(({ timeMs }) => timeMs < untilMs);
    this.#waiting = this.#waiting.filter(({ timeMs }) => timeMs >= untilMs);
    return due.toSorted((a, b) => a.timeMs - b.timeMs);
  }
}
