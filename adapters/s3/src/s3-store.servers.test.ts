import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll } from 'vitest';
import { declareServerTests } from './s3-server-tests.fixture.js';

const endpoint = process.env.FRAUDOPS_TEST_S3!;
const bucket = `fraudops-${randomUUID()}`;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const client = (at = endpoint) =>
  new S3Client({ endpoint: at, credentials, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 });

beforeAll(async () => {
  await client().send(new CreateBucketCommand({ Bucket: bucket }));
});

declareServerTests('moto', () => ({ endpoint, bucket, client, checksCompletion: false }));
