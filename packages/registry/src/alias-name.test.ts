import { describe, expect, it } from 'vitest';
import { requireAlias } from './alias-name.js';

describe('requireAlias', () => {
  it.each([
    'champion',
    'Champion',
    'a',
    'v',
    'v2-candidate',
    'version-x',
    'best.of_2024-11',
    'latest-eu',
    'constructor',
    'x'.repeat(64),
  ])('takes %s', (alias) => expect(() => requireAlias(alias)).not.toThrow());

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['a number', 3],
    ['no text', undefined],
    ['what has no text', Object.create(null)],
    ['latest', 'latest'],
    ['latest in another case', 'LATEST'],
    ['a version', 'v3'],
    ['a version in upper case', 'V3'],
    ['a version in full', 'version-3'],
    ['a version with dots', 'v1.2.0'],
    ['a bare number', '3'],
    ['a number that Number reads', '1e3'],
    ['a stage', 'Production'],
    ['a stage in another case', 'staging'],
    ['the stage of all', 'None'],
    ['two dots', '..'],
    ['a path', '../champion'],
    ['a slash', 'eu/champion'],
    ['a colon', 'eu:champion'],
    ['a control character', 'champion\u0000'],
    ['a line', 'champion\n'],
    ['a space', 'the champion'],
    ['a look-alike letter', 'сhampion'],
    ['a full-width letter', 'ｃhampion'],
    ['a letter of zero width', 'cham\u200bpion'],
    ['a combined letter', 'champio\u0301n'],
    ['65 characters', 'x'.repeat(65)],
    ['10,000 characters', 'x'.repeat(10_000)],
  ])('refuses %s', (_name, alias) => {
    expect(() => requireAlias(alias)).toThrow(
      expect.objectContaining({ code: 'INVALID_NAME', details: expect.objectContaining({ what: 'alias' }) }),
    );
  });

  it('says in a short message what is wrong', () => {
    expect(() => requireAlias('v3')).toThrow(
      'alias "v3": it would be taken for a version or a stage; choose another, such as champion',
    );
    expect(() => requireAlias('x'.repeat(10_000))).toThrow(/^alias "x{80}": 10000 characters, at most 64 are allowed$/);
  });
});
