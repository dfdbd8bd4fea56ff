// Turns one bit in the header of a record: its revision key, and all bytes of its value but those of the user's value.
// Attempts go through all such bits of all files in an order that visits each once.

import { BoltPages, sumFile } from '../bolt-pages.js';
import type { EtcdBase } from '../etcd-bases.js';
import { etcdBases } from '../etcd-bases.js';
import type { Lab } from '../lab.js';
import type { AttemptName } from '../tally.js';
import { etcdDamage } from './etcd-pages.js';

/** A step that no number of bits has as a factor: a prime above what files of 100 KiB have. */
const STEP = 7_368_787;
const VALUE_TAG = 0x2a;

interface Place {
  readonly base: EtcdBase;
  readonly offset: number;
}

/** Returns the length of a record up to and with the length of its value. */
function headerEnd(record: Buffer): { from: number; to: number } {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = record[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < record.length) {
    const tag = varint();
    if (tag === VALUE_TAG) {
      const length = varint();
      return { from: at, to: at + length };
    }
    if ((tag & 7) === 2) {
      const length = varint();
      at += length;
    } else {
      varint();
    }
  }
  return { from: at, to: at };
}

function placesOf(base: EtcdBase): Place[] {
  const places: Place[] = [];
  for (const { keyAt, key, valueAt, value } of new BoltPages(base.bytes).entries('key')) {
    for (let i = 0; i < key.length; i++) places.push({ base, offset: keyAt + i });
    const userValue = headerEnd(value);
    for (let i = 0; i < value.length; i++) {
      if (i < userValue.from || i >= userValue.to) places.push({ base, offset: valueAt + i });
    }
  }
  return places;
}

let all: Place[] | undefined;

export const etcdRecords = {
  name: 'etcd-records',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    all ??= etcdBases().flatMap(placesOf);
    const next = lab.random(attempt);
    const start = attempt.seed % 1_000_003;
    const bit = ((start + attempt.number) * STEP) % (all.length * 8);
    const { base, offset } = all[bit >> 3]!;
    const bytes = Buffer.from(base.bytes);
    bytes[offset]! ^= 1 << (bit & 7);
    if (base.hasDigest) sumFile(bytes);
    await lab.attack(attempt, etcdDamage(base, bytes, `byte ${offset}, bit ${bit & 7}`, next));
  },
};
