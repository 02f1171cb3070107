/** The words after `npm run bench --`. */

/**
 * @typedef {object} Arguments
 * @property {string | undefined} suite
 * @property {string[]} cases names; none means all
 * @property {Record<string, number>} sizes such as rows and rounds, where they differ from a case's own
 * @property {boolean} build
 * @property {boolean} peers
 * @property {string} python command that starts Python
 * @property {string | undefined} results folder
 */

/** Something to tell the caller without a stack. */
export class UsageError extends Error {}

/**
 * @param {readonly string[]} words
 * @returns {Arguments}
 */
export function readArguments(words) {
  const found = { suite: undefined, cases: [], sizes: {}, build: true, peers: true, python: 'python3', results: undefined };
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift();
    if (!word.startsWith('--')) {
      if (found.suite === undefined) found.suite = word;
      else found.cases.push(word);
    } else if (word === '--no-build') found.build = false;
    else if (word === '--no-peers') found.peers = false;
    else readOption(word.slice(2), rest.shift(), found);
  }
  return found;
}

function readOption(name, value, found) {
  if (value === undefined) throw new UsageError(`--${name} needs a value`);
  if (name === 'python' || name === 'results') {
    found[name] = value;
    return;
  }
  const size = Number(value.replaceAll('_', ''));
  if (!(Number.isSafeInteger(size) && size >= 1))
    throw new UsageError(`--${name} is ${value}, expected a whole number of at least 1`);
  found.sizes[name] = size;
}

/**
 * A case's sizes with those that were given. Refuses a size that no chosen case has.
 * @param {Record<string, { sizes: Record<string, number> }>} cases the chosen ones, by name
 * @param {Record<string, number>} given
 */
export function requireKnownSizes(cases, given) {
  const known = new Set(Object.values(cases).flatMap(({ sizes }) => Object.keys(sizes)));
  const unknown = Object.keys(given).find((name) => !known.has(name));
  if (unknown === undefined) return;
  const offered = Array.from(known, (name) => `--${name}`).join(', ');
  throw new UsageError(`there is no option --${unknown} here; the sizes of ${Object.keys(cases).join(', ')} are ${offered}`);
}

/**
 * @param {Record<string, number>} own
 * @param {Record<string, number>} given
 */
export const sizesOf = (own, given) =>
  Object.fromEntries(Object.entries(own).map(([name, value]) => [name, given[name] ?? value]));
