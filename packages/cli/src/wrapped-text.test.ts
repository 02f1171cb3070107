import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText } from './wrapped-text.js';

const texts = fc.array(fc.stringMatching(/^[a-z,]{1,12}$/), { minLength: 1 }).map((words) => words.join(' '));

describe('wrapText', () => {
  it('keeps all words in their order, in lines as full as they get', () =>
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, width) => {
        const lines = wrapText(text, width);
        expect(lines.join(' ')).toBe(text);
        for (const [i, line] of lines.entries()) {
          expect(line.length <= width || !line.includes(' ')).toBe(true);
          const next = lines[i + 1]?.split(' ')[0];
          if (next !== undefined) expect(line.length + 1 + next.length).toBeGreaterThan(width);
        }
      }),
    ));

  it('is one line without a width', () => expect(wrapText('a b c')).toEqual(['a b c']));
});
