/** The contract of blob stores where it gets large: many keys, many blobs at once, large blobs, and all that while others write. */
import assert from 'node:assert/strict';
import { type BlobInfo, type BlobStore, MAX_KEYS_AT_ONCE } from './blob-store.js';
import { type Declare, bytesOf, keysOf, rejectsWith, textAt, textOf } from './contract-test.js';
import { eachBounded } from './each-bounded.js';
import { seededRandom } from './random.js';
import { readBlobs } from './read-blobs.js';

/** More than a page of S3's lists, and more than one `getMany`. */
const MANY = MAX_KEYS_AT_ONCE + 103;
const LARGE_BYTES = 20 * 2 ** 20 + 17;

export function declareScaleTests(test: Declare): void {
  declareManyTests(test);
  declareGetManyTests(test);
  declareLargeTests(test);
}

async function putMany(store: BlobStore, keys: readonly string[], value = (key: string) => key): Promise<void> {
  await eachBounded(keys, 32, (key) => store.put(key, bytesOf(value(key))));
}

function declareManyTests(test: Declare): void {
  test(`a list of ${MANY} keys is whole and in order, from the beginning and behind any key`, async (store, other) => {
    const keys = Array.from({ length: MANY }, (_, i) => `many/${(i * 7919) % MANY}`);
    await putMany(store, [...keys, 'before', 'none']);
    const expected = keys.toSorted();
    assert.deepEqual(await keysOf(other.list('many/')), expected);
    for (const index of [0, 998, 999, 1000, MANY - 2, MANY - 1]) {
      const behind = await keysOf(store.list('many/', { startAfter: expected[index]! }));
      assert.deepEqual(behind, expected.slice(index + 1), `behind ${expected[index]}`);
    }
    for await (const { key } of store.list('many/')) {
      // Whoever needs only the first asks for no more.
      assert.equal(key, expected[0]);
      break;
    }
    await readsAll(store, [...expected, 'none/such', ...expected.slice(0, 3)]);
  });

  test('a list beside writers has every key once that was there all the time', async (store, other) => {
    const stable = Array.from({ length: 240 }, (_, i) => `list/${String(i).padStart(3, '0')}`);
    await putMany(store, stable);
    const random = seededRandom('list');
    let listing = true;
    const writer = (async () => {
      while (listing) {
        const at = stable[random.integer(stable.length)]!;
        await other.put(`${at}-passing`, bytesOf('1'));
        await other.put(at, bytesOf(`${random.integer(1e9)}`));
        await other.delete(`${at}-passing`);
      }
    })();
    try {
      for (let round = 0; round < 5; round++) {
        const keys = await keysOf(store.list('list/'));
        assert.deepEqual(keys, keys.toSorted());
        assert.equal(new Set(keys).size, keys.length);
        assert.deepEqual(
          keys.filter((key) => !key.endsWith('-passing')),
          stable,
        );
      }
    } finally {
      listing = false;
      await writer;
    }
  });
}

/** That `readBlobs` gives what `get` gives. */
async function readsAll(store: BlobStore, keys: readonly string[]): Promise<void> {
  const found: (string | undefined)[] = [];
  const names: string[] = [];
  for await (const batch of readBlobs(store, keys)) {
    assert.ok(batch.length <= MAX_KEYS_AT_ONCE);
    for (const { key, blob } of batch) {
      names.push(key);
      found.push(textOf(blob?.bytes));
    }
  }
  assert.deepEqual(names, keys);
  assert.deepEqual(
    found,
    keys.map((key) => (key === 'none/such' ? undefined : key)),
  );
}

/** Of stores that have it. */
function declareGetManyTests(test: Declare): void {
  test('getMany gives what get gives, in the order of the keys', async (store, other) => {
    if (!store.getMany) return;
    await store.put('a', bytesOf('1'));
    await store.put('a', bytesOf('2'));
    await store.put('empty', new Uint8Array());
    const keys = ['none', 'a', 'empty', 'none', 'a'];
    const blobs = await other.getMany!(keys);
    assert.deepEqual(blobs, await Promise.all(keys.map((key) => store.get(key))));
    assert.equal(Object.getPrototypeOf(blobs[1]!.bytes), Uint8Array.prototype);
    blobs[1]!.bytes.fill(0);
    assert.equal(await textAt(store, 'a'), '2');
    assert.deepEqual(await store.getMany([]), []);
  });

  test('getMany takes as many keys as stated, and valid ones', async (store) => {
    if (!store.getMany) return;
    const keys = Array.from({ length: MAX_KEYS_AT_ONCE }, (_, i) => `${i}`);
    await store.put('999', bytesOf('last'));
    const blobs = await store.getMany(keys);
    assert.deepEqual([blobs.length, textOf(blobs[0]?.bytes), textOf(blobs[999]?.bytes)], [1000, undefined, 'last']);
    await rejectsWith('TOO_LARGE', store.getMany([...keys, 'one/more']));
    await rejectsWith('INVALID_KEY', store.getMany(['999', '../999']));
  });

  test('many large blobs are read one after the other, if not together', async (store) => {
    const keys = Array.from({ length: 6 }, (_, i) => `large/${i}`);
    for (const [i, key] of keys.entries()) await store.put(key, largeBytes(i));
    let read = 0;
    for await (const batch of readBlobs(store, keys)) {
      for (const { blob } of batch) assertEqualBytes(blob?.bytes, largeBytes(read++));
    }
    assert.equal(read, keys.length);
  });
}

function largeBytes(seed: number, length = LARGE_BYTES): Uint8Array {
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer, 0, length >> 2);
  // Weyl's sequence: no two parts are equal, and nothing of it is compressed away.
  for (let i = 0, word = seed; i < words.length; i++) words[i] = word = (word + 0x9e3779b9) >>> 0;
  return bytes;
}

function assertEqualBytes(found: Uint8Array | undefined, expected: Uint8Array): void {
  assert.ok(found && Buffer.compare(found, expected) === 0, `${found?.length} bytes, not the ${expected.length} that were put`);
}

function declareLargeTests(test: Declare): void {
  test('a blob of 20 MiB is written, read, listed, written over and deleted like any other', async (store, other) => {
    const first = await store.put('large', largeBytes(1), { ifNoneMatch: '*' });
    assertEqualBytes((await other.get('large'))?.bytes, largeBytes(1));
    await rejectsWith('CONFLICT', other.put('large', largeBytes(2), { ifNoneMatch: '*' }));
    await rejectsWith('CONFLICT', other.put('large', largeBytes(2), { ifMatch: 'no-such-etag' }));
    const second = await other.put('large', largeBytes(3), { ifMatch: first.etag });
    await rejectsWith('CONFLICT', store.delete('large', { ifMatch: first.etag }));
    assertEqualBytes((await store.get('large'))?.bytes, largeBytes(3));
    const infos: BlobInfo[] = [];
    for await (const info of store.list('large')) infos.push(info);
    assert.deepEqual(
      infos.map(({ key, etag, sizeBytes }) => ({ key, etag, sizeBytes })),
      [{ key: 'large', etag: second.etag, sizeBytes: LARGE_BYTES }],
    );
    const small = await store.put('large', bytesOf('small now'), { ifMatch: second.etag });
    assert.equal(await textAt(other, 'large'), 'small now');
    await other.put('large', largeBytes(4), { ifMatch: small.etag });
    await store.delete('large');
    assert.equal(await other.get('large'), undefined);
  });

  test('a reader beside writers of large blobs always sees one whole blob', async (store, other) => {
    const length = 3 * 2 ** 20 + 1;
    await store.put('large', largeBytes(0, length));
    let writing = true;
    const writer = (async () => {
      try {
        for (let n = 1; n <= 12; n++) await store.put('large', n % 4 === 0 ? bytesOf('small') : largeBytes(n, length));
      } finally {
        writing = false;
      }
    })();
    while (writing) {
      const { bytes } = (await other.get('large'))!;
      if (bytes.length === 5) assert.equal(textOf(bytes), 'small');
      else assertEqualBytes(bytes, largeBytes(new Uint32Array(bytes.buffer, bytes.byteOffset, 1)[0]! - 0x9e3779b9, length));
    }
    await writer;
  });

  test('of racing writers of a large blob with the same etag exactly one wins, and what it wrote is there', async (store, other) => {
    const length = 2 ** 20 + 1;
    const { etag } = await store.put('large', largeBytes(0, length));
    const attempts = Array.from({ length: 6 }, (_, i) =>
      (i % 2 ? store : other).put('large', largeBytes(i + 1, length), { ifMatch: etag }),
    );
    const results = await Promise.allSettled(attempts);
    const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [{ i, ...result.value }] : []));
    assert.equal(winners.length, 1);
    for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.code, 'CONFLICT');
    const blob = await store.get('large');
    assert.equal(blob!.etag, winners[0]!.etag);
    assertEqualBytes(blob!.bytes, largeBytes(winners[0]!.i + 1, length));
  });
}
