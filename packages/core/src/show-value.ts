/** Most characters of a text that a message shows. */
const LONGEST_SHOWN = 100;

/**
 * A value as an error message shows it: short, whatever it is, and so that its type is seen. A text is quoted, so `"5"` is not taken for 5; an
 * array is shown by its length, any other object by its kind.
 *
 * @example showValue('5'); // '"5"'
 * @example showValue(new Float64Array(3)); // 'a Float64Array of 3'
 */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}...` : value);
    case 'bigint':
      return `${String(value).slice(0, LONGEST_SHOWN)}n`;
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    case 'object':
      return value === null ? 'null' : showObject(value);
    default:
      return String(value);
  }
}

function showObject(value: object): string {
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
  const article = /^[AEIO]/.test(kind) ? 'an' : 'a';
  if (kind === 'Object') return 'an object';
  if (kind === 'Array') return `an array of ${(value as readonly unknown[]).length}`;
  const isList = ArrayBuffer.isView(value) && !(value instanceof DataView);
  return isList ? `${article} ${kind} of ${(value as Float64Array).length}` : `${article} ${kind}`;
}
