/**
 * Starts programs of Debian's packages on free ports of this machine, with all their files in a folder of the caller: a Postgres, and what
 * else tests and benchmarks need. Postgres refuses to run as root; then it runs as the user `postgres`.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;
const isRoot = process.getuid?.() === 0;

/** Something a person has to mend; its message says what. */
export class ServersError extends Error {}

/**
 * A program that runs.
 * @typedef {object} Server
 * @property {import('node:child_process').ChildProcess} child
 * @property {() => Promise<void>} stop asks it to end, and makes it when it does not
 */

/**
 * A new Postgres with one user, `postgres`, who needs no password.
 * @param {string} folder exists; its files go into `postgres` in it
 * @param {Record<string, string>} [settings] of Postgres, such as `{ fsync: 'off' }`
 * @returns {Promise<Server & { url: string }>}
 */
export async function startPostgres(folder, settings = {}) {
  const user = isRoot ? userIds('postgres') : {};
  const data = path.join(folder, 'postgres');
  mkdirSync(data, { mode: 0o700 });
  if (isRoot) {
    chmodSync(folder, 0o755);
    chownSync(data, user.uid, user.gid);
  }
  const initialise = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const { status, stdout, stderr } = spawnSync(requireProgram('initdb'), initialise, { ...user, cwd: data, encoding: 'utf8' });
  if (status !== 0) throw new ServersError(`servers: initdb failed\n${stdout}\n${stderr}`);
  const port = await freePort();
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings };
  const words = ['-D', data, '-p', port, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const ready = /database system is ready to accept connections/;
  const server = await startServer('Postgres', requireProgram('postgres'), words, ready, { ...user, cwd: data });
  return { ...server, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
}

/** Where a program is: on the path, or where Debian keeps the newest Postgres; undefined when it is nowhere. */
export function findProgram(name) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...versions.map((each) => path.join(debian, each, 'bin'))];
  return folders.map((each) => path.join(each, name)).find((file) => existsSync(file));
}

function requireProgram(name) {
  const file = findProgram(name);
  if (file === undefined)
    throw new ServersError(`servers: there is no ${name}; install postgresql, as npm run test:servers does`);
  return file;
}

/** The ids of a user, for the options of a process. */
function userIds(name) {
  const id = (option) => Number(execFileSync('id', [option, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
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

/**
 * Starts a server and waits until its output says that it is ready. It is killed when this process ends.
 * @returns {Promise<Server>}
 */
export function startServer(name, file, words, ready, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const killed = () => child.kill('SIGKILL');
    process.once('exit', killed);
    const ended = new Promise((settle) => child.on('close', settle).on('error', settle));
    void ended.then(() => process.off('exit', killed));
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
        resolve({ child, stop: () => stop(child, ended) });
      });
    }
  });
}

/** SIGINT lets Postgres disconnect its clients. */
async function stop(child, ended) {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
