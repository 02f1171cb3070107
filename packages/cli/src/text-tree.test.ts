import { describe, expect, it } from 'vitest';
import { renderTree } from './text-tree.js';

const leaf = (text: string) => ({ text, below: [] });

describe('renderTree', () => {
  it('draws branches down to the leaves', () => {
    const mean = { text: 'MEAN', below: [leaf('card'), leaf('amount')] };
    expect(renderTree({ text: 'RATIO', below: [mean, { text: 'AMOUNT', below: [leaf('amount')] }] })).toEqual([
      'RATIO',
      '├─ MEAN',
      '│  ├─ card',
      '│  └─ amount',
      '└─ AMOUNT',
      '   └─ amount',
    ]);
  });

  it('is one line without branches', () => expect(renderTree(leaf('a'))).toEqual(['a']));
});
