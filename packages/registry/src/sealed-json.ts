import { canonicalJson, sha256Hex } from '@fraudops/core';

/**
 * An object as canonical JSON, sealed: its member `checksum` is the SHA-256 of the canonical JSON of all others. So any changed bit is
 * found, in whichever object it is. The seal shows damage; against forgery an event log has its chain.
 *
 * @param content must have no member `checksum`
 */
export function sealJson(content: Readonly<Record<string, unknown>>): Uint8Array {
  // Each member is written once, and the checksum put between them.
  const keys = Object.keys(content).filter((key) => content[key] !== undefined);
  const members = keys.toSorted().map((key) => ({ key, text: canonicalJson({ [key]: content[key] }).slice(1, -1) }));
  const checksum = sha256Hex(`{${members.map(({ text }) => text).join(',')}}`);
  const before = members.filter(({ key }) => key < 'checksum').length;
  const texts = members.map(({ text }) => text).toSpliced(before, 0, `"checksum":"${checksum}"`);
  return new TextEncoder().encode(`{${texts.join(',')}}`);
}

/** The object without its seal, or what is wrong with the bytes. */
export function openSealedJson(bytes: Uint8Array): { content: Record<string, unknown> } | { damage: string } {
  const text = decodeText(bytes);
  const content = text === undefined ? undefined : parseObject(text);
  if (text === undefined || !content) return { damage: NOT_CANONICAL };
  const { checksum, ...sealed } = content;
  if (hasSealedText(text, checksum)) return { content: sealed };
  if (canonicalText(content) !== text) return { damage: NOT_CANONICAL };
  if (checksum !== sha256Hex(canonicalJson(sealed))) return { damage: 'its checksum does not fit its content' };
  return { content: sealed };
}

const NOT_CANONICAL = 'it is not a JSON object in canonical form';

/**
 * Whether a text without its checksum has that checksum. Then it is what was sealed, to the letter, and need not be written again to see
 * that: that takes longer than all the rest.
 */
function hasSealedText(text: string, checksum: unknown): boolean {
  const member = `"checksum":"${String(checksum)}"`;
  const at = text.indexOf(member);
  if (at < 0) return false;
  const before = text.slice(0, at);
  const after = text.slice(at + member.length);
  // One comma goes with it, unless it was alone.
  const without = after.startsWith(',')
    ? before + after.slice(1)
    : before.endsWith(',')
      ? before.slice(0, -1) + after
      : before + after;
  return sha256Hex(without) === checksum;
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function canonicalText(content: Record<string, unknown>): string | undefined {
  try {
    return canonicalJson(content);
  } catch {
    // A number that JSON can write but a double can't hold.
    return undefined;
  }
}
