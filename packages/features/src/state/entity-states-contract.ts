import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFraudOpsError, seededRandom } from '@fraudops/core';
import type { TestRunner } from '@fraudops/core/testing';
import { addOne, changeOf, countsOf, textOf } from './counted-states.js';
import { ENTITY_STATE_LIMITS, type EntityStateChange, type EntityStateStore } from './entity-state-store.js';
import type { FeatureErrorCode } from '../feature-error.js';

/** One empty place to keep states in, for one test. */
export interface EntityStatesPlace {
  /** A store on this place; called several times, it gives stores that see each other's states, as several processes would. */
  open(): EntityStateStore;
  /** Removes the place. */
  dispose(): Promise<void>;
}

/**
 * Declares the suite that every `EntityStateStore` passes.
 *
 * @param name what the implementation is called in the test report
 * @param runner of the test framework in use
 * @param makePlace makes a new, empty place for each test
 */
export function entityStatesContract(name: string, runner: TestRunner, makePlace: () => Promise<EntityStatesPlace>): void {
  const test: Declare = (title, body) =>
    runner.it(title, async () => {
      const place = await makePlace();
      try {
        await body(place.open(), place.open());
      } finally {
        await place.dispose();
      }
    });
  runner.describe(`${name} keeps the contract of EntityStateStore`, () => {
    declareReadWriteTests(test);
    declareKeyTests(test);
    declareConditionTests(test);
    declareRepeatTests(test);
    declareExpiryTests(test);
    declareRefusalTests(test);
    declareConcurrencyTests(test);
  });
}

type Declare = (title: string, body: (store: EntityStateStore, other: EntityStateStore) => Promise<void>) => unknown;

async function write(store: EntityStateStore, ...changes: EntityStateChange[]): Promise<void> {
  assert.equal(await store.putMany(changes), true, 'a put that must succeed did not');
}

async function textsAt(store: EntityStateStore, ...keys: string[]): Promise<(string | undefined)[]> {
  return (await store.getMany(keys)).map((state) => state && textOf(state.bytes));
}

function declareReadWriteTests(test: Declare): void {
  test('a key without a state is undefined, and nothing asked is nothing answered', async (store) => {
    assert.deepEqual(await store.getMany(['nothing', 'nothing', 'here']), [undefined, undefined, undefined]);
    assert.deepEqual(await store.getMany([]), []);
    assert.equal(await store.putMany([]), true);
  });

  test('a state is read back by another handle, byte for byte, with its version', async (store, other) => {
    const every = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31 + (i >> 8)) % 256);
    const change = changeOf('a', every);
    await write(store, change);
    const [state] = await other.getMany(['a']);
    // Also no subclass such as Buffer, whose slice() shares memory.
    assert.deepEqual(state!.bytes, every);
    assert.equal(Object.getPrototypeOf(state!.bytes), Uint8Array.prototype);
    assert.equal(state!.version, change.version);
  });

  test('no bytes at all are a state, and so are bytes that look like text with line ends', async (store) => {
    const contents = [[], [10], [0], [13, 10, 13, 10], [49, 32, 10], [92, 120, 48], [255, 254, 128]].map((each) =>
      Uint8Array.from(each),
    );
    await write(store, ...contents.map((bytes, i) => changeOf(`${i}`, bytes)));
    const states = await store.getMany(contents.map((_, i) => `${i}`));
    assert.deepEqual(
      states.map((state) => state!.bytes),
      contents,
    );
  });

  test('16 MiB are read back', async (store, other) => {
    const random = seededRandom('16 MiB');
    const large = new Uint32Array(ENTITY_STATE_LIMITS.stateBytes / 4).map(() => random.next() * 2 ** 32);
    const bytes = new Uint8Array(large.buffer);
    const first = changeOf('large', bytes);
    await write(store, first);
    const [state] = await other.getMany(['large']);
    assert.equal(Buffer.compare(state!.bytes, bytes), 0);
    await write(other, changeOf('large', 'small', { ifVersion: first.version }));
    assert.deepEqual(await textsAt(store, 'large'), ['small']);
  });

  test('bytes are not shared with the caller, neither in nor out', async (store) => {
    const change = changeOf('a', 'before');
    await write(store, change);
    change.bytes.fill(0);
    (await store.getMany(['a']))[0]!.bytes.fill(1);
    assert.deepEqual(await textsAt(store, 'a'), ['before']);
  });

  test('as many keys as a call takes come in the order in which they were asked for', async (store) => {
    const random = seededRandom('order');
    const keys = Array.from({ length: ENTITY_STATE_LIMITS.keys }, (_, i) => `key ${i}`);
    const kept = keys.filter((_, i) => i % 3 > 0);
    await write(store, ...kept.map((key) => changeOf(key, key)));
    const order = Uint32Array.from(keys.keys());
    random.shuffle(order);
    const asked = Array.from(order, (i) => keys[i]!);
    const expected = Array.from(order, (i) => (i % 3 > 0 ? keys[i] : undefined));
    assert.deepEqual(await textsAt(store, ...asked), expected);
  });
}

function declareKeyTests(test: Declare): void {
  test('keys of any Unicode are taken, and no two are mixed up', async (store, other) => {
    const { keyLength } = ENTITY_STATE_LIMITS;
    const special = [
      ' ',
      '  ',
      '\n',
      '\t',
      "'",
      '"',
      '\\',
      '\\x00',
      '%',
      '_',
      '*',
      '{a}b',
      '{}',
      '$1',
      '#',
      ':',
      '/',
      '..',
      '\u{7f}',
    ];
    // The two é are one code point, and two.
    const unicode = [
      'card:596',
      'Card:596',
      '\u{e9}',
      'e\u{301}',
      'straße',
      'STRASSE',
      '支付宝',
      '\u{1f4b3}',
      '\u{feff}',
      '\u{ffff}',
      'İ',
      'i',
    ];
    const long = ['x', '€', '\u{1f4b3}'].flatMap((each) => {
      const longest = each.repeat(keyLength / each.length);
      return [longest, longest.slice(each.length), `y${longest.slice(2)}`];
    });
    const keys = [...special, ...unicode, ...long];
    await write(store, ...keys.map((key, i) => changeOf(key, `${i}`)));
    assert.deepEqual(
      await textsAt(other, ...keys),
      keys.map((_, i) => `${i}`),
    );
  });
}

function declareConditionTests(test: Declare): void {
  test('a state is created once', async (store, other) => {
    await write(store, changeOf('a', 'first'));
    assert.equal(await other.putMany([changeOf('a', 'second')]), false);
    assert.deepEqual(await textsAt(store, 'a'), ['first']);
  });

  test('a state is replaced where it has the version named, and nowhere else', async (store, other) => {
    const first = changeOf('a', '1');
    const second = changeOf('a', '2', { ifVersion: first.version });
    await write(store, first);
    await write(other, second);
    assert.equal(await store.putMany([changeOf('a', '3', { ifVersion: first.version })]), false);
    assert.equal(await store.putMany([changeOf('a', '3', { ifVersion: 'no-such-version' })]), false);
    assert.deepEqual(await textsAt(store, 'a'), ['2']);
    await write(store, changeOf('a', '4', { ifVersion: second.version }));
    assert.deepEqual(await textsAt(other, 'a'), ['4']);
  });

  test('a version named of a key without a state is refused', async (store) => {
    assert.equal(await store.putMany([changeOf('a', '1', { ifVersion: 'version' })]), false);
    assert.deepEqual(await textsAt(store, 'a'), [undefined]);
  });

  test('of several changes all are written, new states and old ones together', async (store, other) => {
    const old = changeOf('old', '1');
    await write(store, old);
    await write(other, changeOf('new', '1'), changeOf('old', '2', { ifVersion: old.version }), changeOf('also new', '1'));
    assert.deepEqual(await textsAt(store, 'old', 'new', 'also new'), ['2', '1', '1']);
  });

  test('when one of several changes comes too late, none is written, wherever it stands', async (store) => {
    const keys = ['a', 'b', 'c', 'd'];
    const first = keys.slice(0, 3).map((key) => changeOf(key, 'first'));
    await write(store, ...first);
    for (const late of keys) {
      const changes = keys.map((key, i) => {
        const ifVersion = key === late ? (key === 'd' ? 'stale' : undefined) : first[i]?.version;
        return changeOf(key, 'second', { ifVersion });
      });
      assert.equal(await store.putMany(changes), false, `${late} is late`);
      assert.equal(await store.putMany(changes.toReversed()), false, `${late} is late, in reverse`);
      assert.deepEqual(await textsAt(store, ...keys), ['first', 'first', 'first', undefined], `${late} is late`);
    }
  });
}

function declareRepeatTests(test: Declare): void {
  test('a put that happened answers true again, and does nothing', async (store, other) => {
    const create = [changeOf('a', '1'), changeOf('b', '1')];
    await write(store, ...create);
    await write(other, ...create);
    const replace = create.map(({ key, version }) => changeOf(key, '2', { ifVersion: version }));
    await write(store, ...replace);
    await write(other, ...replace);
    await write(other, ...create);
    assert.deepEqual(await textsAt(store, 'a', 'b'), ['2', '2']);
    assert.equal((await store.getMany(['a']))[0]!.version, replace[0]!.version);
  });

  test('that holds while its states were written by others as often as is remembered, and for ever if one was not', async (store, other) => {
    const mine = [changeOf('busy', 'mine'), changeOf('quiet', 'mine')];
    const mineAlone = [changeOf('alone', 'mine')];
    await write(store, ...mine);
    await write(store, ...mineAlone);
    let before = { busy: mine[0]!.version, alone: mineAlone[0]!.version };
    const writeBoth = async (text: string) => {
      const busy = changeOf('busy', text, { ifVersion: before.busy });
      const alone = changeOf('alone', text, { ifVersion: before.alone });
      await write(other, busy, alone);
      before = { busy: busy.version, alone: alone.version };
    };
    for (let n = 1; n <= ENTITY_STATE_LIMITS.rememberedVersions; n++) {
      await writeBoth(`theirs ${n}`);
      await write(store, ...mineAlone);
    }
    await writeBoth('the last');
    assert.equal(await store.putMany(mineAlone), false);
    await write(store, ...mine);
    assert.deepEqual(await textsAt(store, 'busy', 'alone', 'quiet'), ['the last', 'the last', 'mine']);
  });

  test('a put that did not happen answers false again', async (store, other) => {
    const first = changeOf('a', '1');
    await write(store, first);
    const late = [changeOf('a', 'late'), changeOf('b', 'late')];
    assert.equal(await store.putMany(late), false);
    await write(other, changeOf('a', '2', { ifVersion: first.version }));
    assert.equal(await store.putMany(late), false);
    assert.deepEqual(await textsAt(store, 'a', 'b'), ['2', undefined]);
  });
}

function declareExpiryTests(test: Declare): void {
  test('a state is gone once it expired, and can be created anew', async (store, other) => {
    const brief = changeOf('brief', '1', { expiresAfterMs: 50 });
    await write(store, brief, changeOf('long', '1', { expiresAfterMs: ENTITY_STATE_LIMITS.expiresAfterMs }));
    const isGone = async () => (await other.getMany(['brief']))[0] === undefined;
    for (let waitedMs = 0; waitedMs < 5_000 && !(await isGone()); waitedMs += 10) await sleep(10);
    assert.deepEqual(await textsAt(store, 'brief', 'long'), [undefined, '1']);
    assert.equal(await store.putMany([changeOf('brief', '2', { ifVersion: brief.version })]), false);
    await write(store, changeOf('brief', '3'));
    assert.deepEqual(await textsAt(other, 'brief'), ['3']);
  });

  test('each write counts the time anew', async (store) => {
    const first = changeOf('a', '1', { expiresAfterMs: 500 });
    await write(store, first);
    await write(store, changeOf('a', '2', { ifVersion: first.version, expiresAfterMs: 60_000 }));
    await sleep(600);
    assert.deepEqual(await textsAt(store, 'a'), ['2']);
  });
}

function declareRefusalTests(test: Declare): void {
  const badKeys = ['', '\0', 'a\0b', '\ud83d', 'a\udcb3', '\udcb3\ud83d', 'x'.repeat(ENTITY_STATE_LIMITS.keyLength + 1)];
  const tooMany = Array.from({ length: ENTITY_STATE_LIMITS.keys + 1 }, (_, i) => `${i}`);
  const badParts: readonly (readonly [FeatureErrorCode, Partial<EntityStateChange>])[] = [
    ...badKeys.map((key) => ['INVALID_VALUE', { key }] as const),
    ...['', 'a b', 'ä', 'a\n', 'x'.repeat(65)].flatMap((version) => [
      ['INVALID_VALUE', { version }] as const,
      ['INVALID_VALUE', { ifVersion: version }] as const,
    ]),
    ...[0, -1, 1.5, Number.NaN, Infinity, ENTITY_STATE_LIMITS.expiresAfterMs + 1].map(
      (expiresAfterMs) => ['INVALID_VALUE', { expiresAfterMs }] as const,
    ),
    ['INVALID_VALUE', { version: 'same', ifVersion: 'same' }],
    ['INVALID_VALUE', { bytes: 'text' as unknown as Uint8Array }],
    ['TOO_LARGE', { bytes: new Uint8Array(ENTITY_STATE_LIMITS.stateBytes + 1) }],
  ];

  test('keys and changes outside the rules are refused, and nothing is written', async (store) => {
    for (const key of badKeys) await refusedWith('INVALID_VALUE', store.getMany(['good', key]));
    await refusedWith('TOO_LARGE', store.getMany(tooMany));
    const good = changeOf('good', '1');
    for (const [code, parts] of badParts) await refusedWith(code, store.putMany([good, changeOf('bad', '1', parts)]));
    await refusedWith('TOO_LARGE', store.putMany(tooMany.map((key) => changeOf(key, '1'))));
    await refusedWith('INVALID_VALUE', store.putMany([good, changeOf('a', '1'), changeOf('good', '2')]));
    const quarter = new Uint8Array(ENTITY_STATE_LIMITS.batchBytes / 4);
    await refusedWith('TOO_LARGE', store.putMany([good, ...['a', 'b', 'c', 'd'].map((key) => changeOf(key, quarter))]));
    assert.deepEqual(await textsAt(store, 'good', 'a', 'bad', '0'), [undefined, undefined, undefined, undefined]);
  });
}

async function refusedWith(code: FeatureErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(isFraudOpsError(error), `expected a FeatureError, got ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return true;
  });
}

function declareConcurrencyTests(test: Declare): void {
  test('of twenty writers that create one state exactly one wins, in each of ten rounds', async (store, other) => {
    for (let round = 0; round < 10; round++) {
      const key = `race ${round}`;
      const attempts = Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).putMany([changeOf(key, `${i}`)]));
      const winners = (await Promise.all(attempts)).flatMap((isWritten, i) => (isWritten ? [`${i}`] : []));
      assert.deepEqual(winners, await textsAt(store, key));
    }
  });

  test('creations of overlapping states, in any order, are whole or did not happen', async (store, other) => {
    const random = seededRandom('overlap');
    for (let round = 0; round < 10; round++) {
      const keys = ['a', 'b', 'c', 'd'].map((key) => `${key} ${round}`);
      const batches = Array.from({ length: 12 }, (_, i) => {
        const order = Uint32Array.from(keys.keys());
        random.shuffle(order);
        return Array.from(order.slice(0, 2 + (i % 3)), (k) => changeOf(keys[k]!, `${i}`));
      });
      const isWritten = await Promise.all(batches.map((batch, i) => (i % 2 ? store : other).putMany(batch)));
      const written = batches.filter((_, i) => isWritten[i]).flat();
      const expected = new Map(written.map(({ key, version }) => [key, version]));
      assert.equal(expected.size, written.length, 'two writers created one state');
      assert.ok(written.length >= 2, 'no writer won');
      const states = await store.getMany(keys);
      for (const [k, key] of keys.entries()) assert.equal(states[k]?.version, expected.get(key));
    }
  });

  test('a creation repeated while its first attempt is under way is known to have happened', async (store, other) => {
    for (let round = 0; round < 20; round++) {
      const changes = [changeOf(`a ${round}`, '1'), changeOf(`b ${round}`, '1')];
      const answers = await Promise.all([store, other, store, other].map((each) => each.putMany(changes)));
      assert.deepEqual(answers, [true, true, true, true]);
    }
  });

  test('two writers that increase one count 200 times each lose no update', async (store, other) => {
    await Promise.all([increase(store, ['count'], 200), increase(other, ['count'], 200)]);
    assert.deepEqual(await countsOf(store, ['count']), [400]);
  });

  test('two writers on two states in opposite order don’t block each other, and a reader sees both or none', async (store, other) => {
    let isWriting = true;
    const writing = Promise.all([increase(store, ['card', 'shop'], 100), increase(other, ['shop', 'card'], 100)]).finally(() => {
      isWriting = false;
    });
    let halves = 0;
    const reading = async () => {
      while (isWriting) {
        const [card, shop] = await countsOf(other, ['card', 'shop']);
        if (card !== shop) halves++;
        // Lets a store go on that waits for the event loop.
        await sleep(1);
      }
    };
    await Promise.all([writing, reading()]);
    assert.equal(halves, 0, 'half a put was read');
    assert.deepEqual(await countsOf(store, ['card', 'shop']), [200, 200]);
  });
}

async function increase(store: EntityStateStore, keys: readonly string[], times: number): Promise<void> {
  for (let i = 0; i < times; i++) await addOne(store, keys);
}
