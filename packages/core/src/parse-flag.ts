/** The ways of writing no and yes that {@link parseFlag} takes, in small letters. */
export const FLAG_WORDS: ReadonlyArray<readonly [no: string, yes: string]> = [
  ['0', '1'],
  ['0.0', '1.0'], // how data frames write flags of which some are missing
  ['false', 'true'],
  ['no', 'yes'],
  ['n', 'y'],
];

const FLAGS: ReadonlyMap<string, boolean> = new Map(
  FLAG_WORDS.flatMap(([no, yes]) => [[no, false] as const, [yes, true] as const]),
);

/** What {@link parseFlag} takes, for messages. */
export const FLAG_SPELLINGS = '0, 1, true, false, yes, no, Y or N';

const LONGEST = 5;

/**
 * A flag from its text: `1`, `true`, `yes` and `y`, or `0`, `false`, `no` and `n`, in capitals or not; also `1.0` and `0.0`.
 *
 * @returns undefined for any other text, the empty one too
 * @example parseFlag('Yes'); // true
 */
export function parseFlag(text: string): boolean | undefined {
  return text.length <= LONGEST ? FLAGS.get(text.toLowerCase()) : undefined;
}
