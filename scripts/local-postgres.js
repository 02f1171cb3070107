/** A Postgres on this machine, from Debian's programs, for tests and benchmarks. Postgres refuses to run as root; then it runs as the user `postgres`. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ServersError, freePort, program, startServer } from './server-process.js';

/**
 * Starts a new Postgres with one user, `postgres`, who needs no password; `stopServers` ends it.
 * @param {string} folder exists; its files go into `postgres` in it
 * @param {Record<string, string>} [settings] of Postgres, such as `{ fsync: 'off' }`
 * @returns {Promise<string>} its address
 */
export async function startPostgres(folder, settings = {}) {
  const user = postgresUser();
  const data = path.join(folder, 'postgres');
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined) {
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
  await startServer('Postgres', requireProgram('postgres'), words, ready, { ...user, cwd: data });
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

function requireProgram(name) {
  const file = program(name);
  if (file === undefined)
    throw new ServersError(`servers: there is no ${name}; install postgresql, as npm run test:servers does`);
  return file;
}

/** The user that servers run as, for the options of a process: `postgres` if this process is root's, else its own. */
export function postgresUser() {
  if (process.getuid?.() !== 0) return {};
  const id = (option) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
