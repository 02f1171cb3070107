/**
 * The plain tar format of POSIX.1-1988 (ustar), as far as model archives need it: regular files with names of at most 100 bytes, without
 * times, owners or rights, so equal contents give equal bytes, and any `tar` can list and unpack them. Reading is strict: what this module
 * would not have written is refused.
 */
import { RegistryError } from './registry-error.js';

/** A file in an archive. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Gives what an archive's bytes are, in stretches of any length. Called once for each time they are read through. */
export type TarSource = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const BLOCK_BYTES = 512;
/** An archive ends with two blocks of zeros. */
const END_BYTES = 2 * BLOCK_BYTES;

/** The parts of an entry, to be written one after the other. */
export function tarEntry(name: string, bytes: Uint8Array): Uint8Array[] {
  const padding = (BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES;
  const parts = [tarHeader(name, bytes.length), bytes];
  return padding > 0 ? [...parts, new Uint8Array(padding)] : parts;
}

/** What ends an archive. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(END_BYTES);
}

function tarHeader(name: string, sizeBytes: number): Uint8Array {
  const header = Buffer.alloc(BLOCK_BYTES);
  const fields: readonly (readonly [position: number, text: string])[] = [
    [0, name],
    [100, '0000644'], // rights
    [108, '0000000'], // user
    [116, '0000000'], // group
    [124, sizeBytes.toString(8).padStart(11, '0')],
    [136, '00000000000'], // time
    [148, '        0'], // the sum, as spaces, and the kind of entry: a file
    [257, 'ustar'],
    [263, '00'], // version
    [329, '0000000'], // device
    [337, '0000000'],
  ];
  for (const [position, text] of fields) header.write(text, position, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return new Uint8Array(header.buffer, header.byteOffset, BLOCK_BYTES);
}

/** Bounds of an archive that is read. */
interface TarLimits {
  /** Bytes of the whole archive. */
  readonly maxBytes: number;
  /** Bytes of the entry of a name; undefined for names that have no place here. */
  readonly entryBytes: (name: string) => number | undefined;
}

/**
 * Reads an archive entry by entry; one entry and one stretch of the source are in memory at a time.
 *
 * @throws {RegistryError} INVALID_ARCHIVE, naming the position and what is wrong there; LIMIT_EXCEEDED
 */
export async function* readTar(source: TarSource, limits: TarLimits): AsyncGenerator<TarEntry> {
  const input = new ExactReader(source(), limits.maxBytes);
  try {
    for (;;) {
      const header = await input.read(BLOCK_BYTES);
      if (header.every((byte) => byte === 0)) break;
      const { name, sizeBytes } = readHeader(header, input.position - BLOCK_BYTES);
      const most = limits.entryBytes(name);
      if (most === undefined) throw invalidArchive(`entry ${JSON.stringify(name)} has no place in it`, { name });
      if (sizeBytes > most) {
        const message = `archive: entry ${name} has ${sizeBytes} bytes, at most ${most} are allowed`;
        throw new RegistryError('LIMIT_EXCEEDED', message, { details: { name, sizeBytes, limit: most } });
      }
      const bytes = await input.read(sizeBytes);
      await input.readZeros((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
      yield { name, bytes };
    }
    await input.readZeros(END_BYTES - BLOCK_BYTES);
    await input.readEnd();
  } finally {
    await input.close();
  }
}

function readHeader(header: Uint8Array, position: number): { name: string; sizeBytes: number } {
  const text = Buffer.from(header.buffer, header.byteOffset, header.length).toString('latin1');
  const name = text.slice(0, 100).split('\0', 1)[0]!;
  const sizeBytes = /^[0-7]{11}$/.test(text.slice(124, 135)) ? Number.parseInt(text.slice(124, 135), 8) : Number.NaN;
  // A header has one form only: that which is written here.
  if (Number.isNaN(sizeBytes) || !Buffer.from(tarHeader(name, sizeBytes)).equals(header)) {
    throw invalidArchive(`no entry begins at byte ${position}`, { position });
  }
  return { name, sizeBytes };
}

/** The error for bytes that are no archive. */
export function invalidArchive(reason: string, details: Readonly<Record<string, unknown>> = {}): RegistryError {
  return new RegistryError('INVALID_ARCHIVE', `archive: ${reason}; it is damaged, or was not made by exportModel`, {
    details: { ...details, reason },
  });
}

/** Reads as many bytes as asked for, however they come. */
class ExactReader {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #maxBytes: number;
  #rest: Uint8Array = new Uint8Array();
  #received = 0;
  #ended = false;
  position = 0;

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maxBytes: number) {
    this.#chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#maxBytes = maxBytes;
  }

  async read(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#receive())) {
        const end = this.position + count - missing;
        throw invalidArchive(`it ends at byte ${end}, in the middle`, { position: end });
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    this.position += count;
    return parts.length === 1 ? parts[0]! : joined(parts, count);
  }

  async readZeros(count: number): Promise<void> {
    const bytes = await this.read(count);
    if (bytes.some((byte) => byte !== 0)) {
      throw invalidArchive(`there is something in the ${count} bytes before byte ${this.position}, expected zeros`, {
        position: this.position,
      });
    }
  }

  async readEnd(): Promise<void> {
    while (this.#rest.length === 0) if (!(await this.#receive())) return;
    throw invalidArchive(`it goes on behind its end at byte ${this.position}`, { position: this.position });
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#chunks.return?.();
  }

  /** Whether there was more. */
  async #receive(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) {
      this.#ended = true;
      return false;
    }
    if (!(value instanceof Uint8Array)) {
      throw new RegistryError('INVALID_ARGUMENT', 'archive: its source gives something else than Uint8Arrays');
    }
    this.#received += value.length;
    if (this.#received > this.#maxBytes) {
      const message = `archive: more than ${this.#maxBytes} bytes, more are not allowed`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details: { limit: this.#maxBytes } });
    }
    this.#rest = value;
    return true;
  }
}

function joined(parts: readonly Uint8Array[], count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
