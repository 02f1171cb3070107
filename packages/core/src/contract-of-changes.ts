/** The part of the contract of blob stores that is about `changesSince`, for stores that have it. */
import assert from 'node:assert/strict';
import { type BlobInfo, type BlobStore, MAX_CHANGES } from './blob-store.js';
import { type Declare, bytesOf } from './contract-test.js';
import { type Random, seededRandom } from './random.js';

export function declareChangeTests(test: Declare): void {
  const testChanges: Declare = (title, body) =>
    test(title, async (store, other) => (store.changesSince ? body(store, other) : undefined));
  declareSeenChangeTests(testChanges);
  declareMarkTests(testChanges);
  declareRacingChangeTests(testChanges);
}

/** What is known of the keys with a prefix, kept up to date by changes, and by lists where the store asks for them. */
class Follower {
  known = new Map<string, BlobInfo>();
  mark: string | undefined;
  readonly #store: BlobStore;
  readonly #prefix: string;

  constructor(store: BlobStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  async follow(): Promise<void> {
    const { mark, changes } = await this.#store.changesSince!(this.#prefix, this.mark);
    this.mark = mark;
    if (!changes) {
      this.known = await listed(this.#store, this.#prefix);
      return;
    }
    assert.ok(changes.put.length + changes.deleted.length <= MAX_CHANGES);
    for (const info of changes.put) this.known.set(info.key, info);
    for (const key of changes.deleted) this.known.delete(key);
    for (const key of [...changes.put.map((info) => info.key), ...changes.deleted]) assert.ok(key.startsWith(this.#prefix), key);
  }

  async requireUpToDate(): Promise<void> {
    await this.follow();
    assert.deepEqual(sorted(this.known), sorted(await listed(this.#store, this.#prefix)));
  }
}

async function listed(store: BlobStore, prefix: string): Promise<Map<string, BlobInfo>> {
  const infos = new Map<string, BlobInfo>();
  for await (const info of store.list(prefix)) infos.set(info.key, info);
  return infos;
}

function sorted(known: ReadonlyMap<string, BlobInfo>): BlobInfo[] {
  return [...known.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function declareSeenChangeTests(test: Declare): void {
  test('nothing, puts, puts over and deletions are followed, under a prefix and beside it', async (store, other) => {
    const followers = ['', 'a/', 'a/b', 'none'].flatMap((prefix) => [store, other].map((by) => new Follower(by, prefix)));
    const allUpToDate = async () => {
      for (const follower of followers) await follower.requireUpToDate();
    };
    await allUpToDate();
    await allUpToDate();
    const steps: (() => Promise<unknown>)[] = [
      () => store.put('a/b', bytesOf('1')),
      () => store.put('a/b', bytesOf('2')),
      () => other.put('a/b', bytesOf('3')),
      () => other.put('a/b/c', bytesOf('4')),
      () => other.put('beside', bytesOf('5')),
      () => store.delete('a/b'),
      () => store.delete('never/put'),
      () => other.put('a/b', bytesOf('6'), { ifNoneMatch: '*' }),
      () => other.delete('a/b'),
      () => other.delete('beside'),
    ];
    for (const step of steps) {
      await step();
      await allUpToDate();
    }
    await allUpToDate();
  });

  test('changes that come in rest and at once are followed', async (store, other) => {
    const follower = new Follower(store, 'k/');
    for (const pauseMs of [0, 120, 0, 120]) {
      await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 ? store : other).put(`k/${i}`, bytesOf(`${pauseMs}`))));
      // So long that a store which goes by the time of changes can be sure of it.
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await follower.requireUpToDate();
      await follower.requireUpToDate();
      await Promise.all([store.put('k/3', bytesOf('again')), other.delete('k/5')]);
      await follower.requireUpToDate();
    }
  });
}

function declareMarkTests(test: Declare): void {
  test('a mark tells the same again, and what came since', async (store, other) => {
    await store.put('a', bytesOf('1'));
    await new Promise((resolve) => setTimeout(resolve, 120));
    const first = new Follower(store, '');
    await first.follow();
    await other.put('b', bytesOf('2'));
    await other.delete('a');
    for (let i = 0; i < 3; i++) {
      const again = new Follower(i % 2 ? store : other, '');
      again.mark = first.mark;
      again.known = new Map(first.known);
      await again.requireUpToDate();
    }
  });

  test('a mark that the store has not given asks for a list', async (store) => {
    await store.put('a', bytesOf('1'));
    for (const mark of [undefined, '', ' ', '0', '-1', 'no mark', 'x'.repeat(10_000), '\0', 'ä 1', '1e999', 'a:b:c']) {
      const { changes } = await store.changesSince!('', mark);
      assert.equal(changes, undefined, `mark ${JSON.stringify(mark)}`);
    }
  });
}

function declareRacingChangeTests(test: Declare): void {
  test('whoever follows beside writers knows all once they are quiet', async (store, other) => {
    for (let round = 0; round < 4; round++) {
      const random = seededRandom(`changes ${round}`);
      const followers = [new Follower(store, 'k/'), new Follower(other, 'k/1'), new Follower(store, '')];
      let writing = true;
      const following = Promise.all(
        followers.map(async (follower) => {
          while (writing) {
            await follower.follow();
            await pause(random);
          }
        }),
      );
      await Promise.all([store, other, store].map((handle) => writeSome(handle, random)));
      writing = false;
      await following;
      for (const follower of followers) await follower.requireUpToDate();
    }
  });
}

async function writeSome(store: BlobStore, random: Random): Promise<void> {
  for (let step = 0; step < 12; step++) {
    const key = `k/${random.integer(20)}`;
    if (random.next() < 0.3) await store.delete(key);
    else await store.put(key, bytesOf(`${random.next()}`));
    await pause(random);
  }
}

/** Now and then so long that marks become possible in between. */
async function pause(random: Random): Promise<void> {
  const ms = random.next() < 0.05 ? 80 : random.integer(4);
  await new Promise((resolve) => setTimeout(resolve, ms));
}
