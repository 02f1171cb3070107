/**
 * One process at a time, per folder: whose turn it is stands in numbered files, and only one process can create the next number.
 *
 * The highest number counts. Its file holds the process id of its holder, who touches it all the while, or `free`. The next number may
 * be created when the highest is free, or when its holder is gone: no such process, or not touched for a minute. A number is removed
 * only once its successor exists, so the highest number only grows, and whoever created a number below it was too late.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;
const TOUCH_MS = 2_000;
const GONE_AFTER_MS = 60_000;

/**
 * Runs the work while no other process runs work for the same folder, and returns its result. The work must leave the event loop free.
 *
 * @template Result
 * @param {string} folder where the numbered files live; made when missing
 * @param {() => Promise<Result>} work
 * @param {{ onWait?: (holder: number) => void }} [options] `onWait` is called once, when it is another process's turn
 * @returns {Promise<Result>}
 */
export async function exclusively(folder, work, { onWait = () => {} } = {}) {
  mkdirSync(folder, { recursive: true });
  const turn = await takeTurn(folder, onWait);
  const touching = setInterval(() => touch(path.join(folder, String(turn))), TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    writeWhole(folder, turn, 'free', renameSync);
  }
}

/** What a person reads when another process is at it. */
export function sayWaiting(holder) {
  console.error(`waiting for process ${holder}, which installs or builds here`);
}

async function takeTurn(folder, onWait) {
  for (let waited = false; ; ) {
    const { turn, holder } = lastTurn(folder);
    if (holder === undefined) {
      const next = turn + 1;
      const created = writeWhole(folder, next, String(process.pid), linkSync);
      if (created && highestTurn(folder) === next) {
        removeBelow(folder, next);
        return next;
      }
      if (created) rmSync(path.join(folder, String(next)), { force: true });
      continue;
    }
    if (!waited) onWait(holder);
    waited = true;
    await sleep(POLL_MS);
  }
}

/** The highest number, and the process whose turn it is, if it still runs. */
function lastTurn(folder) {
  for (;;) {
    const turn = highestTurn(folder);
    if (turn === 0) return { turn };
    const file = path.join(folder, String(turn));
    try {
      const content = readFileSync(file, 'utf8');
      const silentMs = Date.now() - statSync(file).mtimeMs;
      const isHeld = content !== 'free' && silentMs < GONE_AFTER_MS && isAlive(Number(content));
      return isHeld ? { turn, holder: Number(content) } : { turn };
    } catch (error) {
      // Its successor came, and it was removed: look again.
      if (error.code !== 'ENOENT') throw error;
    }
  }
}

const turns = (folder) =>
  readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
const highestTurn = (folder) => Math.max(0, ...turns(folder));

function removeBelow(folder, turn) {
  for (const old of turns(folder)) if (old < turn) rmSync(path.join(folder, String(old)), { force: true });
}

/** Puts a whole file in place by `link` (refuses an existing one) or `rename` (replaces it); false when refused. */
function writeWhole(folder, turn, content, put) {
  const temporary = path.join(folder, `writing-${process.pid}`);
  writeFileSync(temporary, content);
  try {
    put(temporary, path.join(folder, String(turn)));
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Another process took over, since this one was asleep for long: nothing to keep.
  }
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
