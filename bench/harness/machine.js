/** What a figure depends on besides the code: the machine and the versions. Names no paths, users or hosts. */
import os from 'node:os';

/**
 * @param {import('./peers.js').Peers} peers
 * @returns {Record<string, string>} fact by name
 */
export function machineFacts(peers) {
  const cpus = os.cpus();
  return {
    cores: `${os.availableParallelism()} of ${cpus[0]?.model.trim() ?? 'an unknown model'}`,
    memory: `${(os.totalmem() / 2 ** 30).toFixed(0)} GiB`,
    platform: `${os.type()} ${process.arch}`,
    'load before': `${os.loadavg()[0].toFixed(2)} (mean number of busy processes in the minute before; a quiet machine is near 0)`,
    'Node.js': `${process.versions.node} (V8 ${process.versions.v8})`,
    ...peers.versions,
  };
}
