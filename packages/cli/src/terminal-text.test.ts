import { describe, expect, it } from 'vitest';
import { terminalText } from './terminal-text.js';

describe('terminalText', () => {
  it.each([
    ['a title', 'a\u001b]0;gone\u0007b', 'a\\u001b]0;gone\\u0007b'],
    ['a cleared screen', '\u001b[2J', '\\u001b[2J'],
    ['an eight-bit sequence', '\u009b2J', '\\u009b2J'],
    ['a line that is written over', 'ok\rno', 'ok\\u000dno'],
    ['directions', 'a\u202eb\u061cc\u2066d', 'a\\u202eb\\u061cc\\u2066d'],
    ['what nobody sees', 'a\u200bb\ufeffc\u2028d', 'a\\u200bb\\ufeffc\\u2028d'],
    ['tags beyond the first plane', '\u{e0041}', '\\udb40\\udc41'],
  ])('shows %s', (_, text, shown) => expect(terminalText(text, true)).toBe(shown));

  it('leaves text, lines and tabs alone', () => {
    const text = 'Zoë paid 5 €\tin 日本 😀\n';
    expect(terminalText(text, false)).toBe(text);
  });

  it('keeps colours where there are any', () => {
    expect(terminalText('\u001b[1;31mbad\u001b[0m', true)).toBe('\u001b[1;31mbad\u001b[0m');
    expect(terminalText('\u001b[1;31mbad\u001b[0m', false)).toBe('\\u001b[1;31mbad\\u001b[0m');
  });

  it('means the same within JSON', () => {
    const value = { name: '\u001b[2J\u202e\u{e0041}\u0085' };
    expect(JSON.parse(terminalText(JSON.stringify(value), true))).toEqual(value);
  });
});
