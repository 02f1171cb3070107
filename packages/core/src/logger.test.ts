import { describe, expect, it } from 'vitest';
import { jsonLogger, silentLogger } from './logger.js';

describe('jsonLogger', () => {
  it('writes pino’s format: one JSON object a line', () => {
    const lines: string[] = [];
    const logger = jsonLogger((line) => lines.push(line), { now: () => 5, level: 'info' });
    logger.debug('dropped');
    logger.info('hello');
    logger.child({ run: 'r1' }).warn({ version: 3, big: 1n }, 'promoted');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 30, time: 5, msg: 'hello' },
      { level: 40, time: 5, run: 'r1', version: 3, big: '1', msg: 'promoted' },
    ]);
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
  });

  it('writes errors as type, message and stack', () => {
    const lines: string[] = [];
    jsonLogger((line) => lines.push(line)).error({ err: new TypeError('bad') }, 'failed');
    expect(JSON.parse(lines[0]!).err).toMatchObject({ type: 'TypeError', message: 'bad' });
  });
});

describe('silentLogger', () => {
  it('has children as silent as itself', () => expect(silentLogger.child({ a: 1 })).toBe(silentLogger));
});
