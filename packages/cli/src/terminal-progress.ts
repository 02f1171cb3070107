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
  if (!stream.isTTY) return { task: (name) => plainTask(stream, style, name) };
  const line = new MovingLine(stream, style);
  return { task: (name, options = {}) => line.begin(name, options) };
}

/** A piece of work under way, as the moving line shows it. */
interface ActiveTask {
  readonly name: string;
  readonly unit: string | undefined;
  total: number | undefined;
  units: number;
}

/** The last line of the terminal: it shows the work that began last and still goes on. */
class MovingLine {
  readonly #stream: TextStream;
  readonly #style: Stylist;
  readonly #active = new Set<ActiveTask>();
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(stream: TextStream, style: Stylist) {
    this.#stream = stream;
    this.#style = style;
  }

  begin(name: string, { total, unit }: NonNullable<Parameters<Progress['task']>[1]>): ProgressTask {
    const started = performance.now();
    const task: ActiveTask = { name, unit, total, units: 0 };
    const end = (mark: string, text: string) => {
      if (!this.#active.delete(task)) return;
      this.#write(`${endLine(this.#style, mark, name, text, performance.now() - started)}\n`);
      if (this.#active.size > 0) return this.#draw();
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
    this.#active.add(task);
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_EVERY_MS).unref();
    this.#draw();
    return {
      advance: (more) => {
        task.units += more;
      },
      total: (known) => {
        task.total = known;
      },
      done: (summary = '') => end(this.#style('good', '✓'), summary),
      fail: (reason = 'failed') => end(this.#style('bad', '✗'), this.#style('bad', reason)),
    };
  }

  #draw(): void {
    const task = [...this.#active].at(-1);
    if (!task) return;
    const spinner = this.#style('accent', FRAMES[this.#frame++ % FRAMES.length]!);
    this.#write(`${spinner} ${task.name.padEnd(NAME_WIDTH)} ${amountText(this.#style, task)}`);
  }

  /** Puts text in the place of the line. */
  #write(text: string): void {
    this.#stream.write(`\r\u001b[2K${text}`);
  }
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

function amountText(style: Stylist, { units, total, unit = '' }: ActiveTask): string {
  if (total === undefined || total <= 0) return units === 0 ? '' : style('quiet', `${countText(units)} ${unit}`);
  const share = Math.min(1, units / total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = style('accent', '━'.repeat(filled)) + style('quiet', '─'.repeat(BAR_WIDTH - filled));
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${style('quiet', `${countText(units)} of ${countText(total)} ${unit}`)}`;
}
