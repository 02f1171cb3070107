/** S3 for the tests of `scripts/servers.js`: moto, installed from PyPI into the temporary folder unless FRAUDOPS_MOTO_PYTHON names a Python that has it. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ServersError, freePort, startServer } from './server-process.js';
import { top } from './workspaces.js';

const PACKAGE = 'moto[server]>=5.2,<5.3';

/** Returns the address of an S3 without buckets. Any credentials will do. @param {string} folder for what is installed */
export async function startMoto(folder) {
  const python = process.env.FRAUDOPS_MOTO_PYTHON ?? installMoto(path.join(folder, 'moto'));
  const port = await freePort();
  const words = [path.join(top, 'scripts', 'moto-server.py'), port];
  await startServer('moto', python, words, /Ready to accept connections/, {});
  return `http://127.0.0.1:${port}`;
}

function installMoto(environment) {
  console.error(`Installing ${PACKAGE} (pip): once for this run; FRAUDOPS_MOTO_PYTHON can name a Python that has it.`);
  const python = path.join(environment, 'bin', 'python');
  for (const [command, ...words] of [
    ['python3', '-m', 'venv', environment],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE],
  ]) {
    const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8' });
    if (status !== 0) throw new ServersError(`servers: ${command} ${words.join(' ')} failed\n${stdout ?? ''}\n${stderr ?? ''}`);
  }
  return python;
}
