/**
 * HTML written as tagged templates that escape by default: whatever is put into one is text, unless it came out of another.
 * Names of columns and categories come from data that strangers can write to, so nothing reaches a page any other way.
 */

/** Markup that is safe to put into a page as it is. Only {@link html} and {@link trustedHtml} make it. */
export class Html {
  readonly #markup: string;
  constructor(markup: string) {
    this.#markup = markup;
  }
  toString(): string {
    return this.#markup;
  }
}

/** What a template may hold: text and numbers are escaped, markup is kept, lists are joined, null and false leave nothing. */
export type HtmlPart = Html | string | number | null | false | readonly HtmlPart[];

/**
 * Markup with escaped parts.
 *
 * @example html`<b>${'<script>'}</b>`.toString(); // '<b>&lt;script&gt;</b>'
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.reduce((markup, string, i) => markup + render(parts[i - 1] ?? null) + string));
}

/** Markup from a constant of this program, such as the style sheet. Never pass it anything that came from data. */
export function trustedHtml(markup: string): Html {
  return new Html(markup);
}

function render(part: HtmlPart): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.toString();
  if (typeof part === 'object') return part.map(render).join('');
  return escapeHtml(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Text as HTML shows it literally, in an element or a quoted attribute. Control characters, lone surrogates and the marks that
 * turn the direction of writing around, which could make a name read as another, become U+FFFD.
 */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
