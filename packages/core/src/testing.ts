/**
 * The contract that every {@link BlobStore} keeps, as a test suite. An implementation's own test file is a few lines:
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * import { blobStoreContract } from '@fraudops/core/testing';
 *
 * blobStoreContract('myStore', { describe, it }, async () => ({ open: () => myStore(), dispose: async () => {} }));
 * ```
 *
 * Beside it, calls with bad arguments for functions of any kind: see {@link badCalls}.
 *
 * @packageDocumentation
 */
import assert from 'node:assert/strict';
import { type BlobStore, MAX_KEY_LENGTH } from './blob-store.js';
import { declareScaleTests } from './contract-at-scale.js';
import { declareArgumentTests } from './contract-of-arguments.js';
import { declareChangeTests } from './contract-of-changes.js';
import { type Declare, bytesOf, keysOf, rejectsWith, textAt, textOf } from './contract-test.js';
import { isFraudOpsError } from './errors.js';
import { seededRandom } from './random.js';

export {
  type BadCall,
  type Callable,
  badCallFailures,
  badCalls,
  failureOf,
  type FunctionName,
  functionsOf,
  type GoodCall,
  unknownOptionFailures,
} from './bad-arguments.js';

/** One empty place to store blobs in, for one test. */
export interface BlobStorePlace {
  /** A store on this place; called several times, it gives stores that see each other's blobs, as several processes would. */
  open(): BlobStore;
  /** Removes the place. */
  dispose(): Promise<void>;
}

/** The two functions that the suite needs of a test runner: those of vitest, node:test, jest and mocha all fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/**
 * Declares the suite.
 *
 * @param name what the implementation is called in the test report
 * @param runner of the test framework in use
 * @param makePlace makes a new, empty place for each test
 */
export function blobStoreContract(name: string, runner: TestRunner, makePlace: () => Promise<BlobStorePlace>): void {
  const test = (title: string, body: (store: BlobStore, other: BlobStore) => Promise<void>) =>
    runner.it(title, async () => {
      const place = await makePlace();
      try {
        await body(place.open(), place.open());
      } finally {
        await place.dispose();
      }
    });
  runner.describe(`${name} keeps the contract of BlobStore`, () => {
    declareReadWriteTests(test);
    declareConditionTests(test);
    declareArgumentTests(test);
    declareListTests(test);
    declareKeyTests(test);
    declareConcurrencyTests(test);
    declareScaleTests(test);
    declareChangeTests(test);
  });
}

function declareReadWriteTests(test: Declare): void {
  test('a key without a blob is undefined', async (store) => assert.equal(await store.get('nothing/here'), undefined));

  test('a put is read back by another handle, byte for byte', async (store, other) => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256);
    const { etag } = await store.put('a/b.bin', bytes);
    const blob = await other.get('a/b.bin');
    // Also no subclass such as Buffer, whose slice() shares memory.
    assert.deepEqual(blob!.bytes, bytes);
    assert.equal(Object.getPrototypeOf(blob!.bytes), Uint8Array.prototype);
    assert.equal(blob!.etag, etag);
    assert.ok(Math.abs(blob!.modifiedMs - Date.now()) < 60_000, `modifiedMs ${blob!.modifiedMs} is not now`);
  });

  test('an empty blob is a blob', async (store) => {
    await store.put('empty', new Uint8Array(0));
    assert.equal((await store.get('empty'))!.bytes.length, 0);
  });

  test('bytes are not shared with the caller, neither in nor out', async (store) => {
    const bytes = bytesOf('before');
    await store.put('a', bytes);
    bytes.fill(0);
    (await store.get('a'))!.bytes.fill(1);
    assert.equal(await textAt(store, 'a'), 'before');
  });

  test('the last of many puts is the blob, and every put of other bytes changes the etag', async (store, other) => {
    const etags = new Set<string>();
    for (let i = 0; i < 60; i++) etags.add((await (i % 2 ? store : other).put('counter', bytesOf(`value ${i}`))).etag);
    assert.equal(await textAt(store, 'counter'), 'value 59');
    assert.equal(etags.size, 60);
  });

  test('a key may also be the beginning of other keys', async (store) => {
    await store.put('a', bytesOf('1'));
    await store.put('a/b', bytesOf('2'));
    await store.put('a/b/c', bytesOf('3'));
    assert.deepEqual([await textAt(store, 'a'), await textAt(store, 'a/b'), await textAt(store, 'a/b/c')], ['1', '2', '3']);
  });

  test('a deleted blob is gone, can be deleted again, and the key can be used anew', async (store, other) => {
    await store.put('a', bytesOf('1'));
    await other.delete('a');
    await other.delete('a');
    assert.equal(await store.get('a'), undefined);
    assert.deepEqual(await keysOf(store.list('')), []);
    await store.put('a', bytesOf('2'), { ifNoneMatch: '*' });
    assert.equal(await textAt(other, 'a'), '2');
  });

  test('keys that differ only in case are two keys', async (store) => {
    await store.put('Model', bytesOf('upper'));
    await store.put('model', bytesOf('lower'));
    assert.deepEqual([await textAt(store, 'Model'), await textAt(store, 'model')], ['upper', 'lower']);
    assert.deepEqual(await keysOf(store.list('')), ['Model', 'model']);
  });
}

function declareConditionTests(test: Declare): void {
  test('ifNoneMatch writes once', async (store, other) => {
    await store.put('a', bytesOf('first'), { ifNoneMatch: '*' });
    await rejectsWith('CONFLICT', other.put('a', bytesOf('second'), { ifNoneMatch: '*' }));
    assert.equal(await textAt(store, 'a'), 'first');
  });

  test('ifMatch writes over the state it names and over no other', async (store, other) => {
    const first = await store.put('a', bytesOf('1'));
    const second = await other.put('a', bytesOf('2'), { ifMatch: first.etag });
    await rejectsWith('CONFLICT', store.put('a', bytesOf('3'), { ifMatch: first.etag }));
    assert.equal(await textAt(store, 'a'), '2');
    await store.put('a', bytesOf('4'), { ifMatch: second.etag });
    assert.equal(await textAt(other, 'a'), '4');
  });

  test('ifMatch on a key without a blob is a conflict', async (store) => {
    await rejectsWith('CONFLICT', store.put('a', bytesOf('1'), { ifMatch: 'no-such-etag' }));
    const { etag } = await store.put('a', bytesOf('1'));
    await store.delete('a');
    await rejectsWith('CONFLICT', store.put('a', bytesOf('2'), { ifMatch: etag }));
    assert.equal(await store.get('a'), undefined);
  });

  test('a put of the bytes that are there already is a put', async (store, other) => {
    const first = await store.put('a', bytesOf('same'));
    // Whether the etag is the same again is up to the store.
    const second = await other.put('a', bytesOf('same'), { ifMatch: first.etag });
    assert.equal((await store.get('a'))!.etag, second.etag);
    await rejectsWith('CONFLICT', store.put('a', bytesOf('same'), { ifNoneMatch: '*' }));
    await store.put('a', bytesOf('other'), { ifMatch: second.etag });
    await rejectsWith('CONFLICT', other.put('a', bytesOf('same'), { ifMatch: first.etag }));
    await rejectsWith('CONFLICT', other.delete('a', { ifMatch: second.etag }));
    assert.equal(await textAt(other, 'a'), 'other');
  });

  test('the etag of a deleted blob names nothing that is put later', async (store, other) => {
    const { etag } = await store.put('a', bytesOf('1'));
    await store.delete('a', { ifMatch: etag });
    await store.put('a', bytesOf('2'), { ifNoneMatch: '*' });
    await rejectsWith('CONFLICT', other.put('a', bytesOf('3'), { ifMatch: etag }));
    await rejectsWith('CONFLICT', other.delete('a', { ifMatch: etag }));
    assert.equal(await textAt(store, 'a'), '2');
  });

  test('delete with ifMatch deletes the state it names and no other', async (store, other) => {
    const first = await store.put('a', bytesOf('1'));
    const second = await store.put('a', bytesOf('2'));
    await rejectsWith('CONFLICT', other.delete('a', { ifMatch: first.etag }));
    assert.equal(await textAt(store, 'a'), '2');
    await other.delete('a', { ifMatch: second.etag });
    assert.equal(await store.get('a'), undefined);
    await rejectsWith('CONFLICT', other.delete('a', { ifMatch: second.etag }));
  });
}

function declareListTests(test: Declare): void {
  test('a list has exactly the keys with the prefix, in order of their bytes', async (store) => {
    const keys = ['a', 'a-b', 'a/b', 'a/b-c', 'a/b/c', 'a/b/d', 'a=', 'ab', 'b/a', 'B', 'b', 'a/10', 'a/9'];
    for (const key of keys) await store.put(key, bytesOf(key));
    for (const prefix of ['', 'a', 'a/', 'a/b', 'a/b/', 'b', 'zz', 'a/1']) {
      const expected = keys.filter((key) => key.startsWith(prefix)).toSorted();
      assert.deepEqual(await keysOf(store.list(prefix)), expected, `prefix ${JSON.stringify(prefix)}`);
    }
  });

  test('a list goes on behind any key', async (store) => {
    const keys = ['a', 'a-b', 'a/b', 'a/b/c', 'ab', 'b'];
    for (const key of keys) await store.put(key, bytesOf(key));
    for (const startAfter of [...keys, 'a/', 'a/a', 'a/b/', '0', 'zz']) {
      const expected = keys.filter((key) => key > startAfter).toSorted();
      assert.deepEqual(await keysOf(store.list('', { startAfter })), expected, `startAfter ${startAfter}`);
    }
  });

  test('a list takes any text as prefix and as mark, also what no key has', async (store) => {
    const keys = ['-', 'a', 'a-', 'a/b', '~'];
    for (const key of keys) await store.put(key, bytesOf(key));
    for (const text of [
      '\0',
      ' ',
      'a\0',
      'a ',
      'a%',
      'a_',
      "a'",
      'ä',
      'aä',
      'a\u{1f600}',
      '\ud800',
      'a\u007f',
      '\uffff',
      'x'.repeat(2000),
    ]) {
      assert.deepEqual(await keysOf(store.list(text)), [], `prefix ${JSON.stringify(text)}`);
      const behind = keys.filter((key) => key > text);
      assert.deepEqual(await keysOf(store.list('', { startAfter: text })), behind, `startAfter ${JSON.stringify(text)}`);
    }
  });

  test('a list tells the etag and the size that get would tell', async (store) => {
    await store.put('a', bytesOf('12345'));
    await store.put('a', bytesOf('123'));
    for await (const info of store.list('')) {
      assert.equal(info.sizeBytes, 3);
      assert.equal(info.etag, (await store.get('a'))!.etag);
    }
  });
}

function declareKeyTests(test: Declare): void {
  const refused = [
    ['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/../b', '../a', 'a/.', 'C:\\a', 'a\\b'],
    [
      'a\0b',
      'a\nb',
      'a b',
      'a:b',
      'ä',
      'a%2fb',
      'a#1',
      'a?b',
      'a*',
      'a\tb',
      'a\u007f',
      'a\u0085',
      'x'.repeat(81),
      'x/'.repeat(400),
      `${'y'.repeat(80)}/`.repeat(10),
      'z'.repeat(10_000),
      `${'z/'.repeat(5_000)}z`,
    ],
    // What looks like a valid key: Cyrillic a, wide a, e with an accent of its own, dots and slashes of other kinds, invisible characters.
    [
      '\u0430',
      '\uff41',
      'e\u0301',
      '\u2024\u2024',
      'a\u2044b',
      'a\u2215b',
      'a\u200bb',
      '\u202ea',
      'a\ufeff',
      'a\u00a0b',
      'a\u00adb',
    ],
    ['\ud800', '\u{1f600}', '\uffff'],
  ].flat();
  test('keys outside the rules are refused by every operation, and nothing is written', async (store) => {
    for (const key of refused) {
      await rejectsWith('INVALID_KEY', store.put(key, bytesOf('1')));
      await rejectsWith('INVALID_KEY', store.put(key, bytesOf('1'), { ifNoneMatch: '*' }));
      await rejectsWith('INVALID_KEY', store.get(key));
      await rejectsWith('INVALID_KEY', store.delete(key));
      if (store.getMany) await rejectsWith('INVALID_KEY', store.getMany(['a', key]));
    }
    assert.deepEqual(await keysOf(store.list('')), []);
  });

  test('keys of all lengths are taken, and told apart by their last character', async (store) => {
    const longest = `${'k'.repeat(79)}/`.repeat(9);
    const lengths = [1, 2, 16, 79, 81, 127, 128, 159, 250, 255, 256, 257, 500, 512, MAX_KEY_LENGTH - 1, MAX_KEY_LENGTH];
    const keys = lengths.flatMap((length) => ['0', '1'].map((last) => `${longest.slice(0, length - 1)}${last}`));
    for (const key of keys) await store.put(key, bytesOf(key));
    for (const key of keys) assert.equal(await textAt(store, key), key);
    assert.deepEqual(await keysOf(store.list('')), keys.toSorted());
  });

  test('keys at the rules’ limits are taken', async (store) => {
    const longest = Array.from({ length: 8 }, () => 'L'.repeat(80)).join('/');
    const keys = [longest, 'a..b', '...', '.a', '-', '~a', '@', 'a=b+c', '9'];
    for (const key of keys) await store.put(key, bytesOf(key));
    for (const key of keys) assert.equal(await textAt(store, key), key);
    assert.deepEqual(await keysOf(store.list('')), keys.toSorted());
  });
}

function declareConcurrencyTests(test: Declare): void {
  test('of twenty writers with ifNoneMatch exactly one wins, in each of ten rounds', async (store, other) => {
    for (let round = 0; round < 10; round++) {
      const key = `race/${round}`;
      const attempts = Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? store : other).put(key, bytesOf(`${i}`), { ifNoneMatch: '*' }),
      );
      const results = await Promise.allSettled(attempts);
      const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
      assert.equal(winners.length, 1);
      assert.equal(await textAt(store, key), `${winners[0]}`);
      for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.code, 'CONFLICT');
    }
  });

  test('of twenty writers without a condition one comes last, and the etag is the one it was told', async (store, other) => {
    const puts = Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).put('a', bytesOf(`${i}`)));
    const etags = (await Promise.all(puts)).map(({ etag }) => etag);
    const blob = await store.get('a');
    assert.equal(etags[Number(textOf(blob!.bytes))], blob!.etag);
  });

  test('read, add one, write back with ifMatch loses no step among eight writers', async (store, other) => {
    await store.put('counter', bytesOf('0'));
    const addOne = async (handle: BlobStore) => {
      for (;;) {
        const blob = await handle.get('counter');
        try {
          await handle.put('counter', bytesOf(String(Number(textOf(blob!.bytes)) + 1)), { ifMatch: blob!.etag });
          return;
        } catch (error) {
          if (!isFraudOpsError(error) || error.code !== 'CONFLICT') throw error;
        }
      }
    };
    const writers = Array.from({ length: 8 }, async (_, i) => {
      for (let step = 0; step < 5; step++) await addOne(i % 2 ? store : other);
    });
    await Promise.all(writers);
    assert.equal(await textAt(store, 'counter'), '40');
  });

  test('a reader beside writers always sees one whole blob', async (store, other) => {
    const random = seededRandom('whole');
    const blob = (n: number) => new Uint8Array(1 + ((n * 997) % 50_000)).fill(n % 256);
    await store.put('a', blob(0));
    let writing = true;
    const writer = (async () => {
      for (let n = 1; n <= 40; n++) await store.put('a', blob(n));
      writing = false;
    })();
    while (writing) {
      const { bytes } = (await other.get('a'))!;
      assert.ok(
        bytes.every((byte) => byte === bytes[0]),
        'a blob was mixed of two puts',
      );
      await new Promise((resolve) => setTimeout(resolve, random.integer(3)));
    }
    await writer;
  });
}
