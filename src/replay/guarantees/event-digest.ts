// A digest is 32 bits that stand for all that an event says. Events that differ in one number, or in four neighbouring
// bytes, always differ in their digests; of other events one pair in 2^32 does not.

import type { KeyValue } from '../../mvcc/key-value.js';
import type { WatchEvent } from '../../mvcc/record.js';

const MULTIPLIER = 0x9e3779b1;
const TWO_TO_32 = 0x1_0000_0000;

/**
 * Mixes a word into a hash. The step can be undone for a given word and for a given hash, so that no difference is
 * lost.
 */
function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, MULTIPLIER);
  return mixed ^ (mixed >>> 15);
}

function mixNumber(hash: number, value: number): number {
  return mix(mix(hash, value | 0), Math.floor(value / TWO_TO_32) | 0);
}

function mixLatin1(hash: number, text: string): number {
  let mixed = mix(hash, text.length);
  for (let i = 0; i < text.length; i++) mixed = mix(mixed, text.charCodeAt(i));
  return mixed;
}

function mixBytes(hash: number, bytes: Buffer): number {
  let mixed = mix(hash, bytes.length);
  const wholeWords = bytes.length & ~3;
  let at = 0;
  for (; at < wholeWords; at += 4) {
    mixed = mix(mixed, bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
  }
  for (; at < bytes.length; at++) mixed = mix(mixed, bytes[at]!);
  return mixed;
}

function mixLease(hash: number, lease: bigint): number {
  if (lease === 0n) return mix(hash, 0);
  return mix(mix(mix(hash, 1), Number(BigInt.asIntN(32, lease))), Number(BigInt.asIntN(32, lease >> 32n)));
}

/** Returns a digest from 0 to 2^32 - 1. */
export function digestOf(type: WatchEvent['type'], kv: KeyValue): number {
  let hash = mixLatin1(type === 'PUT' ? 1 : 2, kv.key);
  hash = mixNumber(hash, kv.createRevision);
  hash = mixNumber(hash, kv.modRevision);
  hash = mixNumber(hash, kv.version);
  hash = mixLease(hash, kv.lease);
  return mixBytes(hash, kv.value) >>> 0;
}
