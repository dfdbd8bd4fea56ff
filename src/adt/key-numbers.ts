// KeyNumbers numbers byte strings, from 0 in the order in which they are added, so that what is known of each can be kept
// in columns of numbers. A million keys take little more memory than their bytes, none of which the garbage collector
// looks at. The bytes lie in chunks that never move; a hash table without links finds them.

import { NumberColumn } from './number-column.js';

const CHUNK_BYTES = 1 << 16;
const FREE = 0;
const FIRST_SLOTS = 1 << 12;

export class KeyNumbers {
  /** Each slot has the number of a key plus one. Two thirds of them are in use at most. */
  private slots = new Uint32Array(FIRST_SLOTS);
  private readonly hashes = new NumberColumn(Uint32Array);
  private readonly starts = new NumberColumn(Float64Array);
  private readonly lengths = new NumberColumn(Uint32Array);
  private readonly chunks: (Buffer | undefined)[] = [];
  private end = 0;
  private count = 0;
  /** The key that was asked for last: its next reader most often asks for it again. */
  private lastKey: string | undefined;
  private lastNumber = 0;
  /** The number of the key that was asked for last by its bytes; -1 if none was. */
  private lastOfBytes = -1;

  get size(): number {
    return this.count;
  }

  /** Returns the number of a key; undefined if it has none. A key is a string of one char a byte. */
  get(key: string): number | undefined {
    if (key === this.lastKey) return this.lastNumber;
    const found = this.slots[this.find(key, hashOf(key))]!;
    return found === FREE ? undefined : this.remember(key, found - 1);
  }

  /** Returns the number of a key, which gets the next one if it has none. */
  add(key: string): number {
    if (key === this.lastKey) return this.lastNumber;
    const hash = hashOf(key);
    const slot = this.find(key, hash);
    const found = this.slots[slot]!;
    return this.remember(key, found === FREE ? this.append(key, hash, slot) : found - 1);
  }

  /** Does what `get` does for a key that lies in other bytes, of which no string needs to be made. */
  getBytes(bytes: Uint8Array, start: number, end: number): number | undefined {
    if (this.isLast(bytes, start, end)) return this.lastOfBytes;
    const found = this.slots[this.findBytes(bytes, start, end, hashOfBytes(bytes, start, end))]!;
    if (found === FREE) return undefined;
    this.lastOfBytes = found - 1;
    return found - 1;
  }

  /** Does what `add` does for a key that lies in other bytes. */
  addBytes(bytes: Uint8Array, start: number, end: number): number {
    if (this.isLast(bytes, start, end)) return this.lastOfBytes;
    const hash = hashOfBytes(bytes, start, end);
    const slot = this.findBytes(bytes, start, end, hash);
    const found = this.slots[slot]!;
    // A new key is copied once, by way of a string.
    this.lastOfBytes = found === FREE ? this.append(latin1(bytes, start, end), hash, slot) : found - 1;
    return this.lastOfBytes;
  }

  /** Whether the bytes are of the key that was asked for last in this way. */
  private isLast(bytes: Uint8Array, start: number, end: number): boolean {
    return this.lastOfBytes >= 0 && this.areKey(this.lastOfBytes, bytes, start, end);
  }

  private findBytes(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = this.slots[slot]!;
      if (found === FREE || (this.hashes.at(found - 1) === hash && this.areKey(found - 1, bytes, start, end)))
        return slot;
    }
  }

  private areKey(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (this.lengths.at(number) !== length) return false;
    const from = this.starts.at(number);
    const chunk = this.chunkAt(from);
    // Keys are most often told apart by their last bytes.
    for (let at = length - 1, offset = from % CHUNK_BYTES; at >= 0; at--) {
      if (chunk[offset + at] !== bytes[start + at]) return false;
    }
    return true;
  }

  /** Returns the slot of a key, or the free one that it can have. */
  private find(key: string, hash: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = this.slots[slot]!;
      if (found === FREE || (this.hashes.at(found - 1) === hash && this.isKey(found - 1, key))) return slot;
    }
  }

  /** Returns the key of a number. */
  keyOf(number: number): string {
    const start = this.starts.at(number);
    const offset = start % CHUNK_BYTES;
    return this.chunkAt(start).toString('latin1', offset, offset + this.lengths.at(number));
  }

  private remember(key: string, number: number): number {
    this.lastKey = key;
    this.lastNumber = number;
    return number;
  }

  private isKey(number: number, key: string): boolean {
    const { length } = key;
    if (this.lengths.at(number) !== length) return false;
    const start = this.starts.at(number);
    const chunk = this.chunkAt(start);
    const offset = start % CHUNK_BYTES;
    for (let at = 0; at < length; at++) if (chunk[offset + at] !== key.charCodeAt(at)) return false;
    return true;
  }

  private append(key: string, hash: number, slot: number): number {
    const number = this.count++;
    this.hashes.set(number, hash);
    this.starts.set(number, this.keep(key));
    this.lengths.set(number, key.length);
    this.slots[slot] = number + 1;
    if (this.count * 3 > this.slots.length * 2) this.widen();
    return number;
  }

  /** Copies the bytes of a key, and returns where they are. A key that is longer than a chunk has several for itself. */
  private keep(key: string): number {
    if (key.length > this.chunks.length * CHUNK_BYTES - this.end) {
      this.end = this.chunks.length * CHUNK_BYTES;
      const chunks = Math.ceil(key.length / CHUNK_BYTES);
      this.chunks.push(Buffer.allocUnsafeSlow(chunks * CHUNK_BYTES));
      for (let i = 1; i < chunks; i++) this.chunks.push(undefined);
    }
    const start = this.end;
    this.chunkAt(start).write(key, start % CHUNK_BYTES, 'latin1');
    this.end = key.length > CHUNK_BYTES ? this.chunks.length * CHUNK_BYTES : start + key.length;
    return start;
  }

  private chunkAt(start: number): Buffer {
    return this.chunks[Math.floor(start / CHUNK_BYTES)] ?? EMPTY;
  }

  private widen(): void {
    const slots = new Uint32Array(2 * this.slots.length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.count; number++) {
      let slot = this.hashes.at(number) & mask;
      while (slots[slot] !== FREE) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.slots = slots;
  }
}

/** Stands for the chunk of an empty key behind all chunks. */
const EMPTY = Buffer.alloc(0);

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** Returns a hash of 32 bits, whose low bits depend on all bytes. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return finish(hash);
}

function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return finish(hash);
}

function finish(given: number): number {
  let hash = Math.imul(given ^ (given >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
