/**
 * The last transactions of a table as requests, after a backfill of all before. Labels are learned as soon as they are known. Events are
 * as JSON.parse gives them, with fresh strings, as in a server.
 */
import { handbookFeatures } from '@fraudops/features';

const { label } = handbookFeatures.transactions;

/**
 * An instance that remembers all rows but the last ones, and those as events.
 * @param {import('@fraudops/core').Table} table the handbook's columns, in order of time
 * @param {number} eventCount
 */
export function prepareReplay(table, eventCount) {
  const online = handbookFeatures.online();
  const first = table.rowCount - eventCount;
  const startedMs = performance.now();
  online.backfill(table.slice(0, first));
  const backfillSeconds = (performance.now() - startedMs) / 1000;
  const [ids, times, amounts] = [table.number('TRANSACTION_ID'), table.time('TX_DATETIME'), table.number('TX_AMOUNT')];
  const [customers, terminals] = [table.category('CUSTOMER_ID'), table.category('TERMINAL_ID')];
  const frauds = table.flag('TX_FRAUD');
  const events = Array.from({ length: eventCount }, (_, i) => {
    const row = first + i;
    const event = {
      TRANSACTION_ID: ids[row],
      TX_DATETIME: times[row],
      CUSTOMER_ID: customers.dictionary[customers.codes[row]],
      TERMINAL_ID: terminals.dictionary[terminals.codes[row]],
      TX_AMOUNT: amounts[row],
      TX_FRAUD: frauds[row],
    };
    return JSON.parse(JSON.stringify(event));
  });
  globalThis.gc();
  return { online, events, first, backfillSeconds, learner: new LabelLearner(online, events) };
}

/** Learns the labels of earlier events once they are known. */
class LabelLearner {
  learned = 0;
  #online;
  #events;

  constructor(online, events) {
    this.#online = online;
    this.#events = events;
  }

  isDue(nowMs) {
    return this.learned < this.#events.length && this.#events[this.learned].TX_DATETIME + label.delayMs <= nowMs;
  }

  learnUntil(nowMs) {
    while (this.isDue(nowMs)) this.#online.learnLabel(this.#events[this.learned++]);
  }
}
