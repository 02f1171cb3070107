/** Names of columns and values on the profile's page. */
import { formatName, html, type Html } from '@fraudops/core';

/** A name as text that may break behind its separators. */
export function nameHtml(name: string): Html {
  const pieces = formatName(name).split(/(?<=[_./:-])/);
  return html`<bdi>${pieces.map((piece, i) => (i === 0 ? piece : html`<wbr>${piece}`))}</bdi>`;
}
