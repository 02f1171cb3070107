/** Longest name that is compared: the time grows with the square of the length. */
const LONGEST_COMPARED = 60;
/** Shortest name that counts as meant when it is a part of the other. */
const SHORTEST_PART = 4;

/**
 * The one of some names that a mistyped name most likely stands for. Upper and lower case, underscores and hyphens don't count; up to one
 * change in three characters does not either, a change being a character added, left out, replaced or swapped with its neighbour (optimal
 * string alignment distance; Boytsov 2011). Else a name that is part of the other, of four characters or more.
 *
 * @returns undefined when none is near
 * @example nearestName('learning_rate', ['trees', 'learningRate']); // 'learningRate'
 * @example nearestName('maxDepth', ['trees', 'depth']); // 'depth'
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const meant = plain(name);
  let nearest: string | undefined;
  let fewest = Math.floor(meant.length / 3) + 1;
  for (const candidate of names) {
    const changes = changesBetween(meant, plain(candidate));
    if (changes < fewest) [nearest, fewest] = [candidate, changes];
  }
  return nearest ?? names.find((candidate) => isPart(plain(candidate), meant) || isPart(meant, plain(candidate)));
}

const plain = (name: string): string => name.slice(0, LONGEST_COMPARED).toLowerCase().replaceAll(/[_-]/g, '');

const isPart = (part: string, whole: string): boolean => part.length >= SHORTEST_PART && whole.includes(part);

/** Row by row of the table of distances between beginnings; the two rows before are enough. */
function changesBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
