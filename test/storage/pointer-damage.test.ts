// Every pointer of a file leads to every page in turn, and every count is too low: each command gives the answer of the
// undamaged file, or refuses, or says what may be missing.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { BranchPage } from '../../src/bbolt/branch-page.js';
import type { Bucket } from '../../src/bbolt/bucket.js';
import { fnv64a } from '../../src/bbolt/fnv.js';
import type { LeafPage } from '../../src/bbolt/leaf-page.js';
import { MvccwError } from '../../src/errors.js';
import { storeStatus } from '../../src/inspect/status.js';
import { withDatabase } from '../../src/storage/database.js';
import { MemorySource } from '../bbolt/make-file.js';
import { temporaryFolder } from '../support/run-cli.js';
import { snapshotBytes } from '../support/snapshots.js';

const DIGEST_BYTES = 32;
const ORIGINAL = snapshotBytes('nocompact-35').subarray(0, -DIGEST_BYTES);
const { pageSize, highWaterMark } = new BoltFile(new MemorySource(ORIGINAL)).meta;
const PATH = join(temporaryFolder(t), 'db');

/** Returns what is answered out of a file: 'refused', the words of a remark, or the answer itself. */
async function answerOf(file: Buffer): Promise<string> {
  writeFileSync(PATH, file);
  const remarks: string[] = [];
  try {
    const answer = await withDatabase(
      PATH,
      async ({ store, origin }) => {
        const { hash } = store.hash();
        const leases = [...store.leases.list()].map(({ id, ttlSeconds }) => `${id}: ${ttlSeconds}`);
        return JSON.stringify([hash, storeStatus(store, { indexed: false }), origin, leases]);
      },
      {
        onRemark: (remark) => {
          remarks.push(remark);
        },
      },
    );
    return remarks.length > 0 ? 'told' : answer;
  } catch (error) {
    if (error instanceof MvccwError && (error.code === 'CORRUPT' || error.code === 'FORMAT')) return 'refused';
    throw error;
  }
}

/** Every page of the tree, with the name of its bucket. */
function* pagesInUse(): Iterable<{ bucket: string; page: BranchPage | LeafPage }> {
  const bolt = new BoltFile(new MemorySource(ORIGINAL));
  const buckets: [name: string, bucket: Bucket][] = [['', bolt.root]];
  for (const [name, bucket] of bolt.root.buckets()) buckets.push([name.toString(), bucket]);
  for (const [bucket, tree] of buckets) {
    const pages: (BranchPage | LeafPage)[] = [];
    for (const _ of tree.leaves((page) => pages.push(page))) void _;
    for (const page of pages) yield { bucket, page };
  }
}

/** The places of all page ids in the tree and in the metas. */
function* pointers(): Iterable<{ what: string; at: number }> {
  for (const id of [0, 1]) yield { what: `the root of meta ${id}`, at: id * pageSize + 32 };
  for (const { bucket, page } of pagesInUse()) {
    for (let i = 0; i < page.count; i++) {
      const element = page.place.offset + 16 + 16 * i;
      if (page instanceof BranchPage) yield { what: `element ${i} of a branch of ${bucket}`, at: element + 8 };
      else if (bucket === '') yield { what: `bucket ${page.key(i)}`, at: page.place.offset + page.valueStart(i) };
    }
  }
}

/** Writes a page id, and the checksums of the metas. */
function pointed(at: number, pgid: number): Buffer {
  const file = Buffer.from(ORIGINAL);
  file.writeBigUInt64LE(BigInt(pgid), at);
  for (const body of [file.subarray(16, 80), file.subarray(pageSize + 16, pageSize + 80)]) {
    body.writeBigUInt64LE(fnv64a(body.subarray(0, 56)), 56);
  }
  return file;
}

t.test('pointers', async (t) => {
  const right = await answerOf(ORIGINAL);
  t.match(right, /^\[\d+,/);
  const wrong: string[] = [];
  for (const { what, at } of pointers()) {
    for (let pgid = 0; pgid <= highWaterMark; pgid++) {
      const answer = await answerOf(pointed(at, pgid));
      if (answer !== right && answer !== 'refused' && answer !== 'told') wrong.push(`${what} to page ${pgid}`);
    }
  }
  // The first leaf holds the beginning of the history, and nothing says that there is more.
  t.strictSame(wrong, ['bucket key to page 4']);
});

t.test('counts', async (t) => {
  for (const { bucket, page } of pagesInUse()) {
    for (const count of new Set([0, 1, page.count - 1])) {
      const file = Buffer.from(ORIGINAL);
      file.writeUInt16LE(count, page.place.offset + 10);
      if (count === page.count) continue;
      t.match(await answerOf(file), /^(told|refused)$/, `page ${page.place.pgid} of ${bucket}: ${count} elements`);
    }
  }
});
