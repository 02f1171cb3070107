import { describe, expect, it } from 'vitest';
import { memoryStore } from './memory-store.js';
import { blobStoreContract } from './testing.js';

blobStoreContract('memoryStore', { describe, it }, async () => {
  const store = memoryStore();
  return { open: () => store, dispose: async () => {} };
});

describe('memoryStore', () => {
  it('keeps at most its bound and loses nothing when it is full', async () => {
    const store = memoryStore({ maxBytes: 10 });
    await store.put('a', new Uint8Array(8));
    await expect(store.put('b', new Uint8Array(3))).rejects.toMatchObject({ code: 'NO_SPACE', details: { maxBytes: 10 } });
    await store.put('a', new Uint8Array(10));
    await store.delete('a');
    await store.put('b', new Uint8Array(10));
    expect((await store.get('b'))?.bytes.length).toBe(10);
  });
});
