/** What a merchant sells; see {@link MERCHANT_CATEGORIES}. */
export type MerchantCategory =
  | 'grocery'
  | 'restaurant'
  | 'fuel'
  | 'transport'
  | 'clothing'
  | 'health'
  | 'home'
  | 'entertainment'
  | 'gaming'
  | 'subscriptions'
  | 'electronics'
  | 'travel';

/** How payments of one category look. */
export interface CategoryTraits {
  readonly name: MerchantCategory;
  /** Share of the merchants, and of the payments. The shares of all categories add up to 1. */
  readonly share: number;
  /** Share of the category's payments, and merchants, that are online. */
  readonly onlineShare: number;
  /** Half the payments of a customer with average spending are below this amount. */
  readonly medianAmount: number;
  /** Standard deviation of the amounts' logarithm. */
  readonly spread: number;
}

/** The categories of the simulated world `payments`, with invented but everyday numbers. */
export const MERCHANT_CATEGORIES: readonly CategoryTraits[] = [
  { name: 'grocery', share: 0.24, onlineShare: 0.08, medianAmount: 28, spread: 0.7 },
  { name: 'restaurant', share: 0.16, onlineShare: 0.12, medianAmount: 22, spread: 0.6 },
  { name: 'fuel', share: 0.1, onlineShare: 0, medianAmount: 45, spread: 0.4 },
  { name: 'transport', share: 0.09, onlineShare: 0.5, medianAmount: 8, spread: 0.7 },
  { name: 'clothing', share: 0.08, onlineShare: 0.55, medianAmount: 45, spread: 0.7 },
  { name: 'health', share: 0.06, onlineShare: 0.15, medianAmount: 24, spread: 0.7 },
  { name: 'home', share: 0.06, onlineShare: 0.4, medianAmount: 48, spread: 0.9 },
  { name: 'entertainment', share: 0.06, onlineShare: 0.6, medianAmount: 18, spread: 0.6 },
  { name: 'subscriptions', share: 0.05, onlineShare: 1, medianAmount: 11, spread: 0.4 },
  { name: 'gaming', share: 0.04, onlineShare: 1, medianAmount: 12, spread: 0.7 },
  { name: 'electronics', share: 0.03, onlineShare: 0.65, medianAmount: 120, spread: 0.8 },
  { name: 'travel', share: 0.03, onlineShare: 0.85, medianAmount: 180, spread: 0.9 },
];
