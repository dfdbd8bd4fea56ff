import t, { type Test } from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { BoltWriter } from '../../src/bbolt/bolt-writer.js';
import { type FileUsage, measurePages } from '../../src/bbolt/page-usage.js';
import { surveyFile } from '../../src/bbolt/survey.js';
import fc from '../support/fast-check.js';
import { draws } from '../support/random.js';
import { madeByBbolt } from './made-by-bbolt.js';
import { boltFile, bucketHeader, freelistPage, inlineBucket, leafPage, MemorySource } from './make-file.js';
import { MemorySink } from './memory-sink.js';

/** Measures a file, and checks that its parts come to its length. */
function measure(t: Test, bytes: Buffer, main: string, digestBytes = 0): { file: BoltFile; usage: FileUsage } {
  const file = new BoltFile(new MemorySource(bytes));
  let pairs = 0;
  const usage = measurePages(
    file,
    main,
    (onPage) => {
      for (const { key, value } of file.bucket(main)!.entries({}, onPage)) pairs += key.length + value.length;
    },
    digestBytes,
  );
  const parts = Object.values(usage.parts);
  t.equal(
    parts.reduce((sum, part) => sum + part.bytes, 0),
    bytes.length,
    'the parts add up',
  );
  t.ok(
    parts.every((part) => part.bytes >= 0),
    'no part is negative',
  );
  t.equal(usage.parts.records.bytes, pairs);
  return { file, usage };
}

t.test('a file of any buckets, with what may stand behind its pages', async (t) => {
  const pairs = fc.array(fc.oneof({ weight: 5, arbitrary: fc.nat(200) }, fc.nat(9000)), { maxLength: 60 });
  const buckets = fc.record({ alarm: pairs, key: pairs, lease: pairs });
  const behind = fc.record({ pages: fc.nat(3), stray: fc.nat(500), digest: fc.constantFrom(0, 32) });
  const property = fc.property(
    buckets,
    behind,
    fc.constantFrom(1024, 4096),
    (drawn, { pages, stray, digest }, pageSize) => {
      const sink = new MemorySink();
      const writer = new BoltWriter(sink, pageSize);
      for (const [name, sizes] of Object.entries(drawn)) {
        writer.beginBucket(name);
        for (const [i, size] of sizes.entries())
          writer.put(Buffer.from(String(i).padStart(17, '0')), Buffer.alloc(size));
      }
      writer.end();
      const bytes = Buffer.concat([sink.bytes(), Buffer.alloc(pages * pageSize + stray + digest)]);
      const { file, usage } = measure(t, bytes, 'key', digest);
      const survey = surveyFile(file);
      t.match(usage.parts, {
        neverUsed: { pages },
        stray: { bytes: stray },
        digest: { bytes: digest },
        free: { pages: 0 },
      });
      t.match(usage, { branchPages: survey.pagesByType.branch, leafPages: survey.pagesByType.leaf });
      t.equal(usage.overflowPages, survey.pagesByType.overflow);
      for (const [i, { keys, keyBytes, valueBytes, inline }] of survey.buckets.entries()) {
        t.match(usage.buckets[i], { keys, pairBytes: keyBytes + valueBytes, inline });
      }
    },
  );
  fc.assert(property, { numRuns: draws(20, 1000) });
});

t.test('a file that bbolt has made, with free pages', async (t) => {
  const bytes = madeByBbolt();
  // The pairs of a bucket that holds others cannot be read alone.
  const flat = surveyFile(new BoltFile(new MemorySource(bytes))).buckets.filter(({ buckets }) => buckets.length === 0);
  t.ok(flat.length > 0);
  for (const name of flat.map((bucket) => bucket.name.toString())) {
    const { file, usage } = measure(t, bytes, name);
    const { pagesByType, lostPages } = surveyFile(file);
    t.match(usage.parts, {
      free: { pages: pagesByType.free },
      freelist: { pages: pagesByType.freelist },
      lost: { pages: lostPages },
    });
    t.match(usage, { branchPages: pagesByType.branch, leafPages: pagesByType.leaf, problems: [] });
  }
});

t.test('lists of free pages that are wrong', async (t) => {
  const root = leafPage(1024, 2, [
    { key: 'key', value: bucketHeader(3), flags: 1 },
    { key: 'small', value: inlineBucket([{ key: 'a', value: 'b' }]), flags: 1 },
  ]);
  const key = leafPage(1024, 3, [{ key: 'k', value: 'v' }]);
  const of = (list: Buffer, freelist: bigint) =>
    measure(t, boltFile(1024, [root, key, list, Buffer.alloc(1024)], { root: 2, freelist, highWaterMark: 6 }), 'key')
      .usage;
  t.match(of(freelistPage(1024, 4, [5]), 4n), { parts: { free: { pages: 1 }, freelist: { pages: 1 } }, problems: [] });
  const lost = of(freelistPage(1024, 4, []), 4n);
  t.match(lost, {
    parts: { free: { pages: 0 }, lost: { pages: 1 } },
    problems: [/^neither the tree nor the freelist/],
  });
  t.match(of(Buffer.alloc(1024), 4n), { parts: { free: { pages: 2 } }, problems: [/^the freelist cannot be read/] });
  t.match(of(freelistPage(1024, 4, [3, 5]), 4n), {
    parts: { free: { pages: 1 } },
    problems: [/page 3, which the file uses/],
  });
  t.match(of(Buffer.alloc(1024), 3n), { problems: [/^the freelist cannot be read/] });
  t.match(lost.buckets, [
    { name: 'key', inline: false, keys: 1, pairBytes: 2, leafPages: 1 },
    { name: 'small', inline: true, keys: 1, pairBytes: 2, leafPages: 0 },
  ]);
});
