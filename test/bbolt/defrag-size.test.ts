// The table has what real servers came to: keys that had been put twice were compacted at the newest revision and
// defragmented, and `etcdctl endpoint status` gave the size.

import t from 'tap';
import { DefragEstimate } from '../../src/bbolt/defrag-size.js';

/** The buckets of a server of etcd 3.4 beside that of records. They are so small that they lie in one page. */
const SMALL = {
  alarm: [],
  auth: [20],
  authRoles: [],
  authUsers: [],
  cluster: [19],
  lease: [],
  members: [150],
  members_removed: [],
  meta: [24, 36, 36],
};

const varint = (n: number): number => (n < 128 ? 1 : 1 + varint(n >> 7));

/** Returns the lengths of records of keys of 18 bytes, put twice, a hundred in a transaction. */
function recordsOf(keys: number, valueBytes: number): number[] {
  return Array.from({ length: keys }, (_, i) => {
    const created = 2 + Math.floor(i / 100);
    const modified = 2 + Math.floor((keys + i) / 100);
    return 17 + 20 + 1 + varint(created) + 1 + varint(modified) + 2 + 1 + varint(valueBytes) + valueBytes;
  });
}

function pagesOf(records: readonly number[]): number {
  const estimate = new DefragEstimate(4096);
  for (const [name, pairs] of Object.entries(SMALL)) {
    estimate.addBucket(name);
    for (const bytes of pairs) estimate.addPair(name, bytes);
  }
  for (const bytes of records) estimate.addPair('key', bytes);
  return estimate.size().pages;
}

t.test('the number of pages is that of real servers', async (t) => {
  const table: [name: string, keys: number, valueBytes: number, pages: number][] = [
    ['one page of branches', 500, 100, 29],
    ['two to a page', 1000, 1800, 511],
    ['two transactions', 15_000, 120, 765],
    ['three transactions', 22_000, 200, 1717],
    ['seven transactions', 70_000, 120, 3540],
  ];
  for (const [name, keys, valueBytes, pages] of table) t.equal(pagesOf(recordsOf(keys, valueBytes)), pages, name);
});

t.test('an empty bucket of records, and values with overflow pages', async (t) => {
  t.equal(pagesOf([]), 2 + 1 + 2);
  // A page takes two elements however large they are; bbolt leaves a page with four as it is.
  t.equal(pagesOf([10_000]), 2 + 1 + 3 + 2);
  t.equal(pagesOf([3000, 3000, 3000, 3000]), 2 + 1 + 3 + 2);
  t.equal(pagesOf([3000, 3000, 3000, 3000, 3000]), 2 + 1 + 1 + 2 + 3 + 2);
});

t.test('the file is a power of two, or up to 16 MiB longer than its pages', async (t) => {
  const estimate = new DefragEstimate(4096);
  t.same(estimate.size(), { pages: 5, bytes: 20_480, fileBytes: 32_768 });
  for (let i = 0; i < 20; i++) estimate.addPair('key', 1_000_000);
  const { bytes, fileBytes } = estimate.size();
  t.ok(bytes > 20_000_000 && fileBytes - bytes > 16_777_216 && fileBytes - bytes < 16_800_000);
});
