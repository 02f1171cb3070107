/** Ours in the promotion case. */
import { open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { seededRandom } from '@fraudops/core';
import { modelRegistry } from '@fraudops/registry';
import { serveCommands } from '../../../harness/serve-commands.js';
import { openPlace } from '../places.js';

const QUANTILES = [0.5, 0.9, 0.99, 1];
const PROBES = 200;

let place;

/** By nearest rank. */
function quantiles(values) {
  const sorted = Float64Array.from(values).sort();
  return QUANTILES.map((quantile) => sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)]);
}

/** Files that no other version has. */
function newFiles(fileBytes, seed) {
  const random = seededRandom(seed);
  return fileBytes.map((size, i) => ({
    path: `file-${i}.bin`,
    bytes: Uint8Array.from({ length: size }, () => random.integer(256)),
  }));
}

async function run({ versions, fileBytes, round }) {
  const registry = modelRegistry(place.store);
  const name = `fraud-${round}`;
  const all = Array.from({ length: versions }, (_, i) => newFiles(fileBytes, `${round} ${i}`));
  const [register, promote, both] = [[], [], []];
  let current = null;
  await registry.head(name);
  for (const files of all) {
    const startedMs = performance.now();
    const { version } = await registry.register(name, { files });
    const registeredMs = performance.now();
    await registry.promote(name, version, { stage: 'Production', expectedCurrent: current, by: 'bench', why: 'bench' });
    const endedMs = performance.now();
    current = version;
    register.push(registeredMs - startedMs);
    promote.push(endedMs - registeredMs);
    both.push(endedMs - startedMs);
  }
  const report = await modelRegistry(place.store).verify(name);
  if (!report.ok || report.versionCount !== versions || report.head !== 2 * versions) {
    throw new Error(`promotion: ${JSON.stringify({ ...report, problems: report.problems.slice(0, 3) })}`);
  }
  return { register: quantiles(register), promote: quantiles(promote), both: quantiles(both) };
}

/** What the disk takes for one small file. */
async function probe({ folder }) {
  const times = [];
  for (let i = 0; i < PROBES; i++) {
    const name = path.join(folder, `probe-${i}`);
    const startedMs = performance.now();
    const file = await open(name, 'wx');
    await file.writeFile(new Uint8Array(4_096));
    await file.sync();
    await file.close();
    times.push(performance.now() - startedMs);
    await unlink(name);
  }
  return { medianMs: quantiles(times)[0] };
}

await serveCommands({
  async open({ address }) {
    place = await openPlace(address);
  },
  run,
  probe,
});
await place?.close();
