/**
 * `npm run test:servers`: the tests that need a real Postgres and a real Redis (`*.servers.test.ts`); further arguments go to vitest.
 *
 * Installs Debian's packages when the programs are missing, which needs root. Starts servers of its own on free ports of this machine, with
 * all their files in a temporary folder, and stops and removes them in every case. Postgres refuses to run as root; then it runs as the
 * user `postgres`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bootstrap } from './bootstrap.js';
import { ServersError, findProgram, freePort, startPostgres, startServer } from './local-postgres.js';
import { top } from './workspaces.js';

const isRoot = process.getuid?.() === 0;
/** Tests don't wait for the disk; 64 processes connect at once. */
const POSTGRES_SETTINGS = { fsync: 'off', max_connections: '200' };

/** @type {import('./local-postgres.js').Server[]} */
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

const folder = mkdtempSync(path.join(tmpdir(), 'fraudops-servers-'));
try {
  installWhatIsMissing();
  const environment = { FRAUDOPS_TEST_REDIS: await redis(), FRAUDOPS_TEST_POSTGRES: await postgres() };
  process.exitCode = interruptedCode || (await runTests(environment));
} catch (error) {
  process.exitCode = interruptedCode || 1;
  if (!(error instanceof ServersError)) throw error;
  if (interruptedCode === 0) console.error(error.message);
} finally {
  await Promise.all(servers.map(({ stop }) => stop()));
  rmSync(folder, { recursive: true, force: true });
}

function installWhatIsMissing() {
  const missing = [
    ['redis-server', findProgram('redis-server')],
    ['postgresql', findProgram('initdb') && findProgram('postgres')],
  ].flatMap(([name, file]) => (file ? [] : [name]));
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const installer = findProgram('apt-get');
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

/** The address of a Redis that keeps nothing on disk. */
async function redis() {
  requireUninterrupted();
  const port = await freePort();
  const words = ['--bind', '127.0.0.1', '--port', port, '--dir', folder, '--save', '', '--appendonly', 'no'];
  servers.push(await startServer('Redis', findProgram('redis-server'), words, /Ready to accept connections/, {}));
  return `redis://127.0.0.1:${port}`;
}

/** The address of a new Postgres. */
async function postgres() {
  requireUninterrupted();
  const server = await startPostgres(folder, POSTGRES_SETTINGS);
  servers.push(server);
  return server.url;
}

function requireUninterrupted() {
  if (interruptedCode !== 0) throw new ServersError('servers: interrupted');
}

/** The exit code of vitest. */
function runTests(environment) {
  return new Promise((resolve, reject) => {
    requireUninterrupted();
    const file = path.join(top, 'node_modules', 'vitest', 'vitest.mjs');
    const words = ['run', '--config', 'vitest.workspace.ts', '--project', 'servers', ...process.argv.slice(2)];
    vitest = spawn(process.execPath, [file, ...words], { cwd: top, stdio: 'inherit', env: { ...process.env, ...environment } });
    vitest.on('error', reject);
    vitest.on('close', (code) => resolve(code ?? 1));
  });
}
