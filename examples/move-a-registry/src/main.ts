/** `node dist/main.js [folder]`: a registry goes from disk to S3 to Postgres. Without servers in the environment, both are inside this process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { moveARegistry } from './move-a-registry.js';

const { S3_BUCKET: s3Bucket, S3_ENDPOINT: s3Endpoint, POSTGRES_URL: postgresUrl } = process.env;
const [givenFolder] = process.argv.slice(2);
const folder = givenFolder ?? (await mkdtemp(path.join(tmpdir(), 'fraudops-registry-')));
try {
  await moveARegistry(folder, { s3Bucket, s3Endpoint, postgresUrl }, (line) => console.log(line));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  if (givenFolder === undefined) await rm(folder, { recursive: true, force: true });
}
