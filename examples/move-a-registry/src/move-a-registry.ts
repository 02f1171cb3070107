import { copyBlobs } from '@fraudops/core';
import { type ModelRegistry, modelRegistry } from '@fraudops/registry';
import { type Place, type Servers, openDisk, openPostgres, openS3 } from './places.js';

/** Begins a registry on disk, and moves it to S3 and on to Postgres; in each place the work goes on where it was left. */
export async function moveARegistry(folder: string, servers: Servers, say: (line: string) => void): Promise<void> {
  const disk = await openDisk(folder);
  await registerAndPromote(disk, 'trained in March', say);

  const bucket = await openS3(servers);
  try {
    await move(disk, bucket, say);
    await registerAndPromote(bucket, 'trained in June', say);

    const database = await openPostgres(servers);
    try {
      await move(bucket, database, say);
      await registerAndPromote(database, 'trained in September', say);
      await rollBack(database, say);
    } finally {
      await database.close();
    }
  } finally {
    await bucket.close();
  }
}

/** Copies all there is, and verifies every event and every file in the new place. */
async function move(from: Place, to: Place, say: (line: string) => void): Promise<void> {
  const { copied, unchanged, totalBytes } = await copyBlobs(from.store, to.store);
  const registry = modelRegistry(to.store);
  const problems = (await Promise.all((await registry.models()).map((name) => registry.verify(name)))).flatMap(
    (report) => report.problems,
  );
  if (problems.length > 0) throw new Error(`${to.name}: ${problems.length} problems, the first: ${JSON.stringify(problems[0])}`);
  say(`moved from ${from.name} to ${to.name}: ${copied} blobs, ${unchanged} were there, ${totalBytes} bytes; all verified`);
}

async function registerAndPromote({ name, store }: Place, why: string, say: (line: string) => void): Promise<void> {
  const registry = modelRegistry(store);
  const files = [{ path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify({ why })) }];
  const { version } = await registry.register('fraud', { files, metrics: { averagePrecision: 0.7 } }, { by: 'ana', why });
  const expectedCurrent = await inProduction(registry);
  await registry.promote('fraud', version, { stage: 'Production', expectedCurrent, by: 'ana', why });
  say(`${name}: v${version} is in Production, ${expectedCurrent === null ? 'the first' : `after v${expectedCurrent}`}`);
}

async function rollBack({ name, store }: Place, say: (line: string) => void): Promise<void> {
  const registry = modelRegistry(store);
  const { version } = await registry.rollback('fraud', { by: 'ben', why: 'too many alerts' });
  const files = await registry.load('fraud', version);
  const history = await registry.history('fraud');
  say(
    `${name}: rolled back to v${version}, whose ${files.size} file is as it was; ${history.length} events tell who did what, and why`,
  );
}

async function inProduction(registry: ModelRegistry): Promise<number | null> {
  return (await registry.production('fraud'))?.version ?? null;
}
