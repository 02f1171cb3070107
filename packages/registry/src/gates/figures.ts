/** Numbers and names as the reasons of gates write them, for people; the recorded values hold all digits. */
import { formatCount, formatName, showValue } from '@fraudops/core';

/** Digits that are shown, unless more are needed. */
const USUAL_DIGITS = 3;
/** Digits that tell any two float64 apart. */
const ALL_DIGITS = 17;

/**
 * A number to three digits, or to as many as set it apart from the bound that it is held against: 0.49996 is not shown as the 0.5 it
 * misses.
 *
 * @param value null is undefined
 * @example figure(0.49996, 0.5); // '0.49996', and '0.642' for 0.64231
 */
export function figure(value: number | null, bound?: number): string {
  if (value === null) return 'undefined';
  for (let digits = USUAL_DIGITS; digits < ALL_DIGITS; digits++) {
    const text = rounded(value, digits);
    if (bound === undefined || bound === value || (text !== rounded(bound, digits) && text !== String(bound))) return text;
  }
  return String(value);
}

function rounded(value: number, digits: number): string {
  const wholeDigits = Math.abs(value) >= 1 ? Math.floor(Math.log10(Math.abs(value))) + 1 : 0;
  return String(Number(value.toPrecision(Math.min(100, Math.max(digits, wholeDigits)))));
}

/** A count and its noun, with the plural that is not made by an s where there is one. @example counted(2, 'day'); // '2 days' */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** A confidence as a sentence says it. @example percent(0.95); // '95 %' */
export function percent(share: number): string {
  return `${figure(share * 100, 100)} %`;
}

/** Longest name in a reason, in characters. */
const LONGEST_NAME = 60;

/** A name of the caller's, quoted and cut. @example quoted('web'); // '"web"' */
export function quoted(name: string): string {
  return showValue(formatName(name, LONGEST_NAME));
}

/** A number as it may be recorded: null where it is not finite. */
export function recorded(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
