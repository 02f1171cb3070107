/** Names of columns and values on the profile's page. */
import { type Html, html } from './html-template.js';
import { formatName } from './number-format.js';

/** A name as text that may break behind its separators. */
export function nameHtml(name: string): Html {
  const pieces = formatName(name).split(/(?<=[_./:-])/);
  return html`<bdi>${pieces.map((piece, i) => (i === 0 ? piece : html`<wbr>${piece}`))}</bdi>`;
}
