/** Text from data as a terminal may show it: no characters that move the cursor or turn the direction of writing, and not too long. */
export function plainText(text: string, longest = 40): string {
  const characters = Array.from(text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\ufffd'));
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join('');
}
