import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { terminalProgress } from './terminal-progress.js';

function collector(isTTY: boolean) {
  const written: string[] = [];
  return { written, stream: { isTTY, write: (text: string) => written.push(text) } };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('terminalProgress', () => {
  it('writes one plain line a task when piped, and says so when a task takes long', () => {
    const { written, stream } = collector(false);
    const task = terminalProgress(stream).task('Reading', { total: 10 });
    task.advance(5);
    vi.advanceTimersByTime(6000);
    task.done('10 rows');
    expect(written).toHaveLength(2);
    expect(written[0]).toBe('… Reading\n');
    expect(written[1]).toMatch(/^✓ Reading +6\.0 s {2}10 rows\n$/);
    expect(written.join('')).not.toContain('\u001b');
  });

  it('moves a bar in a terminal and leaves one line behind', () => {
    const { written, stream } = collector(true);
    const task = terminalProgress(stream, (_, text) => text).task('Reading', { total: 200, unit: 'rows' });
    task.advance(50);
    vi.advanceTimersByTime(100);
    expect(written.at(-1)).toMatch(/━{6}─{18} +25 % {2}50 of 200 rows$/);
    task.fail('disk full');
    const count = written.length;
    vi.advanceTimersByTime(1000);
    expect(written).toHaveLength(count);
    expect(written.at(-1)).toMatch(/✗ Reading +100 ms {2}disk full\n$/);
  });

  it('shows of several tasks the one that began last, and each end on a line of its own', () => {
    const { written, stream } = collector(true);
    const progress = terminalProgress(stream, (_, text) => text);
    const outer = progress.task('Outer');
    const inner = progress.task('Inner');
    expect(written.at(-1)).toContain('Inner');
    inner.done();
    inner.done();
    expect(written.at(-2)).toMatch(/✓ Inner +0\.00 ms\n$/);
    expect(written.at(-1)).toContain('Outer');
    outer.done();
    expect(written.filter((text) => text.endsWith('\n'))).toHaveLength(2);
  });
});
