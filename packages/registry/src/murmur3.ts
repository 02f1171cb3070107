const encoder = new TextEncoder();

/**
 * MurmurHash3 (Austin Appleby's x86 variant of 32 bits, seed 0) of a text in UTF-8: a whole number from 0 to 2^32 - 1. For spreading keys
 * evenly, in the same way in any language; not for secrets.
 *
 * @example murmur3('test'); // 0xba6bd213
 */
export function murmur3(text: string): number {
  const bytes = encoder.encode(text);
  let hash = 0;
  let block = 0;
  for (let i = 0; i < bytes.length; i++) {
    const shift = (i & 3) * 8;
    block |= bytes[i]! << shift;
    if (shift < 24) continue;
    hash ^= scrambled(block);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
    block = 0;
  }
  // Bytes that fill no block; none scramble to 0.
  hash ^= scrambled(block) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}
