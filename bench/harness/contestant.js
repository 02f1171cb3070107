/**
 * A process that is measured: ours or a peer's. It is started once, loads its data outside the clock, and then answers commands, one
 * JSON line in and one out, so that rounds can go from one contestant to the next. Each measures itself, inside its own process.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Lines of a contestant's error output that are shown when it fails. */
const SHOWN_ERROR_LINES = 15;

/** Where `serve_commands.py` is, which all peers import. */
const pythonFolder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'python');

/** @typedef {{ script: string, flags?: string[] }} OursOptions */

/**
 * A Node.js process of ours.
 * @param {string} name as the tables show it
 * @param {OursOptions} options `script`: the file it runs; `flags`: of Node.js, besides `--expose-gc`
 */
export function startOurs(name, { script, flags = [] }) {
  return new Contestant(name, process.execPath, ['--expose-gc', ...flags, script], {});
}

/**
 * A Python process of a peer.
 * @param {string} name as the tables show it
 * @param {{ python: string, script: string, environment?: Record<string, string> }} options
 */
export function startPeer(name, { python, script, environment = {} }) {
  return new Contestant(name, python, [script], { PYTHONPATH: pythonFolder, PYTHONDONTWRITEBYTECODE: '1', ...environment });
}

/** See the module's comment. */
export class Contestant {
  /** @type {string} */
  name;
  #child;
  #answers;
  /** Resolves when it has ended and all that it wrote was read, or when it never started. */
  #ended;
  #errorOutput = '';

  constructor(name, command, words, environment) {
    this.name = name;
    this.#child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errorOutput = (this.#errorOutput + text).split('\n').slice(-SHOWN_ERROR_LINES).join('\n');
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', resolve);
      this.#child.on('error', (error) => {
        this.#errorOutput += error.message;
        resolve(undefined);
      });
    });
    // Writing to a process that ended; the answers end too, and `ask` says why.
    this.#child.stdin.on('error', () => {});
    this.#answers = readline.createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Gives a command and waits for its answer.
   * @param {string} command
   * @param {object} [values] what the command needs
   * @returns {Promise<any>} what it returned
   */
  async ask(command, values = {}) {
    this.#child.stdin.write(`${JSON.stringify({ command, values })}\n`);
    const { done, value } = await this.#answers.next();
    if (done) {
      await this.#ended;
      throw new Error(`${this.name} ended during ${command}:\n${this.#errorOutput.trim()}`);
    }
    const { answer, error } = JSON.parse(value);
    if (error !== undefined) throw new Error(`${this.name} failed at ${command}:\n${error}`);
    return answer;
  }

  /** Closes its input, upon which it ends, and waits for that. */
  async stop() {
    this.#child.stdin.end();
    await this.#ended;
  }
}
