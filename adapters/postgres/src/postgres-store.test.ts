import { PGlite, types } from '@electric-sql/pglite';
import { blobStoreContract } from '@fraudops/core/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { postgresStore } from './postgres-store.js';

let database: PGlite;
beforeAll(async () => {
  // PGlite's own way of writing and reading bytea takes seconds for 16 MiB.
  database = await PGlite.create({
    serializers: { [types.BYTEA]: (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}` },
    parsers: { [types.BYTEA]: (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')) },
  });
  // Compiling its WebAssembly takes that long on a machine that is busy.
}, 120_000);
afterAll(() => database.close());

let places = 0;
blobStoreContract('postgresStore on PGlite', { describe, it }, async () => {
  const schema = `place_${++places}`;
  await postgresStore(database, { schema }).migrate();
  return {
    open: () => postgresStore(database, { schema }),
    dispose: async () => void (await database.exec(`DROP SCHEMA "${schema}" CASCADE`)),
  };
});
