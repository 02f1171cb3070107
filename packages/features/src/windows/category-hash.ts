/**
 * A category as a number: a 53-bit hash (two rounds of MurmurHash3's mixing). Histories keep it instead of the text, which takes 8 bytes
 * whatever its length. Both history and the request path compare hashes, so they agree even if two texts ever share one, which among a
 * million categories has a chance of 1 in 18,000.
 */
export function categoryHash(text: string): number {
  let low = 0x9747b28c;
  let high = 0x3c6ef372;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x85ebca6b);
    high = Math.imul(high ^ unit, 0xc2b2ae35);
    low ^= low >>> 15;
    high ^= high >>> 13;
  }
  low = Math.imul(low ^ (high >>> 16), 0x85ebca6b);
  high = Math.imul(high ^ (low >>> 13), 0xc2b2ae35);
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}
