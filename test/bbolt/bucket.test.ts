import { createHash } from 'node:crypto';
import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import type { Bucket, Pair } from '../../src/bbolt/bucket.js';
import { type FileSurvey, surveyFile } from '../../src/bbolt/survey.js';
import type { ByteRange } from '../../src/bytes/byte-range.js';
import fc from '../support/fast-check.js';
import { madeByBbolt } from './made-by-bbolt.js';
import {
  boltFile,
  branchPage,
  bucketHeader,
  inlineBucket,
  type LeafEntry,
  leafPage,
  MemorySource,
} from './make-file.js';

const SIZE = 1024;

function text(pair: Pair | undefined): string | undefined {
  return pair && `${pair.key.toString('latin1')}=${pair.value.toString('latin1')}`;
}

function texts(pairs: Iterable<Pair>): (string | undefined)[] {
  return [...pairs].map(text);
}

function range(gte: string | undefined, lt: string | undefined): ByteRange {
  return {
    ...(gte !== undefined && { gte: Buffer.from(gte, 'latin1') }),
    ...(lt !== undefined && { lt: Buffer.from(lt, 'latin1') }),
  };
}

function bucketOf(root: LeafEntry[]): Bucket {
  return new BoltFile(new MemorySource(boltFile(SIZE, [leafPage(SIZE, 2, root)]))).bucket('b')!;
}

t.test('an empty bucket', async (t) => {
  for (const empty of [
    bucketOf([{ key: 'b', value: inlineBucket([]), flags: 1 }]),
    new BoltFile(
      new MemorySource(
        boltFile(SIZE, [leafPage(SIZE, 2, [{ key: 'b', value: bucketHeader(3), flags: 1 }]), leafPage(SIZE, 3, [])]),
      ),
    ).bucket('b')!,
  ]) {
    t.same(texts(empty.entries()), []);
    t.equal(empty.get(Buffer.from('a')), undefined);
    t.equal(empty.last(), undefined);
    t.equal(empty.size(), 0);
    t.equal(empty.bucket(Buffer.from('a')), undefined);
    t.same([...empty.buckets()], []);
  }
});

t.test('an inline bucket', async (t) => {
  const value = inlineBucket(
    [
      { key: 'a', value: '1' },
      { key: 'c', value: '' },
      { key: 'c\0', value: '3' },
    ],
    2n ** 64n - 1n,
  );
  const bucket = bucketOf([{ key: 'b', value, flags: 1 }]);
  t.equal(bucket.inline, true);
  t.equal(bucket.sequence, 2n ** 64n - 1n);
  t.same(texts(bucket.entries()), ['a=1', 'c=', 'c\0=3']);
  t.same(texts(bucket.entries(range('b', 'c\0'))), ['c=']);
  t.same(texts(bucket.entries(range('c', 'a'))), []);
  t.equal(text(bucket.last(range(undefined, 'c\0'))), 'c=');
  t.equal(text(bucket.last(range('b', 'c'))), undefined);
  t.equal(bucket.get(Buffer.from('c'))?.length, 0);
  t.equal(bucket.size(), 3);
});

t.test('a bucket that is not there', async (t) => {
  const file = new BoltFile(new MemorySource(boltFile(SIZE, [leafPage(SIZE, 2, [])])));
  t.equal(file.bucket('key'), undefined);
});

// The tree has random contents and a random shape.

interface Shape {
  keys: string[];
  /** The number of children of each branch and of keys of each leaf, taken in turn. */
  widths: number[];
  branchWidths: number[];
}

const shapes = fc.record({
  keys: fc
    .uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\xff', 'k'), minLength: 1, maxLength: 6 }), {
      maxLength: 120,
    })
    .map((keys) => keys.sort()),
  widths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
  branchWidths: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
});

function inTurn<T>(values: readonly T[]): () => T {
  let at = 0;
  return () => values[at++ % values.length]!;
}

function treeOf({ keys, widths, branchWidths }: Shape): Bucket {
  const pages: Buffer[] = [];
  let nextId = 3;
  const addPage = (make: (id: number) => Buffer) => {
    const id = nextId;
    const page = make(id);
    pages.push(page);
    nextId += page.length / SIZE;
    return id;
  };

  const width = inTurn(widths);
  let level: { key: string; child: number }[] = [];
  for (let at = 0; at < keys.length; ) {
    const part = keys.slice(at, at + width());
    at += part.length;
    const child = addPage((id) =>
      leafPage(
        SIZE,
        id,
        part.map((key) => ({ key, value: valueFor(key) })),
      ),
    );
    level.push({ key: part[0]!, child });
  }
  if (level.length === 0) level = [{ key: 'a', child: addPage((id) => leafPage(SIZE, id, [])) }];
  const branchWidth = inTurn(branchWidths);
  for (let first = keys.length > 0; level.length > 1 || first; first = false) {
    const above: typeof level = [];
    for (let at = 0; at < level.length; ) {
      const part = level.slice(at, at + Math.max(branchWidth(), first ? 1 : 2));
      at += part.length;
      above.push({ key: part[0]!.key, child: addPage((id) => branchPage(SIZE, id, part)) });
    }
    level = above;
  }
  const root = leafPage(SIZE, 2, [{ key: 'b', value: bucketHeader(level[0]!.child), flags: 1 }]);
  return new BoltFile(new MemorySource(boltFile(SIZE, [root, ...pages])), { cacheBytes: 16 * SIZE }).bucket('b')!;
}

/** Returns the value of a key; some values are longer than a page. */
function valueFor(key: string): string {
  return key.repeat(key.includes('k') ? 200 : 3);
}

t.test('property: any tree answers as a sorted list does', async (t) => {
  const bound = fc.option(fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\xff', 'k'), maxLength: 6 }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(shapes, fc.array(fc.tuple(bound, bound), { maxLength: 20 }), (shape, bounds) => {
      const bucket = treeOf(shape);
      const { keys } = shape;
      t.equal(bucket.size(), keys.length);
      for (const key of keys) t.equal(bucket.get(Buffer.from(key, 'latin1'))?.toString('latin1'), valueFor(key));
      for (const [gte, lt] of [[undefined, undefined] as const, ...bounds]) {
        const model = keys
          .filter((key) => (gte === undefined || key >= gte) && (lt === undefined || key < lt))
          .map((key) => `${key}=${valueFor(key)}`);
        t.same(texts(bucket.entries(range(gte, lt))), model);
        t.equal(text(bucket.last(range(gte, lt))), model.at(-1));
        if (gte !== undefined) {
          t.equal(bucket.get(Buffer.from(gte, 'latin1')) !== undefined, keys.includes(gte));
        }
      }
    }),
    { numRuns: 60 },
  );
});

function digest(pairs: Iterable<[key: Buffer, value: Buffer]>): string {
  const hash = createHash('sha256');
  const length = Buffer.alloc(4);
  for (const pair of pairs) {
    for (const bytes of pair) {
      length.writeUInt32BE(bytes.length);
      hash.update(length).update(bytes);
    }
  }
  return hash.digest('hex');
}

t.test('a file with nested buckets and a freelist, made by bbolt', async (t) => {
  const file = new BoltFile(new MemorySource(madeByBbolt()));
  const { pagesByType, lostPages, buckets } = surveyFile(file);
  t.same(pagesByType, { meta: 2, branch: 1, leaf: 5, overflow: 19, freelist: 1, free: 4 });
  t.equal(lostPages, 0);

  const shown: string[] = [];
  const show = (bucket: FileSurvey['buckets'][number], path: string) => {
    const { keys, depth, branchPages, leafPages, leafOverflowPages, inline, sequence } = bucket;
    shown.push(
      `${path}${bucket.name} keys ${keys} depth ${depth} pages ${branchPages} ${leafPages}+${leafOverflowPages}` +
        `${inline ? ' inline' : ''} sequence ${sequence}`,
    );
    for (const inner of bucket.buckets) show(inner, `${path}${bucket.name}/`);
  };
  for (const bucket of buckets) show(bucket, '');
  t.same(shown, [
    'big keys 5 depth 2 pages 1 2+19 sequence 0',
    'mixed keys 3 depth 1 pages 0 1+0 sequence 1152921504606846983',
    'mixed/inner keys 1 depth 1 pages 0 1+0 sequence 0',
    'mixed/inner/deeper keys 1 depth 1 pages 0 0+0 inline sequence 1',
    'void keys 0 depth 1 pages 0 0+0 inline sequence 0',
  ]);
  t.equal(
    digest([...file.bucket('big')!.entries()].map(({ key, value }) => [key, value])),
    '5569ebbeca0ac01d53d1c2095f0ead026feb1ff650090f9d6d46e4843282568b',
  );

  const mixed = file.bucket('mixed')!;
  t.equal(mixed.get(Buffer.from('z'))?.toString(), '2');
  t.equal(text(mixed.bucket(Buffer.from('inner'))!.bucket(Buffer.from('deeper'))!.last()), 'x=y');
  t.throws(() => [...mixed.entries()], { code: 'CORRUPT', message: /"inner" is a bucket, expected a value$/ });
  t.throws(() => mixed.get(Buffer.from('inner')), { code: 'CORRUPT' });
  t.throws(() => mixed.last(range(undefined, 'innes')), { code: 'CORRUPT' });
  t.throws(() => mixed.bucket(Buffer.from('a')), { code: 'CORRUPT', message: /"a" is a value, expected a bucket$/ });
});
