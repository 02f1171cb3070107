/**
 * Text on its way to a terminal. Names, tags, reasons and arguments come from whoever wrote them; a character that moves the cursor, sets
 * the window's title or turns the direction of writing would let them write over what a command says. Such characters are written as in
 * JSON (`\u001b`), within which they mean the same.
 */

/**
 * The text without characters that do something to a terminal. Line ends and tabs stay.
 *
 * @param keepColors whether sequences that set colours stay: those of the commands themselves can't be told from others
 * @example terminalText('a\u001b]0;title\u0007', false); // 'a\\u001b]0;title\\u0007'
 */
export function terminalText(text: string, keepColors: boolean): string {
  return text.replaceAll(ACTING, (found) => (keepColors && COLOR.test(found) ? found : escaped(found)));
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const ACTING = /\u001b\[[\d;]*m|(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu;
// oxlint-disable-next-line no-control-regex -- as above
const COLOR = /^\u001b\[[\d;]*m$/;

function escaped(text: string): string {
  return text.replaceAll(UNIT, (unit) =>
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(unit) ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : unit,
  );
}

/** Single UTF-16 units, as JSON escapes them. */
const UNIT = /[^]/g;
