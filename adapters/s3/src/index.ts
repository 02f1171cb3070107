/**
 * A `BlobStore` of `@fraudops/core` in a bucket of S3, and of whatever speaks its protocol with conditional writes.
 *
 * @packageDocumentation
 */
export { type S3Store, s3Store } from './s3-store.js';
export type { S3ClientLike, S3StoreOptions } from './s3-options.js';
