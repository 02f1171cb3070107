import { type Random, seededRandom, Table } from '@fraudops/core';
import { FraudEpisodes } from './fraud-episodes.js';
import { HandbookWorld } from './handbook-world.js';
import { MissingValues } from './missing-values.js';
import { PaymentBatch } from './payment-batch.js';
import { PaymentsWorld } from './payments-world.js';
import { type PlannedPayment, PlannedPayments } from './planned-payments.js';
import { roundToCents } from './round-to-cents.js';
import { amountFactorOn } from './scheduled-changes.js';
import type { DrawnPayment, SimulatedWorld } from './simulated-world.js';
import type { SimulationSettings } from './simulation-settings.js';

const DAY_MS = 86_400_000;
const SECONDS_A_DAY = 86_400;

/**
 * Simulated transactions, one after the other in order of time.
 *
 * First each transaction draws its day, which gives a count for each day. When a day begins, each of its transactions draws its second,
 * which gives a count for each second; then the seconds pass, and each transaction draws its customer, merchant and amount as it comes.
 * So nothing is sorted, and what is held are the counts, the population, the open frauds and the batch being written. Within a second,
 * customers' payments come before those that fraudsters add.
 *
 * Every purpose has its own generator, and each draws in the order of the rows: batches of any size give the same rows.
 */
export class TransactionSource {
  readonly #settings: SimulationSettings;
  readonly #world: SimulatedWorld;
  readonly #episodes: FraudEpisodes;
  readonly #planned = new PlannedPayments();
  readonly #missing: MissingValues;
  readonly #times: Random;
  readonly #choices: Random;
  readonly #payment: DrawnPayment = { merchant: 0, amount: 0, device: -1 };
  readonly #dayCounts: Uint32Array;
  readonly #secondCounts = new Uint32Array(SECONDS_A_DAY);
  #day = -1;
  #second = SECONDS_A_DAY - 1;
  #nowMs = 0;
  /** Customers' payments that are left in this second. */
  #left = 0;
  /** The day's planned payments, of which the first `duePassed` are made. */
  #due: readonly PlannedPayment[] = [];
  #duePassed = 0;
  #amountFactor = 1;
  #rowsWritten = 0;

  /** @throws {FeatureError} INVALID_OPTION when the customers reach no terminal, or too many */
  constructor(settings: SimulationSettings) {
    const random = seededRandom(settings.seed);
    const population = random.fork('population');
    this.#settings = settings;
    this.#world =
      settings.world === 'handbook' ? new HandbookWorld(settings, population) : new PaymentsWorld(settings, population);
    if (settings.rows > 0 && !this.#world.hasPayments) {
      const rule = 'a radius within which some customer finds a terminal';
      throw settings.rules.broken('radius', settings.radius, rule, 'raise it, or add terminals');
    }
    this.#episodes = new FraudEpisodes(settings, this.#world, this.#planned, random.fork('frauds'));
    this.#missing = new MissingValues(settings.changes, settings.startMs, random.fork('missing'));
    this.#times = random.fork('times');
    this.#choices = random.fork('choices');
    this.#dayCounts = new Uint32Array(settings.days);
    const days = random.fork('days');
    for (let row = 0; row < settings.rows; row++) this.#dayCounts[days.integer(settings.days)]!++;
  }

  /** The next rows, at most so many; fewer only at the end, and then none. */
  next(maxRows: number): Table {
    const rowsExpected = Math.max(0, this.#settings.rows - this.#rowsWritten);
    const batch = new PaymentBatch(this.#rowsWritten, Math.min(maxRows, Math.ceil(rowsExpected * 1.02)));
    while (batch.size < maxRows) {
      if (this.#left > 0) this.#writeGenuine(batch);
      else if (this.#isPlannedPaymentDue()) this.#writePlanned(batch);
      else if (!this.#nextSecond()) break;
    }
    batch.trim();
    this.#rowsWritten += batch.size;
    const columns = this.#world.columns(batch);
    this.#missing.takeOut(columns, batch.times);
    return Table.fromColumns(columns);
  }

  #writeGenuine(batch: PaymentBatch): void {
    this.#left--;
    const payment = this.#payment;
    const customer = this.#world.drawCustomer(this.#choices);
    this.#world.drawPayment(customer, this.#choices, payment);
    const scenario = this.#episodes.judge(customer, payment);
    const isShifted = scenario === 0 && this.#amountFactor !== 1;
    const amount = isShifted ? roundToCents(payment.amount * this.#amountFactor) : payment.amount;
    batch.push(this.#nowMs, customer, payment.merchant, payment.device, amount, scenario);
  }

  #isPlannedPaymentDue(): boolean {
    return this.#duePassed < this.#due.length && this.#due[this.#duePassed]!.timeMs <= this.#nowMs;
  }

  #writePlanned(batch: PaymentBatch): void {
    const { timeMs, customer, merchant, device, amount, scenario } = this.#due[this.#duePassed++]!;
    batch.push(timeMs, customer, merchant, device, amount, scenario);
  }

  /** Whether there is one. */
  #nextSecond(): boolean {
    if (++this.#second === SECONDS_A_DAY) {
      if (this.#day + 1 >= this.#settings.days) {
        this.#second--;
        return false;
      }
      this.#beginDay();
    }
    this.#nowMs = this.#settings.startMs + this.#day * DAY_MS + this.#second * 1000;
    this.#left = this.#secondCounts[this.#second]!;
    return true;
  }

  #beginDay(): void {
    const day = ++this.#day;
    this.#second = 0;
    this.#secondCounts.fill(0);
    for (let left = this.#dayCounts[day]!; left > 0; left--) this.#secondCounts[secondOfDay(this.#times)]!++;
    this.#world.beginDay(day);
    this.#episodes.beginDay(day);
    this.#due = this.#planned.takeBefore(this.#settings.startMs + (day + 1) * DAY_MS);
    this.#duePassed = 0;
    this.#amountFactor = amountFactorOn(this.#settings.changes, day);
  }
}

/** Whole seconds after midnight, more than 0 and less than a day, around noon. */
function secondOfDay(random: Random): number {
  for (;;) {
    const second = Math.trunc(random.normal(SECONDS_A_DAY / 2, 20_000));
    if (second > 0 && second < SECONDS_A_DAY) return second;
  }
}
