/**
 * The store that `--store` names, opened for one command and closed after it. Adapters are loaded when they are needed, so that commands on
 * a folder start as fast as before.
 */
import { stat } from 'node:fs/promises';
import { type BlobStore, fileStore, isFraudOpsError } from '@fraudops/core';
import { CommandError, type CommandContext, type CommandOption, UsageError } from './command.js';
import { type S3Address, parseStoreAddress } from './store-address.js';

/** Where models and runs are kept. */
export const STORE_OPTION: CommandOption = {
  value: 'STORE',
  help: 'where models and runs are: a folder, s3://bucket/prefix, or postgres://user@host/database',
  default: '.fraudops',
};

/** A store, and how it is closed. */
interface OpenStore {
  readonly store: BlobStore;
  readonly close: () => unknown;
}

/** Longest wait for a connection to a database. */
const CONNECT_WITHIN_MS = 10_000;
const MAX_CONNECTIONS = 8;

/**
 * Opens the store that `--store` names, gives it to a function, and closes it when the function ends or fails.
 *
 * @throws {UsageError} when it names nothing that is a store
 */
export async function withStore<Result>(
  { options }: Pick<CommandContext, 'options'>,
  use: (store: BlobStore) => Promise<Result>,
): Promise<Result> {
  const { store, close } = await openStore(options['store']!);
  try {
    return await use(store);
  } finally {
    await close();
  }
}

/**
 * The same for commands that need what is there already: a folder that does not exist is more likely a slip than an empty store, unless
 * it is the one that is taken when none is named.
 *
 * @throws {CommandError} when it names a folder that does not exist
 */
export async function withExistingStore<Result>(
  context: Pick<CommandContext, 'options'>,
  use: (store: BlobStore) => Promise<Result>,
): Promise<Result> {
  const text = context.options['store']!;
  const address = parseStoreAddress(text);
  if (address.kind === 'folder' && text !== STORE_OPTION.default && !(await isFolder(address.directory))) {
    throw new CommandError(`--store: there is no folder ${text}; fraudops train and fraudops models import would make it.`);
  }
  return withStore(context, use);
}

async function isFolder(directory: string): Promise<boolean> {
  try {
    return (await stat(directory)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function openStore(text: string): Promise<OpenStore> {
  const address = parseStoreAddress(text);
  if (address.kind === 's3') return openS3(address.options);
  if (address.kind === 'postgres') return openPostgres(address.url, address.schema);
  return { store: fileStore(address.directory), close: () => {} };
}

async function openS3(options: S3Address): Promise<OpenStore> {
  const { s3Store } = await import('@fraudops/s3');
  const store = asked(() => s3Store(options as Parameters<typeof s3Store>[0]));
  return { store, close: () => store.close() };
}

async function openPostgres(connectionString: string, schema: string | undefined): Promise<OpenStore> {
  const [{ postgresStore }, { default: pg }] = await Promise.all([import('@fraudops/postgres'), import('pg')]);
  const pool = new pg.Pool({ connectionString, max: MAX_CONNECTIONS, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  // A connection that breaks while it is idle is made anew; without a listener it would end the process.
  pool.on('error', () => {});
  try {
    const store = asked(() => postgresStore(pool, schema === undefined ? {} : { schema }));
    await store.migrate();
    return { store, close: () => pool.end() };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Makes a store; options that are wrong are the command line's fault. */
function asked<Store>(make: () => Store): Store {
  try {
    return make();
  } catch (error) {
    if (isFraudOpsError(error)) throw new UsageError(`--store: ${error.message}.`);
    throw error;
  }
}
