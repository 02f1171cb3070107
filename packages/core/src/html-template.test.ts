import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html } from './html-template.js';

describe('html', () => {
  it('escapes text, keeps markup, joins lists and leaves out nothing', () => {
    const inner = html`<i>${'a & b'}</i>`;
    expect(html`<p title="${'"x"'}">${inner}${['<', 1, inner]}${null}${false}</p>`.toString()).toBe(
      '<p title="&quot;x&quot;"><i>a &amp; b</i>&lt;1<i>a &amp; b</i></p>',
    );
  });

  it('leaves nothing in text that could end an element or an attribute', () => {
    const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
    fc.assert(fc.property(anyText, (text) => !/[<>"']/.test(escapeHtml(text))));
  });

  it('shows what would be invisible or would turn the reading direction', () => {
    expect(escapeHtml('a\u202Eb\u0000c\uD800')).toBe('a\uFFFDb\uFFFDc\uFFFD');
  });
});
