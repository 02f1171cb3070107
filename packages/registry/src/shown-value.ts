/** Longest text that {@link shownValue} gives, in characters. */
const MAX_SHOWN = 80;

/** A value as a message shows it: as `String` writes it, at most 80 characters. Never fails, also for what has no text. */
export function shownValue(value: unknown): string {
  try {
    return String(value).slice(0, MAX_SHOWN);
  } catch {
    // An object without a prototype, or whose toString fails.
    return `(${typeof value})`;
  }
}
