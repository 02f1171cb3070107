/**
 * Keeps the blobs of a cache within a bound by deleting those not used for longest.
 *
 * What is there is learnt from the store's own list, so it survives restarts, and several processes may fill the same store: each
 * looks again after it wrote a twentieth of the bound, so that together they exceed it by that much each, for a moment. When a blob was
 * used last is noted in memory, and now and then under {@link USES_KEY}, where all processes find it; a blob that is not noted there was
 * used when it was written.
 */
import type { BlobStore } from './blob-store.js';
import { canonicalJson } from './canonical-json.js';
import type { Clock } from './clock.js';

/** Where the times of last use are noted. */
const USES_KEY = 'uses.json';

/** Share of the bound that is left in use when room is made, so that it is not made at every put. */
const SHARE_LEFT = 0.9;
/** Share of the bound that is written before the store is looked at again. */
const SHARE_UNSEEN = 0.05;
/** Uses are noted in the store at most this often. */
const NOTE_EVERY_MS = 5 * 60 * 1000;

/** Bounds of a cache. */
interface RoomLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** The room of one cache, as one process sees it. Its calls never fail the caller's: a store that fails keeps what it has. */
export class CacheRoom {
  readonly #store: BlobStore;
  readonly #limits: RoomLimits;
  readonly #clock: Clock;
  /** When blobs were used last, as far as this process used them since the uses were noted. */
  #used = new Map<string, number>();
  #notedMs: number;
  #seen: { bytes: number; entries: number } | undefined;
  #unseenBytes = 0;
  #unseenEntries = 0;

  constructor(store: BlobStore, limits: RoomLimits, clock: Clock) {
    this.#store = store;
    this.#limits = limits;
    this.#clock = clock;
    this.#notedMs = clock.now();
  }

  /** Notes that a blob was used. */
  async use(key: string): Promise<void> {
    this.#used.set(key, this.#clock.now());
    const due = this.#clock.now() - this.#notedMs >= NOTE_EVERY_MS || this.#used.size > this.#limits.maxEntries;
    if (due) await this.noteUses();
  }

  /** Notes that a blob was written, and makes room when there is too much. */
  async add(key: string, sizeBytes: number): Promise<void> {
    await this.use(key);
    this.#unseenBytes += sizeBytes;
    this.#unseenEntries++;
    const { maxBytes, maxEntries } = this.#limits;
    const seen = this.#seen;
    const unsure = !seen || this.#unseenBytes > maxBytes * SHARE_UNSEEN || this.#unseenEntries > maxEntries * SHARE_UNSEEN;
    if (!unsure && seen.bytes + this.#unseenBytes <= maxBytes && seen.entries + this.#unseenEntries <= maxEntries) return;
    await this.#makeRoom();
  }

  /** Writes down when what was used last, for later processes. */
  async noteUses(): Promise<void> {
    const uses = this.#used;
    this.#used = new Map();
    this.#notedMs = this.#clock.now();
    if (uses.size === 0) return;
    const noted = await this.#readUses();
    for (const [key, usedMs] of uses) noted.set(key, Math.max(usedMs, noted.get(key) ?? 0));
    await this.#writeUses(noted);
  }

  async #makeRoom(): Promise<void> {
    const { maxBytes, maxEntries } = this.#limits;
    this.#unseenBytes = 0;
    this.#unseenEntries = 0;
    const blobs = await this.#look();
    const kept = new Map(blobs.map(({ key, usedMs }) => [key, usedMs]));
    let bytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let entries = blobs.length;
    if (bytes > maxBytes || entries > maxEntries) {
      for (const { key, etag, sizeBytes } of blobs.toSorted((a, b) => a.usedMs - b.usedMs)) {
        if (bytes <= maxBytes * SHARE_LEFT && entries <= maxEntries * SHARE_LEFT) break;
        // One that was written anew meanwhile is in use, and stays.
        await this.#store.delete(key, { ifMatch: etag }).catch(() => {});
        kept.delete(key);
        bytes -= sizeBytes;
        entries--;
      }
      this.#used = new Map();
      await this.#writeUses(kept);
    }
    this.#seen = { bytes, entries };
  }

  /** All blobs but the noted uses themselves, with when they were used last. */
  async #look(): Promise<{ key: string; etag: string; sizeBytes: number; usedMs: number }[]> {
    const noted = await this.#readUses();
    const blobs: { key: string; etag: string; sizeBytes: number; usedMs: number }[] = [];
    for await (const { key, etag, sizeBytes, modifiedMs } of this.#store.list('')) {
      const usedMs = this.#used.get(key) ?? noted.get(key) ?? modifiedMs;
      if (key !== USES_KEY) blobs.push({ key, etag, sizeBytes, usedMs });
    }
    return blobs;
  }

  async #readUses(): Promise<Map<string, number>> {
    const stored = await this.#store.get(USES_KEY);
    try {
      const uses: unknown = stored ? JSON.parse(new TextDecoder().decode(stored.bytes)) : {};
      return new Map(Object.entries(uses as Record<string, number>).filter(([, usedMs]) => Number.isFinite(usedMs)));
    } catch {
      // A damaged note costs the order of eviction, nothing else.
      return new Map();
    }
  }

  /** Of several processes that write at once the last one wins; the others' uses since the last note are forgotten. */
  async #writeUses(uses: ReadonlyMap<string, number>): Promise<void> {
    const latest = [...uses].toSorted(([, a], [, b]) => b - a).slice(0, this.#limits.maxEntries);
    await this.#store.put(USES_KEY, new TextEncoder().encode(canonicalJson(Object.fromEntries(latest))));
  }
}
