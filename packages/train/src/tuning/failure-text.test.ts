import { describe, expect, it } from 'vitest';
import { failureText } from './failure-text.js';

describe('failureText', () => {
  it.each<[unknown, string]>([
    [new TypeError('too deep'), 'too deep'],
    ['no data', 'no data'],
    [undefined, 'undefined'],
    [Symbol('odd'), 'Symbol(odd)'],
    [Object.create(null), 'a value that has no text was thrown'],
    [Object.assign(new Error('x'), { message: 7 }), '7'],
  ])('of %o is text', (thrown, text) => expect(failureText(thrown)).toBe(text));
});
