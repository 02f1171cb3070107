/**
 * The logger the packages write to: the part of pino's shape that they use, so a pino instance can be passed as it is.
 * Packages log little and never secrets; the default is {@link silentLogger}.
 */
export interface Logger {
  debug: LogFunction;
  info: LogFunction;
  warn: LogFunction;
  error: LogFunction;
  /** A logger that adds the given fields to every line. */
  child(fields: Record<string, unknown>): Logger;
}

/** Called as `log('text')` or `log({ field: value }, 'text')`. */
export interface LogFunction {
  (message: string): void;
  (fields: Record<string, unknown>, message?: string): void;
}

/** Logs nothing. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

/** pino's numbers for levels. */
const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 };

/** Name of a level; lines below the chosen one are dropped. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Writes one JSON object a line, in pino's format (`level`, `time`, fields, `msg`). Errors under `err` become `{ type, message, stack }`.
 *
 * @param write receives each line with its line feed, such as `(line) => process.stderr.write(line)`
 * @example jsonLogger((line) => process.stderr.write(line)).info({ version: 3 }, 'promoted');
 */
export function jsonLogger(
  write: (line: string) => void,
  options: { level?: LogLevel; fields?: Record<string, unknown>; now?: () => number } = {},
): Logger {
  const { level = 'info', fields: base = {}, now = Date.now } = options;
  const at =
    (name: LogLevel): LogFunction =>
    (first: string | Record<string, unknown>, message?: string) => {
      if (LEVELS[name] < LEVELS[level]) return;
      const [fields, text] = typeof first === 'string' ? [{}, first] : [first, message];
      write(`${JSON.stringify({ level: LEVELS[name], time: now(), ...base, ...fields, msg: text }, serializeErrors)}\n`);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => jsonLogger(write, { level, now, fields: { ...base, ...fields } }),
  };
}

function serializeErrors(_key: string, value: unknown): unknown {
  if (value instanceof Error) return { type: value.name, message: value.message, stack: value.stack };
  return typeof value === 'bigint' ? String(value) : value;
}
