import { describe, expect, it } from 'vitest';
import { HELP, parseArguments } from './arguments.js';

describe('parseArguments', () => {
  it('has the defaults that the help tells', () => {
    expect(parseArguments([])).toEqual({
      data: undefined,
      rows: 100_000,
      seed: 7,
      port: 3000,
      store: '.fraudops',
      json: undefined,
      once: false,
    });
    for (const usual of ['100000', '3000', '.fraudops', 'default 7']) expect(HELP).toContain(usual);
  });

  it('takes every option', () => {
    const words = '--once --data a.csv.gz --rows 20000 --seed 0 --port 0 --store dir --json out.json'.split(' ');
    expect(parseArguments(words)).toEqual({
      data: 'a.csv.gz',
      rows: 20_000,
      seed: 0,
      port: 0,
      store: 'dir',
      json: 'out.json',
      once: true,
    });
    expect(parseArguments(['--help', '--rows', '1'])).toBe('help');
  });

  it.each([
    ['--rows 10', '--rows is "10", expected a whole number from 20000 to 5000000'],
    ['--rows 1e5', '--rows is "1e5"'],
    ['--port 70000', '--port is "70000", expected a whole number from 0 to 65535'],
    ['--seed -1', '--seed'],
    ['--data=', '--data is empty, expected a path'],
    ['--store', '--store'],
    ['--twice', "Unknown option '--twice'"],
    ['now', "Unexpected argument 'now'"],
  ])('refuses %s', (words, message) => expect(() => parseArguments(words.split(' '))).toThrow(message));
});
