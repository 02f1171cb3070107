import { createHash } from 'node:crypto';
import type { Response } from 'express';

/** A page for people. */
export interface Page {
  readonly html: string;
  /** Content of its `<style>` element; no other inline style applies. */
  readonly style?: string;
  /** Further directives of its content security policy, such as `script-src 'self'`. */
  readonly allow?: readonly string[];
}

/** Writes a page that may load nothing from elsewhere, and can't be framed. */
export function writePage(response: Response, status: number, { html, style = '', allow = [] }: Page): void {
  const policy = [
    "default-src 'none'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...(style ? [`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`] : []),
    ...allow,
  ];
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(html),
    'Content-Security-Policy': policy.join('; '),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  response.end(html);
}

/** Text as it stands in HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
