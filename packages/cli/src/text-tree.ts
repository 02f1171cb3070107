/** A thing in a line, and what stands below it. */
export interface TextTree {
  readonly text: string;
  readonly below: readonly TextTree[];
}

/**
 * A tree as lines of text.
 *
 * @example
 * renderTree({ text: 'ratio', below: [{ text: 'amount', below: [] }, { text: 'mean', below: [] }] });
 * // ['ratio', '├─ amount', '└─ mean']
 */
export function renderTree({ text, below }: TextTree): readonly string[] {
  const branches = below.flatMap((branch, i) => {
    const isLast = i === below.length - 1;
    const [first = '', ...others] = renderTree(branch);
    return [`${isLast ? '└─' : '├─'} ${first}`, ...others.map((line) => `${isLast ? '  ' : '│ '} ${line}`)];
  });
  return [text, ...branches];
}
