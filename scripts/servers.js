/**
 * `npm run test:servers`: the tests that need a real Postgres, pgbouncer and Redis (`*.servers.test.ts`); further arguments go to vitest.
 *
 * Installs Debian's packages when the programs are missing, which needs root. Starts servers of its own on free ports of this machine, with
 * all their files in a temporary folder, and stops and removes them in every case. Postgres refuses to run as root; then it runs as the
 * user `postgres`.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bootstrap } from './bootstrap.js';
import { startPgbouncer } from './pgbouncer.js';
import { top } from './workspaces.js';

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;
const isRoot = process.getuid?.() === 0;

/** Something a person has to mend; its message says what. */
class ServersError extends Error {}

/** @typedef {{ name: string, child: import('node:child_process').ChildProcess, ended: Promise<unknown> }} Server */
/** @type {Server[]} */
const servers = [];
/** The process of vitest, once it runs. */
let vitest;
/** The code to end with when a signal came. */
let interruptedCode = 0;

await bootstrap();
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.on(signal, () => {
    interruptedCode = code;
    vitest?.kill(signal);
  });
}
process.on('exit', () => servers.forEach(({ child }) => child.kill('SIGKILL')));

const folder = mkdtempSync(path.join(tmpdir(), 'fraudops-servers-'));
try {
  installWhatIsMissing();
  const environment = { FRAUDOPS_TEST_REDIS: await startRedis(), FRAUDOPS_TEST_POSTGRES: await startPostgres() };
  const behind = { file: program('pgbouncer'), port: await freePort(), postgres: environment.FRAUDOPS_TEST_POSTGRES };
  environment.FRAUDOPS_TEST_PGBOUNCER = await startPgbouncer({
    ...behind,
    folder,
    user: isRoot ? userIds('postgres') : {},
    start,
  });
  process.exitCode = interruptedCode || (await runTests(environment));
} catch (error) {
  process.exitCode = interruptedCode || 1;
  if (!(error instanceof ServersError)) throw error;
  if (interruptedCode === 0) console.error(error.message);
} finally {
  await Promise.all(servers.map(stop));
  rmSync(folder, { recursive: true, force: true });
}

function installWhatIsMissing() {
  const missing = [
    ['redis-server', program('redis-server')],
    ['postgresql', program('initdb') && program('postgres')],
    ['pgbouncer', program('pgbouncer')],
  ].flatMap(([name, file]) => (file ? [] : [name]));
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const installer = program('apt-get');
  if (!isRoot || !installer) {
    throw new ServersError(`servers: ${names} is not installed; install it, such as with: sudo apt-get install ${names}`);
  }
  console.error(`Installing ${names} (apt-get): once.`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', ...missing]]) {
    const { status, stdout, stderr } = spawnSync(installer, words, { encoding: 'utf8', env: environment });
    if (status !== 0) throw new ServersError(`servers: apt-get ${words.join(' ')} failed\n${stdout}\n${stderr}`);
  }
}

/** Where a program is: on the path, or where Debian keeps the newest Postgres; undefined when it is nowhere. */
function program(name) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    ...versions.map((each) => path.join(debian, each, 'bin')),
  ];
  return folders.map((each) => path.join(each, name)).find((file) => existsSync(file));
}

/** Returns the address of a Redis that keeps nothing on disk. */
async function startRedis() {
  const port = await freePort();
  const words = ['--bind', '127.0.0.1', '--port', port, '--dir', folder, '--save', '', '--appendonly', 'no'];
  await start('Redis', program('redis-server'), words, /Ready to accept connections/, {});
  return `redis://127.0.0.1:${port}`;
}

/** Returns the address of a new Postgres that does not wait for the disk. */
async function startPostgres() {
  const user = isRoot ? userIds('postgres') : {};
  const data = path.join(folder, 'postgres');
  mkdirSync(data, { mode: 0o700 });
  if (isRoot) {
    chmodSync(folder, 0o755);
    chownSync(data, user.uid, user.gid);
  }
  const initialise = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const { status, stdout, stderr } = spawnSync(program('initdb'), initialise, { ...user, cwd: data, encoding: 'utf8' });
  if (status !== 0) throw new ServersError(`servers: initdb failed\n${stdout}\n${stderr}`);
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=50'];
  const words = ['-D', data, '-p', port, ...settings.flatMap((setting) => ['-c', setting])];
  await start('Postgres', program('postgres'), words, /database system is ready to accept connections/, { ...user, cwd: data });
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

function userIds(name) {
  const id = (option) => Number(execFileSync('id', [option, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A port that was free a moment ago, as a word. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(String(port)));
    });
  });
}

/** Starts a server and waits until it says that it is ready. */
function start(name, file, words, ready, options) {
  return new Promise((resolve, reject) => {
    if (interruptedCode !== 0) throw new ServersError('servers: interrupted');
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

/** The exit code of vitest. */
function runTests(environment) {
  return new Promise((resolve, reject) => {
    if (interruptedCode !== 0) throw new ServersError('servers: interrupted');
    const file = path.join(top, 'node_modules', 'vitest', 'vitest.mjs');
    const words = ['run', '--config', 'vitest.workspace.ts', '--project', 'servers', ...process.argv.slice(2)];
    vitest = spawn(process.execPath, [file, ...words], { cwd: top, stdio: 'inherit', env: { ...process.env, ...environment } });
    vitest.on('error', reject);
    vitest.on('close', (code) => resolve(code ?? 1));
  });
}

/** Asks a server to end, and makes it when it does not. SIGINT lets Postgres disconnect its clients. */
async function stop({ child, ended }) {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
