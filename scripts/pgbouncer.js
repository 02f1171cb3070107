/**
 * A pgbouncer in transaction mode for `npm run test:servers`. It has fewer connections to Postgres than the tests have to it, so that one
 * client's statements do wander over several sessions.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort, program, startServer } from './server-process.js';

/**
 * Starts it and returns its address.
 *
 * @param {object} options
 * @param {string} options.folder for its settings
 * @param {string} options.postgres address of the server behind it
 * @param {{ uid?: number, gid?: number }} options.user whom to run as; it refuses to be root
 */
export async function startPgbouncer({ folder, postgres, user }) {
  const port = await freePort();
  const { hostname, port: postgresPort, username, pathname } = new URL(postgres);
  const settings = path.join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${postgresPort} user=${username}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 3',
    'max_client_conn = 200',
  ];
  writeFileSync(settings, `${lines.join('\n')}\n`);
  chmodSync(settings, 0o644);
  await startServer('pgbouncer', program('pgbouncer'), [settings], /process up/, user);
  return `postgres://${username}@127.0.0.1:${port}${pathname}`;
}
