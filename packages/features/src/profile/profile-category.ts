/** Profiles of category and flag columns: how often each value comes up. */
import { type CategoryColumn, MISSING_CODE } from '@fraudops/core';
import type { CategoryProfile, FlagProfile, ValueCount } from './table-profile.js';

/** Most characters of a value that a profile keeps. */
const LONGEST_VALUE = 200;

/** Profile of a category column; among equally frequent values the one with the smaller code comes first. */
export function profileCategory(name: string, { codes, dictionary }: CategoryColumn, mostValues: number): CategoryProfile {
  const counts = new Uint32Array(dictionary.length);
  let missing = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code === MISSING_CODE) missing++;
    else counts[code]!++;
  }
  const used: number[] = [];
  let shortest = Infinity;
  let longest = 0;
  for (const [code, text] of dictionary.entries()) {
    if (counts[code] === 0) continue;
    used.push(code);
    shortest = Math.min(shortest, text.length);
    longest = Math.max(longest, text.length);
  }
  const top = used.toSorted((a, b) => counts[b]! - counts[a]! || a - b).slice(0, mostValues);
  const topValues = top.map((code): ValueCount<string> => ({ value: cut(dictionary[code]!), count: counts[code]! }));
  const isThere = used.length > 0;
  return {
    kind: 'category',
    name,
    missing,
    distinct: used.length,
    topValues,
    shortest: isThere ? shortest : null,
    longest: isThere ? longest : null,
  };
}

function cut(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}\u2026` : text;
}

/** Profile of a flag column. */
export function profileFlag(name: string, values: Uint8Array): FlagProfile {
  const counts = new Float64Array(256);
  for (let row = 0; row < values.length; row++) counts[values[row]!]!++;
  const [no, yes] = [counts[0]!, counts[1]!];
  return { kind: 'flag', name, missing: values.length - no - yes, distinct: Number(no > 0) + Number(yes > 0), yes, no };
}
