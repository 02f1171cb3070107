/** Who takes part in a case: ours always, peers where they can be had; who is missing is named with the reason. */
import { startPeer } from './contestant.js';

/**
 * @typedef {object} PeerEntry
 * @property {string} name
 * @property {string} script
 * @property {Record<string, string>} [environment]
 * @property {object} values for its command `load`
 */

/** @typedef {import('./contestant.js').Contestant & { loaded?: any }} Loaded a contestant with what its `load` answered */

/**
 * Starts peers and lets them load their data, one after the other.
 * @param {readonly PeerEntry[]} entries
 * @param {import('../run.js').Context} context
 * @returns {Promise<{ peers: Loaded[], notMeasured: string[] }>}
 */
export async function linePeersUp(entries, { peers: { python, missing }, say }) {
  const peers = [];
  const notMeasured = [];
  for (const { name, script, environment, values } of entries) {
    if (python === undefined) {
      notMeasured.push(`${name}: ${missing}`);
      continue;
    }
    say(`${name}: loading`);
    /** @type {Loaded} */
    const peer = startPeer(name, { python, script, environment });
    try {
      peer.loaded = await peer.ask('load', values);
      peers.push(peer);
    } catch (error) {
      say(error.message);
      // The last line of a Python traceback is the error itself; the rest names files of this machine.
      notMeasured.push(`${name}: ${error.message.trim().split('\n').at(-1)}`);
      await peer.stop();
    }
  }
  return { peers, notMeasured };
}

/**
 * What the ways that each peer tried took, the fastest of which is measured; no table when no peer takes part.
 * @param {readonly Loaded[]} peers whose `load` answered with `trials`: seconds by way
 * @returns {import('./results.js').ResultTable[]}
 */
export function waysTable(peers) {
  const rows = peers.flatMap(({ name, loaded }) => Object.entries(loaded.trials).map(([way, seconds]) => [name, way, seconds]));
  return rows.length === 0
    ? []
    : [{ title: 'Ways that were tried, best of two, before the rounds', columns: ['peer', 'way', 'seconds'], rows }];
}
