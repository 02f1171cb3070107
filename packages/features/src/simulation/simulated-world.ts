import { type CategoryColumn, type Column, type Random } from '@fraudops/core';
import type { PaymentBatch } from './payment-batch.js';

/** Customers and merchants as numbers from 0, what payments they make, and the columns in which these are told. */
export interface SimulatedWorld {
  /** Merchants, those included that changes bring in later. */
  readonly merchantCount: number;
  /** Whether some customer finds a merchant, so that there can be payments. */
  readonly hasPayments: boolean;
  /** Applies what changes on a day. Days come in order. */
  beginDay(day: number): void;
  /** A customer, in proportion to their transactions a day. */
  drawCustomer(random: Random): number;
  /** A genuine payment of this customer. */
  drawPayment(customer: number, random: Random, payment: DrawnPayment): void;
  /** Mean amount of the customer's genuine payments, roughly. */
  typicalAmount(customer: number): number;
  /** Somebody who pays online, or anywhere in a world without online payments. */
  drawOnlineFraudster(random: Random): Fraudster;
  /** Somebody who pays online, or at terminals in another town than the customer's. */
  drawDistantFraudster(customer: number, random: Random): Fraudster;
  /** A merchant where a fraudster pays. */
  drawFraudMerchant(fraudster: Fraudster, random: Random): number;
  /** The rows so far as columns, in the order of the table. */
  columns(batch: PaymentBatch): Record<string, Column>;
}

/** Where {@link SimulatedWorld.drawPayment} writes: one object for all rows, since there are millions. */
export interface DrawnPayment {
  merchant: number;
  amount: number;
  /** Code of the device, or -1 at a terminal. */
  device: number;
}

/** Who commits a fraud, as far as payments show it. */
export interface Fraudster {
  /** Code of the device, or -1 for payments at terminals. */
  readonly device: number;
  /** The town where the fraudster pays, in the world's own numbers. */
  readonly town: number;
}

/** A category column whose codes are the names; the dictionary is shared by all batches. */
export function numberedCategory(codes: Int32Array, dictionary: readonly string[]): CategoryColumn {
  return { kind: 'category', codes, dictionary };
}

/** `0`, `1`, ... */
export function numberNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, code) => String(code));
}
