/**
 * What was thrown, as text: an error's message, else the value itself. Anything can be thrown, also what has no text, and telling of a
 * failure must not fail.
 */
export function failureText(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'a value that has no text was thrown';
  }
}
