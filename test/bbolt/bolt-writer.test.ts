// What is written is read back: by the reader, whose survey finds each page in use once and in order, and none free.

import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { BoltWriter } from '../../src/bbolt/bolt-writer.js';
import { MAX_PAGE_SIZE, MIN_PAGE_SIZE } from '../../src/bbolt/meta.js';
import { surveyFile } from '../../src/bbolt/survey.js';
import fc from '../support/fast-check.js';
import { MemorySource } from './make-file.js';
import { MemorySink } from './memory-sink.js';

/** The metas, the branch page of the bucket, and the page of all buckets. */
const OTHER_PAGES = 4;

type Pairs = readonly (readonly [key: string, value: Buffer])[];

function write(buckets: Readonly<Record<string, Pairs>>, pageSize?: number): { file: BoltFile; bytes: Buffer } {
  const sink = new MemorySink();
  const writer = new BoltWriter(sink, pageSize);
  for (const [name, pairs] of Object.entries(buckets)) {
    writer.beginBucket(name);
    for (const [key, value] of pairs) writer.put(Buffer.from(key, 'latin1'), value);
  }
  const sizeBytes = writer.end();
  const bytes = sink.bytes();
  t.equal(bytes.length, sizeBytes);
  return { file: new BoltFile(new MemorySource(bytes)), bytes };
}

function read(file: BoltFile, name: string): Pairs {
  return [...file.bucket(name)!.entries()].map(({ key, value }) => [key.toString('latin1'), value]);
}

/** Tells whether a bucket has these pairs; a comparison by the test library would take longer than all of the test. */
function holds(file: BoltFile, name: string, pairs: Pairs): boolean {
  const found = read(file, name);
  return (
    found.length === pairs.length &&
    pairs.every(([key, value], i) => key === found[i]![0] && value.equals(found[i]![1]))
  );
}

function numbered(count: number, sizeOf: (i: number) => number): Pairs {
  return Array.from({ length: count }, (_, i) => [String(i).padStart(8, '0'), Buffer.alloc(sizeOf(i), i)]);
}

/** Checks the file, and returns its survey without what differs from file to file. */
function sound(file: BoltFile): ReturnType<typeof surveyFile> {
  const survey = surveyFile(file);
  t.strictSame(survey.problems, []);
  t.equal(survey.pagesByType.free, 0);
  t.equal(survey.lostPages, 0);
  t.equal(survey.fileSizeBytes, survey.txSizeBytes);
  t.equal(file.metaRemark, undefined);
  return survey;
}

t.test('a bucket without pairs, a small one, and one with a tree of three levels', async (t) => {
  const buckets = { empty: [], key: numbered(60_000, () => 100), small: numbered(3, () => 40) };
  const { file } = write(buckets);
  const { buckets: surveys, pagesByType } = sound(file);
  t.match(surveys, [
    { keys: 0, inline: true },
    { keys: 60_000, depth: 3, inline: false },
    { keys: 3, inline: true },
  ]);
  t.strictSame(pagesByType, { meta: 2, branch: 13, leaf: 1876, overflow: 0, freelist: 0, free: 0 });
  for (const [name, pairs] of Object.entries(buckets)) t.ok(holds(file, name, pairs), name);
  t.equal(file.bucket('key')!.get(Buffer.from('00051234'))![0], 51_234 % 256);
});

t.test('a file without buckets', async () => {
  const { file } = write({});
  t.strictSame(sound(file).buckets, []);
});

t.test('both metas are those of a snapshot, so that each of them alone leads to all', async (t) => {
  const { bytes } = write({ key: numbered(100, () => 100) });
  for (const meta of [0, 1]) {
    const copy = Buffer.from(bytes);
    copy.fill(0, meta * 4096, (meta + 1) * 4096);
    const file = new BoltFile(new MemorySource(copy));
    t.equal(file.meta.txid, meta === 0 ? 1 : 2);
    t.equal(file.bucket('key')!.size(), 100);
  }
});

t.test('large values: overflow pages are taken, and little of them is left empty', async (t) => {
  for (const size of [1500, 2200, 3100, 5000, 12_000, 70_000, 1_500_000]) {
    const pairs = numbered(40, (i) => size + i);
    const { file, bytes } = write({ key: pairs });
    sound(file);
    t.ok(holds(file, 'key', pairs), `${size}`);
    const leafBytes = bytes.length - OTHER_PAGES * 4096;
    t.ok(40 * size > 0.7 * leafBytes, `${size}: ${(40 * size) / leafBytes} of the leaf pages are values`);
  }
});

t.test('pages of each size', async (t) => {
  const pairs = numbered(500, (i) => (i % 7) * 100);
  for (let pageSize = MIN_PAGE_SIZE; pageSize <= MAX_PAGE_SIZE / 4; pageSize *= 4) {
    const { file } = write({ key: pairs }, pageSize);
    sound(file);
    t.equal(file.meta.pageSize, pageSize);
    t.ok(holds(file, 'key', pairs), `${pageSize}`);
  }
});

t.test('any pairs, in pages so small that keys need overflow pages too', async () => {
  const keys = fc.oneof(
    { weight: 3, arbitrary: fc.nat(1_000_000).map(String) },
    { weight: 1, arbitrary: fc.integer({ min: 300, max: 3000 }).map((length) => 'k'.repeat(length)) },
  );
  const pairs = fc
    .uniqueArray(fc.tuple(keys, fc.nat(3000)), { selector: ([key]) => key, maxLength: 200, size: 'max' })
    .map((drawn) => drawn.sort(([a], [b]) => (a < b ? -1 : 1)))
    .map((drawn): Pairs => drawn.map(([key, size]) => [key, Buffer.alloc(size, size)]));
  fc.assert(
    fc.property(pairs, pairs, (a, b) => {
      const { file } = write({ a, b }, MIN_PAGE_SIZE);
      sound(file);
      t.ok(holds(file, 'a', a) && holds(file, 'b', b));
    }),
    { numRuns: 15 },
  );
});

t.test('what is out of order is a bug of the caller', async (t) => {
  t.throws(() => write({ b: [], a: [] }), /the keys ascend/);
  t.throws(
    () =>
      write({
        a: [
          ['b', Buffer.alloc(0)],
          ['b', Buffer.alloc(0)],
        ],
      }),
    /the keys ascend/,
  );
  t.throws(() => write({ a: [['', Buffer.alloc(0)]] }), /no empty keys/);
  t.throws(() => new BoltWriter(new MemorySink()).put(Buffer.from('a'), Buffer.alloc(0)), /a bucket has begun/);
});
