/** Where text goes: process.stdout and process.stderr fit, and so does a test's collector. */
export interface TextStream {
  write(text: string): unknown;
  /** Whether a person looks at it; colours and moving bars are only for them. */
  readonly isTTY?: boolean;
  /** Width in characters, when known. */
  readonly columns?: number;
}

/** A style by what it means, so that looks are decided in one place. */
export type Emphasis = 'heading' | 'good' | 'bad' | 'warning' | 'quiet' | 'accent';

/** Gives text an emphasis. */
export type Stylist = (emphasis: Emphasis, text: string) => string;

/** Begin and end codes of ECMA-48 SGR: bold, dim and the colours. */
const ESCAPES: Readonly<Record<Emphasis, readonly [begin: number, end: number]>> = {
  heading: [1, 22],
  quiet: [2, 22],
  bad: [31, 39],
  good: [32, 39],
  warning: [33, 39],
  accent: [36, 39],
};

/**
 * A function that gives text an emphasis, or leaves it as it is where no person looks.
 *
 * @param useColor default: whether the stream is a terminal; the outermost program may say no, as for NO_COLOR
 * @example const style = stylist(process.stdout); style('good', 'promoted');
 */
export function stylist(stream: TextStream, useColor = stream.isTTY === true): Stylist {
  if (!useColor) return (_, text) => text;
  return (emphasis, text) => {
    const [begin, end] = ESCAPES[emphasis];
    return `\u001b[${begin}m${text}\u001b[${end}m`;
  };
}

/** Length of a text as it is shown, without its style codes. */
export function visibleLength(text: string): number {
  // oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
  return text.replace(/\u001b\[\d+m/g, '').length;
}
