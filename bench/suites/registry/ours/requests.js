/** Ours in the case that counts requests. */
import { modelRegistry } from '@fraudops/registry';
import { s3Store } from '@fraudops/s3';
import { startFakeS3 } from '@fraudops/s3/testing';
import { serveCommands } from '../../../harness/serve-commands.js';
import { openPlace } from '../places.js';

const NAME = 'fraud';
const by = { by: 'bench', why: 'bench' };
const toProduction = { stage: 'Production', ...by };
const gate = { name: 'open', check: () => ({ gate: 'open', passed: true, reason: 'always' }) };

let made = 0;
const newFiles = () => [{ path: 'model.json', bytes: new TextEncoder().encode(`model ${made++}`) }];

/** @param {() => number} sent requests so far */
async function countAll(store, sent, { events, long }) {
  const registry = modelRegistry(store);
  for (let i = 0; i < events; i++) await registry.register(NAME, { files: newFiles() });
  const counts = {};
  const count = async (name, call) => {
    const before = sent();
    await call();
    counts[name] = sent() - before;
  };
  await count('register a version of one file', () => registry.register(NAME, { files: newFiles() }));
  await count('promote', () => registry.promote(NAME, 1, { ...toProduction, expectedCurrent: null }));
  await count('promote with a gate', () => registry.promote(NAME, 2, { ...toProduction, expectedCurrent: 1, gates: [gate] }));
  await count('roll back', () => registry.rollback(NAME, by));
  const head = await registry.head(NAME);
  await count('poll: has anything changed?', () => registry.changed(NAME, head));
  await count('poll: which version is in Production?', () => registry.production(NAME));
  const other = modelRegistry(store);
  await count(`promote by a new process, reading a log of ${head} events`, () => other.promote(NAME, 3, toProduction));
  await count('poll by the first one, one event behind', () => registry.production(NAME));
  while ((await registry.head(NAME)) < long) await registry.register(NAME, { files: newFiles() });
  const late = modelRegistry(store);
  await count(`promote by a new process, reading a log of ${long} events`, () => late.promote(NAME, 4, toProduction));
  return counts;
}

await serveCommands({
  async s3(sizes) {
    const server = await startFakeS3();
    const store = s3Store({ bucket: server.bucket, client: server.client() });
    let total = 0;
    const sent = () => {
      total += server.requests.length;
      server.requests.length = 0;
      return total;
    };
    try {
      return await countAll(store, sent, sizes);
    } finally {
      await server.close();
    }
  },
  async postgres({ url, ...sizes }) {
    const place = await openPlace(url);
    try {
      return await countAll(place.store, place.queries, sizes);
    } finally {
      await place.close();
    }
  },
});
