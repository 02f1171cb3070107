import { describe, expect, it } from 'vitest';
import { type Command, parseLine } from './command.js';
import { commandHelp, groupHelp, overview } from './command-help.js';

const style = (_: string, text: string) => text;
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
  { name: 'models show', summary: 'Show a model or a version', words: ['model', 'version?'], options: {}, run },
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

  it('leaves out a last word that may be', () => {
    expect(parse('models show a')).toMatchObject({ given: { words: { model: 'a' } } });
    expect(parse('models show a b')).toMatchObject({ given: { words: { model: 'a', version: 'b' } } });
  });

  it('takes the first word of commands for a question', () => {
    for (const line of ['models', 'models --help', 'help models']) expect(parse(line)).toEqual({ help: true, group: 'models' });
    expect(parse('help models list')).toMatchObject({ help: true, command: { name: 'models list' } });
  });

  it('asks for help when nothing or help is said', () => {
    expect([parse(''), parse('--help'), parse('help')]).toEqual([{ help: true }, { help: true }, { help: true }]);
    expect(parse('serve --help')).toMatchObject({ help: true, command: { name: 'serve' } });
  });

  it.each([
    ['bogus', 'There is no command "bogus"; fraudops --help lists them.'],
    ['list', 'There is models list.'],
    ['modles list', 'Did you mean models list?'],
    ['models shwo fraud', 'There is no command "models shwo"; fraudops --help lists them. Did you mean models show?'],
    ['models delete', 'There are models list, models show.'],
    ['srve --port 1', 'There is no command "srve"; fraudops --help lists them. Did you mean serve?'],
    ['serve a --prot 1', "Unknown option '--prot'; fraudops serve --help lists the options. Did you mean --port?"],
    ['models show', 'fraudops models show takes MODEL [VERSION], got []'],
    ['models show a b c', 'takes MODEL [VERSION], got ["a","b","c"]; fraudops models show --help lists its options.'],
    ['serve', 'fraudops serve takes FILE, got []'],
    ['join a', 'fraudops join takes FIRST OTHERS..., at least two, got ["a"]'],
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
  const groups = [
    { title: 'Training', firstWords: ['serve'] },
    { title: 'Models', firstWords: ['models'] },
  ];

  it('is made of the table', () => {
    expect(overview(commands, groups, { style })).toContain(
      'Training\n  serve FILE  Serve\n\nModels\n  models list                  List\n',
    );
    expect(groupHelp(commands, 'models', { style })).not.toContain('serve');
    expect(commandHelp(commands[1]!, { style })).toContain('  --port N    port (default 3000)\n  --why TEXT  reason\n');
  });

  it('wraps summaries beside their commands', () => {
    const text = groupHelp(commands, 'models', { style, width: 53 });
    expect(text).toContain(`  models show MODEL [VERSION]  Show a model or a\n${' '.repeat(31)}version\n`);
  });
});
