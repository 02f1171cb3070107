const DECIMAL = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/**
 * The number that a text holds in decimal notation, as C and Python write it; NaN for anything else. Number() would also take an empty
 * text, hexadecimal digits and Infinity.
 *
 * @example parseDecimal('1.E-1'); // 0.1
 */
export function parseDecimal(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}
