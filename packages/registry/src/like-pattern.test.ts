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

  it('takes what the regular expression takes, without a character for any one', () => {
    const plain = characters.map((all) => all.replaceAll('_', '%'));
    fc.assert(
      fc.property(plain, characters, (pattern, text) => {
        expect(likePattern(pattern)(text)).toBe(byRegExp(pattern, text, 'su'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('looks for a long piece in no more time than for a short one', () => {
    const isLike = likePattern(`%${'a'.repeat(900)}b%`);
    const startedMs = performance.now();
    for (let i = 0; i < 200; i++) expect(isLike('a'.repeat(6_000))).toBe(false);
    // Character by character it takes 3 seconds and more.
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  it('takes time in proportion to the pattern times the text', () => {
    const startedMs = performance.now();
    expect(likePattern(`${'%a'.repeat(500)}_b`)('a'.repeat(6_000))).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
