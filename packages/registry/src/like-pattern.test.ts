import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likePattern } from './like-pattern.js';

/** The same by a regular expression. */
function byRegExp(pattern: string, text: string, flags: string): boolean {
  const source = Array.from(pattern, (character) =>
    character === '%' ? '.*' : character === '_' ? '.' : character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'),
  ).join('');
  return new RegExp(`^(?:${source})$`, flags).test(text);
}

describe('likePattern', () => {
  const characters = fc.array(fc.constantFrom('a', 'b', 'A', '%', '_', '.', '\n', 'ö', '\u{1f600}')).map((all) => all.join(''));

  it('takes what the regular expression takes', () => {
    fc.assert(
      fc.property(characters, characters, (pattern, text) => {
        expect(likePattern(pattern)(text)).toBe(byRegExp(pattern, text, 'su'));
      }),
      { numRuns: 500 },
    );
  });

  it('knows no difference of small and capital letters as ILIKE', () => {
    expect(likePattern('GR%SS_', true)('größße')).toBe(false);
    expect(likePattern('GRÖ%', true)('größe')).toBe(true);
    expect(likePattern('GRÖ%')('größe')).toBe(false);
  });

  it('takes time in proportion to the pattern times the text', () => {
    const startedMs = performance.now();
    expect(likePattern(`${'%a'.repeat(500)}b`)('a'.repeat(6_000))).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
