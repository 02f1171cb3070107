import { canonicalJson, sha256Hex } from '@fraudops/core';

/**
 * An object as canonical JSON, sealed: its member `checksum` is the SHA-256 of the canonical JSON of all others. So any changed bit is
 * found, in whichever object it is. The seal shows damage; against forgery an event log has its chain.
 *
 * @param content must have no member `checksum`
 */
export function sealJson(content: Readonly<Record<string, unknown>>): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ ...content, checksum: sha256Hex(canonicalJson(content)) }));
}

/** The object without its seal, or what is wrong with the bytes. */
export function openSealedJson(bytes: Uint8Array): { content: Record<string, unknown> } | { damage: string } {
  const content = parseCanonical(bytes);
  if (!content) return { damage: 'it is not a JSON object in canonical form' };
  const { checksum, ...sealed } = content;
  if (checksum !== sha256Hex(canonicalJson(sealed))) return { damage: 'its checksum does not fit its content' };
  return { content: sealed };
}

function parseCanonical(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return canonicalJson(value) === text ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not UTF-8, not JSON, or a number that JSON can write but a double can't hold.
    return undefined;
  }
}
