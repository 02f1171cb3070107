/** The part of the contract of blob stores that says what is refused before any work: see {@link requireValidPut}. */
import assert from 'node:assert/strict';
import type { BlobStore } from './blob-store.js';
import { type Declare, bytesOf, keysOf, rejectsWith, textAt } from './contract-test.js';

/** What a caller in JavaScript may pass for a condition, and is none. */
const NO_CONDITIONS: readonly unknown[] = [
  null,
  '*',
  {},
  { ifMatch: undefined },
  { ifNoneMatch: undefined },
  { ifNoneMatch: 'etag' },
  { ifMatch: null },
  { ifMatch: '' },
  { ifMatch: 5 },
  { ifMatch: ['etag'] },
  { ifMatch: 'a\0b' },
  { ifMatch: 'a\nb' },
  { ifMatch: ' ' },
  { ifMatch: '\ud800' },
  { ifMatch: 'ä' },
  { ifMatch: 'x'.repeat(201) },
  { ifMatch: 'etag', ifNoneMatch: '*' },
  { ifMatch: undefined, ifNoneMatch: '*' },
  { ifmatch: 'etag' },
];

/** What is no Uint8Array. */
const NO_BYTES: readonly unknown[] = [
  undefined,
  null,
  'text',
  [1, 2],
  new ArrayBuffer(4),
  new Uint16Array([1, 2, 3]),
  new DataView(new ArrayBuffer(4)),
  { length: 0 },
];

/** Declares the tests. */
export function declareArgumentTests(test: Declare): void {
  test('a condition that is none is refused, whether there is a blob or not, and nothing is written', async (store) => {
    await store.put('there', bytesOf('1'));
    for (const when of NO_CONDITIONS) {
      for (const key of ['there', 'none']) {
        await rejectsWith('INVALID_ARGUMENT', store.put(key, bytesOf('2'), when as never));
        await rejectsWith('INVALID_ARGUMENT', store.delete(key, when as never));
      }
    }
    await rejectsWith('INVALID_ARGUMENT', store.delete('there', { ifNoneMatch: '*' } as never));
    await requireUntouched(store);
  });

  test('a condition with an etag that no store makes is a conflict', async (store) => {
    await store.put('there', bytesOf('1'));
    for (const ifMatch of ['*', '"', "'", '%', 'x'.repeat(200)]) {
      await rejectsWith('CONFLICT', store.put('there', bytesOf('2'), { ifMatch }));
      await rejectsWith('CONFLICT', store.delete('there', { ifMatch }));
    }
    await requireUntouched(store);
  });

  test('bytes that are no Uint8Array are refused, and nothing is written', async (store) => {
    await store.put('there', bytesOf('1'));
    for (const bytes of NO_BYTES) {
      for (const key of ['there', 'none']) await rejectsWith('INVALID_ARGUMENT', store.put(key, bytes as never));
    }
    await requireUntouched(store);
  });

  test('a Buffer is a Uint8Array', async (store) => {
    await store.put('buffer', Buffer.from('text'));
    assert.equal(await textAt(store, 'buffer'), 'text');
  });
}

async function requireUntouched(store: BlobStore): Promise<void> {
  assert.deepEqual(await keysOf(store.list('')), ['there']);
  assert.equal(await textAt(store, 'there'), '1');
}
