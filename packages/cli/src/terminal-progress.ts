/**
 * Progress as a person sees it. In a terminal: one moving line for the work under way, replaced by a ticked line when it is done.
 * Piped into a file or another program: one plain line when a piece of work begins to take long, and one when it is done.
 */
import type { Progress, ProgressTask } from '@fraudops/core';
import { countText, durationText } from './number-text.js';
import { type Stylist, type TextStream, stylist } from './terminal-style.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const REDRAW_EVERY_MS = 80;
/** Piped output says that work is under way when it takes longer than this. */
const PLAIN_NOTICE_AFTER_MS = 5000;
const BAR_WIDTH = 24;
const NAME_WIDTH = 30;

/**
 * @param stream where to show it, such as process.stderr
 * @param style default: colours in a terminal, none elsewhere
 * @example const task = terminalProgress(process.stdout).task('Reading', { unit: 'rows' });
 */
export function terminalProgress(stream: TextStream, style: Stylist = stylist(stream)): Progress {
  return {
    task: (name, options = {}) => (stream.isTTY ? movingTask(stream, style, name, options) : plainTask(stream, style, name)),
  };
}

type TaskOptions = NonNullable<Parameters<Progress['task']>[1]>;

function movingTask(stream: TextStream, style: Stylist, name: string, options: TaskOptions): ProgressTask {
  const started = performance.now();
  let total = options.total;
  let units = 0;
  let frame = 0;
  const draw = () => {
    const spinner = style('accent', FRAMES[frame++ % FRAMES.length]!);
    const line = `${spinner} ${name.padEnd(NAME_WIDTH)} ${amountText(style, units, total, options.unit)}`;
    stream.write(`\r\u001b[2K${line}`);
  };
  draw();
  const timer = setInterval(draw, REDRAW_EVERY_MS);
  timer.unref();
  const end = (mark: string, text: string) => {
    clearInterval(timer);
    stream.write(`\r\u001b[2K${endLine(style, mark, name, text, performance.now() - started)}\n`);
  };
  return {
    advance: (more) => {
      units += more;
    },
    total: (known) => {
      total = known;
    },
    done: (summary = '') => end(style('good', '✓'), summary),
    fail: (reason = 'failed') => end(style('bad', '✗'), style('bad', reason)),
  };
}

function plainTask(stream: TextStream, style: Stylist, name: string): ProgressTask {
  const started = performance.now();
  const notice = setTimeout(() => stream.write(`… ${name}\n`), PLAIN_NOTICE_AFTER_MS);
  notice.unref();
  const end = (mark: string, text: string) => {
    clearTimeout(notice);
    stream.write(`${endLine(style, mark, name, text, performance.now() - started)}\n`);
  };
  return {
    advance: () => {},
    total: () => {},
    done: (summary = '') => end('✓', summary),
    fail: (reason = 'failed') => end('✗', reason),
  };
}

function endLine(style: Stylist, mark: string, name: string, text: string, milliseconds: number): string {
  return `${mark} ${name.padEnd(NAME_WIDTH)} ${style('quiet', durationText(milliseconds).padStart(10))}  ${text}`.trimEnd();
}

function amountText(style: Stylist, units: number, total: number | undefined, unit = ''): string {
  if (total === undefined || total <= 0) return units === 0 ? '' : style('quiet', `${countText(units)} ${unit}`);
  const share = Math.min(1, units / total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = style('accent', '━'.repeat(filled)) + style('quiet', '─'.repeat(BAR_WIDTH - filled));
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${style('quiet', `${countText(units)} of ${countText(total)} ${unit}`)}`;
}
