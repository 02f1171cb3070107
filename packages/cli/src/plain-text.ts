/** Text from data as a terminal may show it: no characters that move the cursor or turn the direction of writing, and not too long. */
export function plainText(text: string, longest = 40): string {
  const characters = Array.from(text.replaceAll(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd'));
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join('');
}
