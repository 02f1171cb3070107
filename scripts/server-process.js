/** Servers that `scripts/servers.js` starts for its tests: started until they are ready, and stopped in every case. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;

/** Something a person has to mend; its message says what. */
export class ServersError extends Error {}

/** @typedef {{ name: string, child: import('node:child_process').ChildProcess, ended: Promise<unknown> }} Server */
/** @type {Server[]} */
const servers = [];
let isInterrupted = false;

process.on('exit', () => servers.forEach(({ child }) => child.kill('SIGKILL')));

/** From now on no server is started. */
export function interruptServers() {
  isInterrupted = true;
}

/** Where a program is: on the path, or where Debian keeps servers, such as the newest Postgres; undefined when it is nowhere. */
export function program(name) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    ...versions.map((each) => path.join(debian, each, 'bin')),
  ];
  return folders.map((each) => path.join(each, name)).find((file) => existsSync(file));
}

/** A port that was free a moment ago, as a word. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(String(port)));
    });
  });
}

/** Starts a server and waits until what it prints says that it is ready. */
export function startServer(name, file, words, ready, options) {
  return new Promise((resolve, reject) => {
    if (isInterrupted) throw new ServersError('servers: interrupted');
    const child = spawn(file, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((settle) => child.on('close', settle).on('error', settle));
    servers.push({ name, child, ended });
    let output = '';
    const fail = (why) => reject(new ServersError(`servers: ${name} ${why}\n${output}`));
    const timer = setTimeout(() => fail(`was not ready within ${START_WITHIN_MS / 1_000} s`), START_WITHIN_MS);
    child.on('error', (error) => fail(`could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${signal ?? code}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        // Enough to say why it did not start.
        if (output.length < 100_000) output += text;
        if (!ready.test(output)) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

/** Asks all servers to end, and makes those that do not. SIGINT lets Postgres disconnect its clients. */
export async function stopServers() {
  await Promise.all(
    servers.map(async ({ child, ended }) => {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    }),
  );
}
