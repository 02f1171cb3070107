/**
 * The patterns of LIKE and ILIKE: `%` stands for any characters, also none, `_` for one, and there is no way to quote them (MLflow has
 * none). Characters are code points.
 *
 * Most patterns have no `_`: the texts between their `%` are looked for one after the other, each as early as can be. With a `_`, characters
 * are compared one by one. Only the last `%` that was passed is ever gone back to, so a text of n characters takes at most n times the
 * pattern's length steps.
 */

/** A test for texts. @param ignoreCase ILIKE: small and capital letters are equal, in all alphabets */
export function likePattern(pattern: string, ignoreCase = false): (text: string) => boolean {
  const folded = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const wanted = folded(pattern);
  if (!wanted.includes('_')) {
    const pieces = wanted.split('%');
    return (text) => hasPieces(pieces, folded(text));
  }
  const characters = Array.from(wanted);
  return (text) => matches(characters, unitsOf(folded(text)));
}

/** Whether a text is made of these pieces in their order, with anything between them. */
function hasPieces(pieces: readonly string[], text: string): boolean {
  const first = pieces[0]!;
  if (pieces.length === 1) return text === first;
  const last = pieces.at(-1)!;
  const end = text.length - last.length;
  if (first.length > end || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (let i = 1; i < pieces.length - 1; i++) {
    const piece = pieces[i]!;
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

/** Characters by position: the text itself, unless it has characters of two units. */
function unitsOf(text: string): ArrayLike<string> {
  return PAIR.test(text) ? Array.from(text) : text;
}

function matches(pattern: readonly string[], text: ArrayLike<string>): boolean {
  let at = 0;
  let inPattern = 0;
  let afterPercent = -1;
  let retryAt = 0;
  while (at < text.length) {
    const wanted = pattern[inPattern];
    if (wanted === '%') {
      afterPercent = ++inPattern;
      retryAt = at;
    } else if (wanted === '_' || wanted === text[at]) {
      inPattern++;
      at++;
    } else if (afterPercent >= 0) {
      inPattern = afterPercent;
      at = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '%') inPattern++;
  return inPattern === pattern.length;
}
