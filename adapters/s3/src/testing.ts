/**
 * An S3 server inside the process, for tests: it keeps S3's rules of conditional writes, and breaks on demand.
 *
 * ```ts
 * const server = await startFakeS3();
 * const store = s3Store({ bucket: server.bucket, client: server.client() });
 * server.fault = ({ operation }) => (operation === 'PutObject' ? 'lose-answer' : undefined);
 * // ...
 * await server.close();
 * ```
 *
 * @packageDocumentation
 */
export { type FakeS3, type FakeS3Options, startFakeS3 } from './fake-s3.js';
export type { FakeS3Fault, FakeS3Operation, FakeS3Request } from './fake-s3-request.js';
