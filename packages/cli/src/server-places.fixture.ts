/** Places for a registry on servers, for tests: in Postgres, in the S3 server of `@fraudops/s3/testing`, and in another S3 server. */
import { randomUUID } from 'node:crypto';
import type { BlobStore } from '@fraudops/core';
import type { ServerAddress } from '@fraudops/features/testing';
import { postgresStore } from '@fraudops/postgres';
import { type S3Store, s3Store } from '@fraudops/s3';
import { startFakeS3 } from '@fraudops/s3/testing';
import pg from 'pg';

/** How to get to a place: as `--store` takes it, with what must be in the environment. */
interface PlaceAddress {
  readonly address: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** One empty place on a server. */
export interface ServerPlace {
  readonly server: ServerAddress;
  /** The way to the place, or the one that goes by another address, such as a proxy's. */
  addressAt(server?: ServerAddress): PlaceAddress;
  /** A store on the place in this process, straight or by another address. */
  openAt(server?: ServerAddress): Promise<BlobStore>;
  /** Ways to break the server for stores that are opened from then on, and to mend it, by the code that writes then fail with. */
  readonly breakers: Readonly<Partial<Record<'READ_ONLY' | 'NO_SPACE', (isBroken: boolean) => Promise<void>>>>;
  /** Closes its stores, and removes what is there. */
  dispose(): Promise<void>;
}

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** How to make a place, by the name of the server. */
export const serverPlaces: readonly (readonly [name: string, make: () => Promise<ServerPlace>])[] = [
  ['Postgres', () => postgresPlace(process.env['FRAUDOPS_TEST_POSTGRES']!)],
  // Its clients share few connections.
  [
    'Postgres behind pgbouncer',
    () => postgresPlace(process.env['FRAUDOPS_TEST_POSTGRES']!, process.env['FRAUDOPS_TEST_PGBOUNCER']),
  ],
  ['the S3 server for tests', fakeS3Place],
  ['moto', motoPlace],
];

/** A database of its own, reached by the server's own address or by the one of a pooler before it. */
async function postgresPlace(url: string, pooler = url): Promise<ServerPlace> {
  const database = `registry_${randomUUID().replaceAll('-', '')}`;
  const administrator = new pg.Pool({ connectionString: url, max: 1 });
  await administrator.query(`CREATE DATABASE ${database}`);
  const { hostname, port } = new URL(pooler);
  const server = { host: hostname, port: Number(port) };
  const urlAt = (at: ServerAddress) => `postgres://postgres@${at.host}:${at.port}/${database}`;
  const pools: pg.Pool[] = [];
  return {
    server,
    addressAt: (at = server) => ({ address: urlAt(at), environment: {} }),
    async openAt(at = server) {
      const pool = new pg.Pool({ connectionString: urlAt(at), max: 4, connectionTimeoutMillis: 5_000 });
      // Without a listener a cut connection that nobody uses would end the process.
      pool.on('error', () => {});
      pools.push(pool);
      const store = postgresStore(pool);
      if (pools.length === 1) await store.migrate();
      return store;
    },
    // A pooler's sessions go on with the settings that they began with.
    breakers:
      pooler !== url
        ? {}
        : {
            async READ_ONLY(isBroken) {
              await administrator.query(
                `ALTER DATABASE ${database} SET default_transaction_read_only = ${isBroken ? 'on' : 'off'}`,
              );
            },
          },
    async dispose() {
      await Promise.all(pools.map((pool) => pool.end()));
      await administrator.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await administrator.end();
    },
  };
}

async function fakeS3Place(): Promise<ServerPlace> {
  const fake = await startFakeS3();
  const { hostname, port } = new URL(fake.endpoint);
  const place = s3Place({ host: hostname, port: Number(port) }, fake.bucket);
  return {
    ...place,
    breakers: {
      async READ_ONLY(isBroken) {
        fake.fault = isBroken ? () => 'read-only' : undefined;
      },
      async NO_SPACE(isBroken) {
        fake.fault = isBroken ? () => 'full' : undefined;
      },
    },
    async dispose() {
      await place.dispose();
      await fake.close();
    },
  };
}

async function motoPlace(): Promise<ServerPlace> {
  const endpoint = process.env['FRAUDOPS_TEST_S3']!;
  const bucket = `registry-${randomUUID()}`;
  // moto asks nobody for a signature.
  const { ok, status } = await fetch(`${endpoint}/${bucket}`, { method: 'PUT' });
  if (!ok) throw new Error(`moto made no bucket: status ${status}`);
  const { hostname, port } = new URL(endpoint);
  return s3Place({ host: hostname, port: Number(port) }, bucket);
}

function s3Place(server: ServerAddress, bucket: string): ServerPlace {
  const stores: S3Store[] = [];
  const endpointAt = (at: ServerAddress) => `http://${at.host}:${at.port}`;
  const where = { bucket, prefix: `registry-${randomUUID()}`, region: 'us-east-1' };
  Object.assign(process.env, CREDENTIALS);
  return {
    server,
    addressAt: (at = server) => ({
      address: `s3://${bucket}/${where.prefix}?region=${where.region}&endpoint=${endpointAt(at)}`,
      environment: CREDENTIALS,
    }),
    async openAt(at = server) {
      const store = s3Store({ ...where, endpoint: endpointAt(at) });
      stores.push(store);
      return store;
    },
    breakers: {},
    async dispose() {
      for (const store of stores) store.close();
    },
  };
}
