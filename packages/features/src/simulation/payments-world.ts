import { type Column, MISSING_CODE, type Random, numberColumn, timeColumn } from '@fraudops/core';
import { AliasTable } from './alias-table.js';
import { LabelTimes } from './label-times.js';
import { MERCHANT_CATEGORIES } from './merchant-categories.js';
import { MerchantPlaces } from './merchant-places.js';
import { NewMerchants } from './new-merchants.js';
import type { PaymentBatch } from './payment-batch.js';
import { roundToCents } from './round-to-cents.js';
import { categorySharesOn } from './scheduled-changes.js';
import { type DrawnPayment, type Fraudster, numberedCategory, numberNames, type SimulatedWorld } from './simulated-world.js';
import type { SimulationSettings } from './simulation-settings.js';
import { Towns } from './towns.js';

/** Probability that a payment at a terminal is made on a journey, in any town. */
const TRAVEL_SHARE = 0.02;
/** A customer has two devices and pays with the first so often. */
const FIRST_DEVICE_SHARE = 0.7;
/** Standard deviation of the logarithm of customers' spending. */
const SPENDING_SPREAD = 0.4;
/** Fraudsters have one device for so many customers, and use it again. */
const CUSTOMERS_PER_FRAUD_DEVICE = 100;

const CATEGORY_NAMES: readonly string[] = MERCHANT_CATEGORIES.map(({ name }) => name);
const CHANNELS: readonly string[] = ['pos', 'online'];
const MEAN_AMOUNT = MERCHANT_CATEGORIES.reduce((sum, { share, medianAmount, spread }) => {
  return sum + share * medianAmount * Math.exp(spread ** 2 / 2);
}, 0);

/**
 * Customers live in towns and pay there, on journeys, or online. A payment's category is drawn by the categories' shares, its channel by
 * the category's online share, its merchant evenly among those of category and town. Amounts are lognormal: the category's median times
 * the customer's spending, which is lognormal too. Customers make U(0, 4) transactions a day on average, as in the handbook.
 */
export class PaymentsWorld implements SimulatedWorld {
  readonly merchantCount: number;
  readonly hasPayments = true;
  readonly #towns: Towns;
  readonly #places: MerchantPlaces;
  readonly #customersByRate: AliasTable;
  readonly #spending: Float64Array;
  readonly #homes: { readonly towns: Int32Array; readonly latitudes: Float64Array; readonly longitudes: Float64Array };
  readonly #newMerchants: NewMerchants;
  readonly #fraudDevices: { readonly first: number; readonly count: number };
  readonly #labelTimes: LabelTimes;
  readonly #settings: SimulationSettings;
  readonly #names: Readonly<Record<'customers' | 'merchants' | 'devices', readonly string[]>>;
  #categories: AliasTable;

  constructor(settings: SimulationSettings, random: Random) {
    const { customers, terminals, changes } = settings;
    this.#settings = settings;
    this.#towns = new Towns(terminals, random.fork('towns'));
    this.#newMerchants = new NewMerchants(changes, terminals, random.fork('new merchants'));
    this.merchantCount = terminals + this.#newMerchants.count;
    this.#places = new MerchantPlaces(terminals, this.#newMerchants.count, this.#towns, random.fork('merchants'));
    const habits = random.fork('habits');
    this.#spending = Float64Array.from({ length: customers }, () => Math.exp(habits.normal(0, SPENDING_SPREAD)));
    this.#customersByRate = new AliasTable(Float64Array.from({ length: customers }, () => habits.between(0, 4)));
    this.#homes = this.#towns.settle(customers, random.fork('homes'));
    const fraudDevices = Math.ceil(customers / CUSTOMERS_PER_FRAUD_DEVICE);
    this.#fraudDevices = { first: 2 * customers, count: fraudDevices };
    this.#labelTimes = new LabelTimes(settings.labelDelay, random.fork('labels'));
    this.#names = {
      customers: numberNames(customers),
      merchants: numberNames(this.merchantCount),
      devices: numberNames(2 * customers + fraudDevices),
    };
    this.#categories = new AliasTable(categorySharesOn([], 0));
  }

  beginDay(day: number): void {
    this.#newMerchants.beginDay(day);
    this.#categories = new AliasTable(categorySharesOn(this.#settings.changes, day));
  }

  drawCustomer(random: Random): number {
    return this.#customersByRate.draw(random);
  }

  drawPayment(customer: number, random: Random, payment: DrawnPayment): void {
    const drawnCategory = this.#categories.draw(random);
    const known = this.#places.draw(drawnCategory, this.#drawTown(customer, drawnCategory, random), random);
    const newMerchant = this.#newMerchants.draw();
    const merchant = newMerchant < 0 ? known : newMerchant;
    const { medianAmount, spread } = MERCHANT_CATEGORIES[this.#places.categories[merchant]!]!;
    const amount = medianAmount * this.#spending[customer]! * Math.exp(random.normal(0, spread));
    payment.merchant = merchant;
    payment.amount = Math.max(0.01, roundToCents(amount));
    const device = random.next() < FIRST_DEVICE_SHARE ? 2 * customer : 2 * customer + 1;
    payment.device = this.#places.isOnline(merchant) ? device : -1;
  }

  typicalAmount(customer: number): number {
    return MEAN_AMOUNT * this.#spending[customer]!;
  }

  drawOnlineFraudster(random: Random): Fraudster {
    return { device: this.#fraudDevices.first + random.integer(this.#fraudDevices.count), town: this.#towns.online };
  }

  /** Half of them pay online, the others in a town that the customer doesn't live in, if there is one. */
  drawDistantFraudster(customer: number, random: Random): Fraudster {
    if (random.next() < 0.5) return this.drawOnlineFraudster(random);
    const home = this.#homes.towns[customer]!;
    const town = this.#towns.count < 2 ? home : (home + 1 + random.integer(this.#towns.count - 1)) % this.#towns.count;
    return { device: -1, town };
  }

  drawFraudMerchant({ town }: Fraudster, random: Random): number {
    return this.#places.drawInTown(town, random);
  }

  columns(batch: PaymentBatch): Record<string, Column> {
    const { TRANSACTION_ID, TX_DATETIME, TX_AMOUNT, TX_FRAUD, TX_FRAUD_SCENARIO } = batch.commonColumns();
    const { customers, merchants } = batch;
    const categories = merchants.map((merchant) => this.#places.categories[merchant]!);
    const channels = merchants.map((merchant) => (this.#places.isOnline(merchant) ? 1 : 0));
    // A fraudster who pays online finds no online merchant in a world of very few; then it is a terminal.
    const devices = batch.devices.map((device, row) => (channels[row] === 1 ? device : MISSING_CODE));
    return {
      TRANSACTION_ID,
      TX_DATETIME,
      CUSTOMER_ID: numberedCategory(customers, this.#names.customers),
      MERCHANT_ID: numberedCategory(merchants, this.#names.merchants),
      TX_AMOUNT,
      MERCHANT_CATEGORY: { kind: 'category', codes: categories, dictionary: CATEGORY_NAMES },
      CHANNEL: { kind: 'category', codes: channels, dictionary: CHANNELS },
      DEVICE_ID: numberedCategory(devices, this.#names.devices),
      HOME_LATITUDE: lookedUp(customers, this.#homes.latitudes),
      HOME_LONGITUDE: lookedUp(customers, this.#homes.longitudes),
      MERCHANT_LATITUDE: lookedUp(merchants, this.#places.latitudes),
      MERCHANT_LONGITUDE: lookedUp(merchants, this.#places.longitudes),
      TX_FRAUD,
      TX_FRAUD_SCENARIO,
      LABEL_KNOWN_AT: timeColumn(this.#labelTimes.after(batch.times)),
    };
  }

  #drawTown(customer: number, category: number, random: Random): number {
    if (random.next() < MERCHANT_CATEGORIES[category]!.onlineShare) return this.#towns.online;
    return random.next() < TRAVEL_SHARE ? random.integer(this.#towns.count) : this.#homes.towns[customer]!;
  }
}

function lookedUp(codes: Int32Array, values: Float64Array): Column {
  const column = new Float64Array(codes.length);
  for (let row = 0; row < codes.length; row++) column[row] = values[codes[row]!]!;
  return numberColumn(column);
}
