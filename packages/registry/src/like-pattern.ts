/**
 * The patterns of LIKE and ILIKE: `%` stands for any characters, also none, `_` for one, and there is no way to quote them (MLflow has
 * none). Characters are code points.
 *
 * Only the last `%` that was passed is ever gone back to, since what stands before it is matched as early as can be. So a text of n
 * characters takes at most n times the pattern's length steps, whatever the pattern.
 */

/** A test for texts. @param ignoreCase ILIKE: small and capital letters are equal, in all alphabets */
export function likePattern(pattern: string, ignoreCase = false): (text: string) => boolean {
  const wanted = Array.from(ignoreCase ? pattern.toLowerCase() : pattern);
  return (text) => matches(wanted, unitsOf(ignoreCase ? text.toLowerCase() : text));
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
