// The slot of a user key in a table: its bytes, escaped so that a suffix can follow. Slots have the order of their
// keys, and are short enough for LMDB, whose keys have at most 1,978 bytes, while etcd's keys may be longer.
//
//   short key   k e y 00 01            0x00 in the key is written 00 FF, so that "a" sorts before "a\0" before "a\0b"
//   long key    first 1,900 bytes  02  crc32c(4)  n(1)
//
// Long keys that share their first 1,900 bytes are a group, which comes after every shorter key that is one of its
// prefixes. The group has no useful order: readers take the full key from the value and sort. `n` distinguishes keys
// with the same checksum.

import assert from 'node:assert';
import { crc32c } from '../bytes/crc32c.js';
import type { Entry, ReadTable } from './backend.js';
import { holdsKey } from './key-range.js';

const HEAD_BYTES = 1900;
const LONG_MARK = 0x02;
const LONG_TAIL_BYTES = 6;
/** The number of keys that may share a checksum: `n` is below 0xff, which bounds the scan for candidates. */
const MAX_COLLISIONS = 0xff;
/** The lowest key that is not empty. */
const LOWEST_KEY = '\0';
const TERMINATOR = '\x00\x01';
const ESCAPED_NUL = '\x00\xff';

function escapeKey(key: string): string {
  return key.includes('\0') ? key.replaceAll('\0', ESCAPED_NUL) : key;
}

function longSlotStart(escaped: string, key: string): Buffer {
  const slot = Buffer.alloc(HEAD_BYTES + LONG_TAIL_BYTES - 1);
  slot.write(escaped.slice(0, HEAD_BYTES), 'latin1');
  slot[HEAD_BYTES] = LONG_MARK;
  slot.writeUInt32BE(crc32c(Buffer.from(key, 'latin1')), HEAD_BYTES + 1);
  return slot;
}

/** The prefix of every slot of a region of a table, so that two regions can share a table. */
export type Region = string;

export function isLongKey(key: string): boolean {
  return key.length > HEAD_BYTES || escapeKey(key).length > HEAD_BYTES;
}

/**
 * Returns the slot of `key` in a region of `table`. The slot of a long key is found by reading the candidates:
 * `fullKey` returns the key that an entry's value holds. A long key that is not in the table gets the first free slot.
 */
export function slotOf(
  table: ReadTable,
  region: Region,
  key: string,
  fullKey: (value: Buffer) => string | undefined,
): Buffer {
  const escaped = escapeKey(key);
  if (escaped.length <= HEAD_BYTES) return Buffer.from(region + escaped + TERMINATOR, 'latin1');
  const start = Buffer.concat([Buffer.from(region, 'latin1'), longSlotStart(escaped, key)]);
  const taken = new Set<number>();
  for (const entry of table.entries({ gte: start, lt: Buffer.concat([start, Buffer.from([0xff])]) })) {
    if (entry.key.length !== start.length + 1) continue;
    if (fullKey(entry.value) === key) return entry.key;
    taken.add(entry.key[start.length]!);
  }
  let free = 0;
  while (taken.has(free)) free++;
  assert(free < MAX_COLLISIONS, `${MAX_COLLISIONS} long keys share their first ${HEAD_BYTES} bytes and their checksum`);
  return Buffer.concat([start, Buffer.from([free])]);
}

/** Returns the lowest slot that can hold `key` or a greater key. The whole group of a long key counts as not below it. */
function lowerSlot(region: Region, key: string): Buffer {
  const escaped = escapeKey(key);
  if (escaped.length <= HEAD_BYTES) return Buffer.from(region + escaped + TERMINATOR, 'latin1');
  return Buffer.concat([Buffer.from(region + escaped.slice(0, HEAD_BYTES), 'latin1'), Buffer.from([LONG_MARK])]);
}

/** Returns a bound above every slot that can hold a key below `end`; for '', above all keys of the region. */
function upperSlot(region: Region, end: string): Buffer {
  if (end === '') {
    const above = Buffer.from(region, 'latin1');
    above[above.length - 1]! += 1;
    return above;
  }
  const lower = lowerSlot(region, end);
  if (isLongKey(end)) lower[lower.length - 1] = LONG_MARK + 1;
  return lower;
}

export interface KeyedEntry extends Entry {
  readonly userKey: string;
}

/** Returns the key of a slot, or the first bytes of a long key. */
export function keyOfSlot(region: Region, slot: Buffer): string {
  const longTailAt = slot.length - LONG_TAIL_BYTES;
  return longTailAt === region.length + HEAD_BYTES && slot[longTailAt] === LONG_MARK
    ? slot.toString('latin1', region.length, longTailAt)
    : decodeShortSlot(region, slot);
}

/** Returns the key of a slot of a short key, which has no suffix. */
export function decodeShortSlot(region: Region, slot: Buffer): string {
  const escaped = slot.toString('latin1', region.length, slot.length - TERMINATOR.length);
  return escaped.includes('\0') ? escaped.replaceAll(ESCAPED_NUL, '\0') : escaped;
}

/**
 * Yields the entries of a region for keys in [key, end), in key order; `end` '' is no end. The region's keys must be
 * slots without a suffix.
 */
export function* entriesInKeyOrder(
  table: ReadTable,
  region: Region,
  key: string,
  end: string,
  fullKey: (value: Buffer) => string | undefined,
): Iterable<KeyedEntry> {
  let group: KeyedEntry[] = [];
  const range = { key, end };
  // The scan of all keys begins where the region does: that it is whole can then be checked.
  const gte = key === LOWEST_KEY ? Buffer.from(region, 'latin1') : lowerSlot(region, key);
  for (const entry of table.entries({ gte, lt: upperSlot(region, end) })) {
    const long = fullKey(entry.value);
    if (group.length > 0 && (long === undefined || !sameHead(group[0]!.key, entry.key, region.length))) {
      yield* sortGroup(group).filter(({ userKey }) => holdsKey(range, userKey));
      group = [];
    }
    if (long === undefined) {
      const userKey = decodeShortSlot(region, entry.key);
      if (userKey >= key) yield { key: entry.key, value: entry.value, userKey };
    } else {
      group.push({ key: entry.key, value: entry.value, userKey: long });
    }
  }
  yield* sortGroup(group).filter(({ userKey }) => holdsKey(range, userKey));
}

function sameHead(a: Buffer, b: Buffer, regionBytes: number): boolean {
  const headEnd = regionBytes + HEAD_BYTES;
  return a.compare(b, 0, headEnd, 0, headEnd) === 0;
}

function sortGroup(group: KeyedEntry[]): KeyedEntry[] {
  return group.sort((a, b) => (a.userKey < b.userKey ? -1 : 1));
}
