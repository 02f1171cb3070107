/**
 * Text broken into lines at its blanks. A word that is longer than a line stays whole.
 *
 * @param width most characters of a line; undefined: one line
 * @example wrapText('who, when and why', 9); // ['who, when', 'and why']
 */
export function wrapText(text: string, width = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
