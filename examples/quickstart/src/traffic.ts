/** Traffic for the API: weeks of transactions in order of time, sent by several connections at once. */
import type { ProgressTask, Row, Table } from '@fraudops/core';
import { days } from '@fraudops/features';
import type { Answer, ApiClient } from './api-client.js';
import type { LabelFeed } from './label-feed.js';

/** Transactions under way at once. */
export const CONNECTIONS = 8;
/** Transactions of a batch request. */
const BATCH_ROWS = 100;
/** A long week sends about this many transactions one by one, and the others in batches. */
const SINGLE_ROWS = 6000;

/** A transaction as the payment service knows it: no label, no scenario. */
function toRequest(row: Row): object {
  const { TRANSACTION_ID, TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT } = row;
  return { TRANSACTION_ID, TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT };
}

/** Sends a week of transactions; labels of earlier ones arrive on their day. */
export async function sendWeek(week: Table, client: ApiClient, labels: LabelFeed, task: ProgressTask): Promise<void> {
  const times = week.time('TX_DATETIME');
  const singleShare = Math.min(1, SINGLE_ROWS / week.rowCount);
  let singlesDue = 0;
  for (let start = 0; start < week.rowCount; start += BATCH_ROWS) {
    const rows = Array.from({ length: Math.min(BATCH_ROWS, week.rowCount - start) }, (_, i) => toRequest(week.row(start + i)));
    labels.deliverUntil(times[start]!);
    singlesDue += singleShare;
    if (singlesDue >= 1) {
      singlesDue -= 1;
      await sendSingly(rows, client);
    } else {
      await client.predictBatch(rows);
    }
    task.advance(rows.length);
  }
}

async function sendSingly(rows: readonly object[], client: ApiClient): Promise<void> {
  let next = 0;
  const connection = async () => {
    while (next < rows.length) await client.predict(rows[next++]!);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

/** Traffic that goes on until it is told to stop. */
export interface LiveTraffic {
  /** How many answers each model version has given. */
  readonly answersByVersion: ReadonlyMap<number, number>;
  /** Requests sent so far. */
  readonly sent: number;
  /** Stops once at least this many requests were sent; resolves when the last is answered. */
  stop(leastRequests: number): Promise<void>;
}

/**
 * Keeps the API busy with single requests: the last week comes again, a week later each time it is through, with new transaction ids.
 *
 * @param firstId id of the first transaction sent
 */
export function keepSending(week: Table, client: ApiClient, firstId: number): LiveTraffic {
  const answersByVersion = new Map<number, number>();
  let sent = 0;
  let stopAt = Number.POSITIVE_INFINITY;
  const nextRequest = () => {
    const row = week.row(sent % week.rowCount);
    const weeksLater = 1 + Math.floor(sent / week.rowCount);
    const time = new Date((row['TX_DATETIME'] as Date).getTime() + weeksLater * days(7));
    return { ...toRequest(row), TX_DATETIME: time, TRANSACTION_ID: firstId + sent++ };
  };
  const count = (answer: Answer | undefined) => {
    if (answer) answersByVersion.set(answer.modelVersion, (answersByVersion.get(answer.modelVersion) ?? 0) + 1);
  };
  const connection = async () => {
    while (sent < stopAt) count(await client.predict(nextRequest()));
  };
  const connections = Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return {
    answersByVersion,
    get sent() {
      return sent;
    },
    stop: async (leastRequests) => {
      stopAt = Math.max(leastRequests, sent);
      await connections;
    },
  };
}
