import type { BlobStore } from './blob-store.js';
/** placeholder, being written */
export function fileStore(_directory: string): BlobStore { throw new Error('being written'); }
