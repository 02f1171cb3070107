/**
 * `npm run test:servers`: the tests that need a real Postgres, pgbouncer, Redis, and an S3 that others wrote (`*.servers.test.ts`); further
 * arguments go to vitest.
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
import { postgresUser, startPostgres } from './local-postgres.js';
import { startMoto } from './moto.js';
import { startPgbouncer } from './pgbouncer.js';
import { ServersError, freePort, interruptServers, program, startServer, stopServers } from './server-process.js';
import { top } from './workspaces.js';

const isRoot = process.getuid?.() === 0;
/** Tests don't wait for the disk, and 64 processes connect at once. */
const POSTGRES_SETTINGS = { fsync: 'off', max_connections: '200' };

/** The process of vitest, once it runs. */
let vitest;
/** The code to end with when a signal came. */
let interruptedCode = 0;

await bootstrap();
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.on(signal, () => {
    interruptedCode = code;
    interruptServers();
    vitest?.kill(signal);
  });
}

const folder = mkdtempSync(path.join(tmpdir(), 'fraudops-servers-'));
try {
  installWhatIsMissing();
  const postgres = await startPostgres(folder, POSTGRES_SETTINGS);
  const environment = {
    FRAUDOPS_TEST_REDIS: await startRedis(),
    FRAUDOPS_TEST_POSTGRES: postgres,
    FRAUDOPS_TEST_PGBOUNCER: await startPgbouncer({ folder, postgres, user: postgresUser() }),
    FRAUDOPS_TEST_S3: await startMoto(folder),
  };
  process.exitCode = interruptedCode || (await runTests(environment));
} catch (error) {
  process.exitCode = interruptedCode || 1;
  if (!(error instanceof ServersError)) throw error;
  if (interruptedCode === 0) console.error(error.message);
} finally {
  await stopServers();
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

/** Returns the address of a Redis that keeps nothing on disk. */
async function startRedis() {
  const port = await freePort();
  const words = ['--bind', '127.0.0.1', '--port', port, '--dir', folder, '--save', '', '--appendonly', 'no'];
  await startServer('Redis', program('redis-server'), words, /Ready to accept connections/, {});
  return `redis://127.0.0.1:${port}`;
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
