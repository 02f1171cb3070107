import { type Column, flagColumn, numberColumn, timeColumn } from '@fraudops/core';

/**
 * Rows of payments being written, column by column, until they become a table. It holds what was drawn for each payment; what follows from
 * the merchant or the customer is looked up when the table is made.
 */
export class PaymentBatch {
  /** TRANSACTION_ID of the first row. */
  readonly firstId: number;
  /** Rows written so far. */
  size = 0;
  times: Float64Array;
  customers: Int32Array;
  merchants: Int32Array;
  devices: Int32Array;
  amounts: Float64Array;
  scenarios: Uint8Array;

  /** @param capacity rows for which memory is taken at once; it grows when more come */
  constructor(firstId: number, capacity: number) {
    this.firstId = firstId;
    this.times = new Float64Array(capacity);
    this.customers = new Int32Array(capacity);
    this.merchants = new Int32Array(capacity);
    this.devices = new Int32Array(capacity);
    this.amounts = new Float64Array(capacity);
    this.scenarios = new Uint8Array(capacity);
  }

  /** Adds a row. @param scenario 0 for genuine */
  push(timeMs: number, customer: number, merchant: number, device: number, amount: number, scenario: number): void {
    if (this.size === this.times.length) this.#resize(Math.ceil(this.size * 1.25) + 16);
    const row = this.size++;
    this.times[row] = timeMs;
    this.customers[row] = customer;
    this.merchants[row] = merchant;
    this.devices[row] = device;
    this.amounts[row] = amount;
    this.scenarios[row] = scenario;
  }

  /** Gives back the memory that no row needed. */
  trim(): void {
    if (this.size < this.times.length) this.#resize(this.size);
  }

  /** The columns that every world has, `customer` and `merchant` excepted, whose names differ. */
  commonColumns(): Record<'TRANSACTION_ID' | 'TX_DATETIME' | 'TX_AMOUNT' | 'TX_FRAUD' | 'TX_FRAUD_SCENARIO', Column> {
    const ids = new Float64Array(this.size);
    const frauds = new Uint8Array(this.size);
    const scenarios = new Float64Array(this.size);
    for (let row = 0; row < this.size; row++) {
      ids[row] = this.firstId + row;
      frauds[row] = this.scenarios[row]! > 0 ? 1 : 0;
      scenarios[row] = this.scenarios[row]!;
    }
    return {
      TRANSACTION_ID: numberColumn(ids),
      TX_DATETIME: timeColumn(this.times),
      TX_AMOUNT: numberColumn(this.amounts),
      TX_FRAUD: flagColumn(frauds),
      TX_FRAUD_SCENARIO: numberColumn(scenarios),
    };
  }

  #resize(capacity: number): void {
    this.times = resized(this.times, new Float64Array(capacity));
    this.customers = resized(this.customers, new Int32Array(capacity));
    this.merchants = resized(this.merchants, new Int32Array(capacity));
    this.devices = resized(this.devices, new Int32Array(capacity));
    this.amounts = resized(this.amounts, new Float64Array(capacity));
    this.scenarios = resized(this.scenarios, new Uint8Array(capacity));
  }
}

function resized<Values extends Float64Array | Int32Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from.subarray(0, Math.min(from.length, to.length)));
  return to;
}
