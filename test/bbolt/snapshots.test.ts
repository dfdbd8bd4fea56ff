// The reader must find in every real database what the bbolt library itself found in it.

import { createHash } from 'node:crypto';
import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import type { Pair } from '../../src/bbolt/bucket.js';
import type { PageSource } from '../../src/bbolt/page-source.js';
import { type FileSurvey, surveyFile } from '../../src/bbolt/survey.js';
import { type ExpectedBucket, expectedOf, snapshotBytes, snapshotNames } from '../support/snapshots.js';
import { MemorySource } from './make-file.js';

/** Returns a hash over all keys and values, each with its length as u32 BE before it. */
function digest(pairs: readonly Pair[]): string {
  const hash = createHash('sha256');
  const length = Buffer.alloc(4);
  for (const { key, value } of pairs) {
    for (const bytes of [key, value]) {
      length.writeUInt32BE(bytes.length);
      hash.update(length).update(bytes);
    }
  }
  return hash.digest('hex');
}

function asExpected(survey: FileSurvey['buckets'][number], pairs: readonly Pair[]): Omit<ExpectedBucket, 'records'> {
  const { name, maxValueBytes, sequence, buckets: _, ...counts } = survey;
  return {
    ...counts,
    name: name.toString(),
    maxValue: maxValueBytes,
    sequence: Number(sequence),
    sha256: digest(pairs),
    ...(pairs.length > 0 && {
      firstKeyHex: pairs[0]!.key.toString('hex'),
      lastKeyHex: pairs.at(-1)!.key.toString('hex'),
    }),
  };
}

for (const name of snapshotNames()) {
  const expected = expectedOf(name)?.bolt;
  if (expected === undefined) continue;

  t.test(name, async (t) => {
    const file = new BoltFile(new MemorySource(snapshotBytes(name)));
    const survey = surveyFile(file);
    t.match(survey, {
      fileSizeBytes: expected.fileSize,
      pageSize: expected.pageSize,
      txSizeBytes: expected.txSize,
      highWaterMark: expected.txSize / expected.pageSize,
      txid: expected.txid,
      lostPages: 0,
    });
    t.same(survey.pagesByType, { branch: 0, freelist: 0, ...expected.pagesByType });
    t.equal(survey.pagesByType.free, expected.freePages);

    t.equal(survey.buckets.length, expected.buckets.length);
    for (const [i, { records, ...bucket }] of expected.buckets.entries()) {
      const read = file.bucket(bucket.name)!;
      const pairs = [...read.entries()];
      t.same(asExpected(survey.buckets[i]!, pairs), bucket, bucket.name);
      t.equal(read.size(), bucket.keys);
      t.equal(read.last()?.key.toString('hex'), bucket.lastKeyHex);
      const base64 = pairs.map(({ key, value }) => ({ key: key.toString('base64'), value: value.toString('base64') }));
      if (records !== undefined) t.same(base64, records, `${bucket.name}: records`);
      const wrong = pairs.filter(({ key, value }) => !read.get(key)?.equals(value));
      t.same(wrong, [], `${bucket.name}: every key is found`);
    }
  });
}

t.test('bench-100k: three levels', async (t) => {
  const file = new BoltFile(new MemorySource(snapshotBytes('bench-100k')), { cacheBytes: 64 * 1024 });
  const { pagesByType, buckets, highWaterMark } = surveyFile(file);
  t.same(pagesByType, { meta: 2, branch: 54, leaf: 5884, overflow: 0, freelist: 0, free: 4 });
  t.equal(highWaterMark, 5944);
  const key = buckets.find(({ name }) => name.toString() === 'key')!;
  t.match(key, { keys: 100_000, depth: 3, branchPages: 54, leafPages: 5883 });
  t.equal(file.bucket('key')!.size(), 100_000);
});

t.test('bench-100k: a scan takes few reads, and leaves the pages that were kept before', async (t) => {
  const source = new MemorySource(snapshotBytes('bench-100k'));
  let reads = 0;
  const counting: PageSource = {
    sizeBytes: source.sizeBytes,
    read: (offset, length) => {
      reads++;
      return source.read(offset, length);
    },
  };
  const key = new BoltFile(counting, { cacheBytes: 64 * 1024 }).bucket('key')!;
  const last = key.last()!;
  reads = 0;
  let pairs = 0;
  for (const _ of key.entries()) pairs++;
  t.equal(pairs, 100_000);
  t.ok(reads < 5944 / 8, `${reads} reads of 5944 pages`);
  reads = 0;
  t.equal(key.get(last.key)?.toString('hex'), last.value.toString('hex'));
  t.equal(reads, 0, 'the page of the last pair is still there');
});
