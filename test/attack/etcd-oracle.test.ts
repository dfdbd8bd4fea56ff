// These tests check the oracle of the attack: it finds no contradiction in what etcd has written, and knows the few bytes
// of a file without a digest that nothing confirms.

import t from 'tap';
import { snapshotBytes } from '../support/snapshots.js';
import { BoltPages } from './bolt-pages.js';
import { contradictionOf } from './etcd-oracle.js';

const DIGEST_BYTES = 32;
const whole = snapshotBytes('nocompact-35');
const bytes = whole.subarray(0, -DIGEST_BYTES);

/** Returns the file with another bit at a place of the record `number`. */
function changed(number: number, place: (record: { keyAt: number; valueAt: number; value: Buffer }) => number): Buffer {
  const copy = Buffer.from(bytes);
  copy[place(new BoltPages(bytes).entries('key')[number]!)]! ^= 1;
  return copy;
}

t.test('nothing contradicts the files of etcd', async (t) => {
  for (const name of ['fresh-35', 'nocompact-35', 'small-34', 'small-35', 'medium-34', 'live-deletes-35']) {
    t.equal(contradictionOf(snapshotBytes(name), 'history'), undefined, name);
  }
});

t.test('a bit of a value is confirmed by the digest alone', async (t) => {
  const inValue = ({ valueAt, value }: { valueAt: number; value: Buffer }) => valueAt + value.indexOf('{') + 3;
  t.equal(contradictionOf(changed(4, inValue), 'history'), undefined);
  t.equal(
    contradictionOf(Buffer.concat([changed(4, inValue), whole.subarray(-DIGEST_BYTES)]), 'records'),
    'the digest',
  );
});

t.test('a record contradicts itself, the records beside it, or the history of its key', async (t) => {
  const tag = changed(4, ({ valueAt }) => valueAt);
  t.match(contradictionOf(tag, 'records'), /field/);
  t.equal(contradictionOf(tag, 'leases'), undefined, 'who reads only leases does not see it');
  t.match(
    contradictionOf(
      changed(4, ({ keyAt }) => keyAt + 16),
      'records',
    ),
    /revision|above/,
  );
  const inKey = changed(40, ({ valueAt }) => valueAt + 8);
  t.equal(contradictionOf(inKey, 'records'), undefined);
  t.match(contradictionOf(inKey, 'history'), /created at|deleted/);
});

t.test('pages and metas', async (t) => {
  const other = (offset: number) => {
    const copy = Buffer.from(bytes);
    copy[offset]! ^= 1;
    return contradictionOf(copy, 'leases');
  };
  t.match(other(16 + 40), /meta 0/);
  t.match(other(4096 + 72), /meta 1/);
  t.match(other(new BoltPages(bytes).meta.root * 4096), /its id/);
  t.match(contradictionOf(bytes.subarray(0, -1), 'leases'), /length/);
});
