import type { Table } from '@fraudops/core';
import type { OnlineFeatures } from '@fraudops/features';
import { LABEL_DELAY_MS } from './timeline.js';

/**
 * Delivers labels when they become known, as a chargeback system would: 7 days after the transaction. The online features learn the risk
 * of terminals from them.
 */
export class LabelFeed {
  readonly #online: OnlineFeatures;
  #pending: { table: Table; next: number }[] = [];

  constructor(online: OnlineFeatures) {
    this.#online = online;
  }

  /** Transactions, in order of time, whose labels are still to be delivered. */
  expect(transactions: Table): void {
    this.#pending.push({ table: transactions, next: 0 });
  }

  /** Delivers all labels that are known at a moment. */
  deliverUntil(nowMs: number): void {
    for (const feed of this.#pending) {
      const times = feed.table.time('TX_DATETIME');
      while (feed.next < feed.table.rowCount && times[feed.next]! + LABEL_DELAY_MS <= nowMs) {
        this.#online.learnLabel(feed.table.row(feed.next++));
      }
    }
    this.#pending = this.#pending.filter(({ table, next }) => next < table.rowCount);
  }
}
