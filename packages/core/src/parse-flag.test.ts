import { describe, expect, it } from 'vitest';
import { parseFlag } from './parse-flag.js';

describe('parseFlag', () => {
  it.each(['1', '1.0', 'true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'y', 'Y'])('reads %s as true', (text) =>
    expect(parseFlag(text)).toBe(true),
  );
  it.each(['0', '0.0', 'false', 'False', 'FALSE', 'no', 'No', 'NO', 'n', 'N'])('reads %s as false', (text) =>
    expect(parseFlag(text)).toBe(false),
  );
  it.each(['', ' ', '2', '-1', '00', '1.00', ' yes', 'nope', 'oui', 'constructor', '\u017Ees'])('takes %j for no flag', (text) =>
    expect(parseFlag(text)).toBeUndefined(),
  );
});
