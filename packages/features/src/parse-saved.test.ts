import { describe, expect, it } from 'vitest';
import { featureSetFromJson } from './definitions/define-features.js';
import { handbookFeatures } from './handbook.js';
import { transactionsFromJson } from './transactions/transactions.js';

const saved = handbookFeatures.toJson() as { features: object[]; transactions: object };

describe('saved data that is damaged a thousandfold', () => {
  it('is refused with the first reasons only', () => {
    const wrong = { ...saved.transactions, entities: Array(1000).fill(1) };
    let message = '';
    try {
      transactionsFromJson(wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^transactionsFromJson: [\s\S]+and 990 more; save definitions with toJson\(\)$/);
    expect(message.length).toBeLessThan(2000);
  });

  it('is refused when there is so much that zod gives up', () => {
    const steps = { fromMs: [0], categories: ['a'], values: [Array(200_000).fill('x')], otherwise: [0] };
    const encoding = { name: 'E', type: 'frequencyEncoding', field: 'CUSTOMER_ID', folds: 1, maxCategories: 1, steps };
    expect(() => featureSetFromJson({ ...saved, features: [encoding] })).toThrow(
      expect.objectContaining({ code: 'INVALID_JSON' }),
    );
  });
});
