/** Three places for a registry: a folder, S3, Postgres. Each gives a `BlobStore`, and that is all a registry asks for. */
import { PGlite } from '@electric-sql/pglite';
import { type BlobStore, fileStore } from '@fraudops/core';
import { postgresStore } from '@fraudops/postgres';
import { s3Store } from '@fraudops/s3';
import { startFakeS3 } from '@fraudops/s3/testing';
import pg from 'pg';

/** A store, and how it is closed. */
export interface Place {
  readonly name: string;
  readonly store: BlobStore;
  close(): Promise<void>;
}

/** Which servers to use; one inside this process where none is named. */
export interface Servers {
  /** A bucket of S3; region and credentials are found as by the AWS command line. */
  readonly s3Bucket?: string | undefined;
  /** Address of another server that speaks S3's protocol. */
  readonly s3Endpoint?: string | undefined;
  readonly postgresUrl?: string | undefined;
}

/** A folder of this machine. */
export async function openDisk(folder: string): Promise<Place> {
  return { name: 'disk', store: fileStore(folder), close: async () => {} };
}

/** A bucket, under the prefix `registry`. */
export async function openS3({ s3Bucket, s3Endpoint }: Servers): Promise<Place> {
  if (s3Bucket !== undefined) {
    const store = s3Store({ bucket: s3Bucket, prefix: 'registry', ...(s3Endpoint !== undefined && { endpoint: s3Endpoint }) });
    return { name: `bucket ${s3Bucket}`, store, close: async () => store.close() };
  }
  const server = await startFakeS3();
  const store = s3Store({ bucket: server.bucket, prefix: 'registry', client: server.client() });
  return { name: 'S3 inside this process', store, close: () => server.close() };
}

/** Tables of a database. */
export async function openPostgres({ postgresUrl }: Servers): Promise<Place> {
  const pool = postgresUrl === undefined ? new PGlite() : new pg.Pool({ connectionString: postgresUrl });
  const store = postgresStore(pool);
  await store.migrate();
  return {
    name: postgresUrl === undefined ? 'Postgres inside this process' : 'Postgres',
    store,
    close: () => (pool instanceof PGlite ? pool.close() : pool.end()),
  };
}
