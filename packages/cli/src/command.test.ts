import { describe, expect, it } from 'vitest';
import { type Command, commandHelp, overview, parseLine } from './command.js';

const plain = (_: string, text: string) => text;
const run = async () => {};
const commands: readonly Command[] = [
  { name: 'models list', summary: 'List', options: { json: { help: 'print JSON' } }, run },
  {
    name: 'serve',
    summary: 'Serve',
    words: ['file'],
    options: { port: { value: 'N', help: 'port', default: '3000', whole: [0, 65_535] }, why: { value: 'TEXT', help: 'reason' } },
    run,
  },
  { name: 'join', summary: 'Join', words: ['first', 'others...'], run },
];
const parse = (line: string) => parseLine(commands, line === '' ? [] : line.split(' '));

describe('parseLine', () => {
  it('finds commands of one and of two words, and takes words, options and switches', () => {
    expect(parse('serve a.csv --port 0')).toMatchObject({
      help: false,
      command: { name: 'serve' },
      given: { words: { file: 'a.csv' }, options: { port: '0', why: undefined } },
    });
    const list = parse('models list --json');
    expect(!list.help && list.given.switches.has('json')).toBe(true);
  });

  it('takes one word or more for a last name that says so', () => {
    expect(parse('join a b c')).toMatchObject({ given: { words: { first: 'a' }, more: ['b', 'c'] } });
  });

  it('asks for help when nothing or help is said', () => {
    expect([parse(''), parse('--help'), parse('help')]).toEqual([{ help: true }, { help: true }, { help: true }]);
    expect(parse('serve --help')).toMatchObject({ help: true, command: { name: 'serve' } });
  });

  it.each([
    ['bogus', 'There is no command "bogus"'],
    ['models', 'There is no command "models"; fraudops --help lists them. There is models list.'],
    ['list', 'There is models list.'],
    ['serve', 'fraudops serve takes FILE, got []'],
    ['join a', 'fraudops join takes FIRST OTHERS..., got ["a"]'],
    ['serve a b', 'fraudops serve takes FILE, got ["a","b"]'],
    ['models list x', 'fraudops models list takes no words, got ["x"]'],
    ['serve a --port 70000', '--port is "70000", expected a whole number from 0 to 65535'],
    ['serve a --port -1', 'fraudops serve --help lists the options'],
    ['serve a --port 1.5', '--port is "1.5", expected a whole number'],
    ['serve a --colour red', "Unknown option '--colour'"],
    ['serve a --why=', '--why is empty, expected TEXT'],
  ])('refuses %j and says why', (line, message) => expect(() => parse(line)).toThrow(message));
});

describe('help', () => {
  it('is made of the table', () => {
    expect(overview(commands, plain)).toContain('  serve FILE            Serve\n');
    expect(commandHelp(commands[1]!, plain)).toContain('  --port N    port (default 3000)\n  --why TEXT  reason\n');
  });
});
