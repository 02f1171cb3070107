/** Bounds of a list, as values that every database takes: keys are ASCII, prefixes and marks may be anything. */

/** Keys above `above`, from `from` on, and below `below`, in order of their bytes. */
export interface KeyRange {
  readonly above: string;
  readonly from: string;
  readonly below: string;
}

/** Sorts behind every character of a key. */
const BEHIND_ALL = '\u007f';

/**
 * The keys that begin with a prefix and come behind `startAfter`; undefined when there can be none.
 *
 * @example keyRange('runs/', 'runs/r1'); // { above: 'runs/r1', from: 'runs/', below: 'runs/\u007f' }
 */
export function keyRange(prefix: string, startAfter: string): KeyRange | undefined {
  if (/[^!-~]/.test(prefix)) return undefined;
  return { above: plainMark(startAfter), from: prefix, below: `${prefix}${BEHIND_ALL}` };
}

/** A text of ASCII without a NUL that has the same keys behind it. */
function plainMark(startAfter: string): string {
  const foreign = startAfter.search(/[^!-~]/);
  if (foreign === -1) return startAfter;
  // Characters of keys are all above blanks and control characters, and all below everything else.
  return `${startAfter.slice(0, foreign)}${startAfter[foreign]! <= ' ' ? ' ' : BEHIND_ALL}`;
}
