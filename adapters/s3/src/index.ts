/**
 * A `BlobStore` of `@fraudops/core` in a bucket of S3.
 *
 * @packageDocumentation
 */
export { S3Client } from '@aws-sdk/client-s3';
