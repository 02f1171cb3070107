import { describe, expect, it } from 'vitest';
import { htmlPage } from './html-page.js';
import { html } from './html-template.js';

describe('htmlPage', () => {
  const page = htmlPage({ title: '<script>', styles: '.own { color: red; }', body: html`<h1>${'&'}</h1>` });

  it('escapes its title and keeps its body', () => {
    expect(page).toContain('<title>&lt;script&gt;</title>');
    expect(page).toContain('<body>\n<h1>&amp;</h1>\n</body>');
  });

  it('loads nothing and runs nothing', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<link|url\(|@import|https?:/);
  });

  it('puts own styles behind the shared ones, so that they win', () => {
    expect(page.indexOf('.own {')).toBeGreaterThan(page.indexOf('@media print'));
    for (const block of ['prefers-color-scheme: dark', 'max-width: 860px', '@media print']) expect(page).toContain(block);
  });
});
