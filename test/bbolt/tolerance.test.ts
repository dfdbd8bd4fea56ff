// Each of the reader's checks: what bbolt does with such a file, and what mvccw does. The rule: what bbolt reads right
// is read; where bbolt panics, or would answer out of wrong bytes, the file is refused. What bbolt reads right now but
// its own check refuses, since the next write would destroy data, is refused as well where it concerns the tree, and
// told of as a problem where it does not.
//
// Pages of 1024 bytes: 2 root leaf: bucket "inl" (inline), bucket "key" → page 3; 3 branch: "a" → 4, "m" → 5;
// 4 leaf: "a", "b", "c"; 5 leaf: "m", "n".

import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { surveyFile } from '../../src/bbolt/survey.js';
import { MvccwError } from '../../src/errors.js';
import { boltFile, branchPage, bucketHeader, inlineBucket, leafPage, MemorySource, metaPage } from './make-file.js';

const SIZE = 1024;
const INLINE_VALUE_AT = 2 * SIZE + 16 + 2 * 16 + 'inl'.length;
const INLINE_PAGE_AT = INLINE_VALUE_AT + 16;

function makeFile(): Buffer {
  return boltFile(SIZE, [
    leafPage(SIZE, 2, [
      { key: 'inl', value: inlineBucket([{ key: 'i', value: '1' }]), flags: 1 },
      { key: 'key', value: bucketHeader(3), flags: 1 },
    ]),
    branchPage(SIZE, 3, [
      { key: 'a', child: 4 },
      { key: 'm', child: 5 },
    ]),
    leafPage(SIZE, 4, [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
      { key: 'c', value: '3' },
    ]),
    leafPage(SIZE, 5, [
      { key: 'm', value: '4' },
      { key: 'n', value: '5' },
    ]),
    Buffer.alloc(SIZE),
  ]);
}

const ALL = 'inl i=1 key a=1 b=2 c=3 m=4 n=5';

/** Returns all that can be read, which is the names of buckets and the pairs, or 'refused'. */
function contentsOf(file: Buffer): string {
  try {
    const bolt = new BoltFile(new MemorySource(file));
    const parts: string[] = [];
    for (const [name, bucket] of bolt.root.buckets()) {
      parts.push(name.toString());
      for (const { key, value } of bucket.entries()) {
        parts.push(`${key}=${value}`);
        t.same(bucket.get(key), value, 'a key is found');
      }
    }
    const { problems } = surveyFile(bolt);
    return [...parts, ...(problems.length > 0 ? ['problem'] : [])].join(' ');
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    return error.code === 'CORRUPT' ? 'refused' : error.code;
  }
}

const at = {
  id: (page: number) => page * SIZE,
  flags: (page: number) => page * SIZE + 8,
  count: (page: number) => page * SIZE + 10,
  overflow: (page: number) => page * SIZE + 12,
  element: (page: number, index: number) => page * SIZE + 16 + 16 * index,
};

type Damage = (file: Buffer) => void;
type Row = [check: string, damage: Damage, bbolt: string, mvccw: string];

const TABLE: readonly Row[] = [
  // metas
  ['checksum of one meta', (f) => f.writeUInt8(1, 60), 'takes the other', ALL],
  ['checksums of both metas', (f) => [60, SIZE + 60].map((o) => f.writeUInt8(1, o)), 'refuses', 'refused'],
  ['magic number of both metas', (f) => [16, SIZE + 16].map((o) => f.writeUInt8(1, o)), 'refuses', 'FORMAT'],
  ['a format version of its own', (f) => both(f, { version: 3 }), 'refuses', 'FORMAT'],
  ['a page size that is no power of two', (f) => both(f, { pageSize: 1000 }), 'reads wrong bytes', 'refused'],
  [
    'a meta 1 for another page size',
    (f) => metaPage(SIZE, 1, { pageSize: 4096, txid: 9, highWaterMark: 7 }).copy(f, SIZE),
    'reads it, with the page size of meta 0; its own writing makes no such pair',
    ALL,
  ],
  [
    'the page header of a meta',
    (f) => f.writeUInt16LE(1, at.flags(1)),
    'reads it; its check refuses',
    `${ALL} problem`,
  ],
  ['a root beyond the high-water mark', (f) => both(f, { root: 70 }), 'reads behind the end', 'refused'],
  ['a root that is a meta page', (f) => both(f, { root: 1 }), 'panics: invalid page type', 'refused'],
  [
    'a high-water mark below pages in use',
    (f) => both(f, { highWaterMark: 5 }),
    'reads it; its next write overwrites them',
    'refused',
  ],
  // page headers
  ['the id of a page', (f) => f.writeUInt8(9, at.id(4)), 'panics: page expected to be 4', 'refused'],
  ['flags of no page type', (f) => f.writeUInt16LE(3, at.flags(4)), 'panics: unexpected type', 'refused'],
  ['a freelist page in the tree', (f) => f.writeUInt16LE(16, at.flags(4)), 'panics: invalid page type', 'refused'],
  [
    'an overflow beyond the file',
    (f) => f.writeUInt32LE(9, at.overflow(4)),
    'reads it; frees pages of others',
    'refused',
  ],
  [
    'an overflow that nothing needs',
    (f) => f.writeUInt32LE(1, at.overflow(5)),
    'reads it; frees a page of others',
    'refused',
  ],
  // the table of elements
  ['a count beyond the page', (f) => f.writeUInt16LE(500, at.count(4)), 'reads wrong bytes', 'refused'],
  ['a count that is too high', (f) => f.writeUInt16LE(4, at.count(4)), 'reads wrong bytes', 'refused'],
  [
    'elements cleared off the end',
    (f) => f.writeUInt16LE(1, at.count(4)),
    'reads the others',
    'inl i=1 key a=1 m=4 n=5',
  ],
  [
    'all elements of a leaf cleared',
    (f) => f.writeUInt16LE(0, at.count(4)),
    'reads it as empty',
    'inl i=1 key m=4 n=5',
  ],
  [
    'elements of a branch cleared',
    (f) => f.writeUInt16LE(1, at.count(3)),
    'reads the other children',
    'inl i=1 key a=1 b=2 c=3',
  ],
  ['elements cleared from within', (f) => clearFirst(f, 4), 'reads the others', 'inl i=1 key b=2 c=3 m=4 n=5'],
  [
    'a last value that is too short',
    (f) => f.writeUInt32LE(0, at.element(4, 2) + 12),
    'reads a shorter value',
    'refused',
  ],
  ['a leaf that is empty', (f) => f.fill(0, at.count(4), 5 * SIZE), 'reads it as empty', 'refused'],
  ['all elements of a branch cleared', (f) => f.writeUInt16LE(0, at.count(3)), 'panics: index out of range', 'refused'],
  ['a first pos that is 1 byte off', (f) => f.writeUInt32LE(49, at.element(5, 0) + 4), 'reads wrong bytes', 'refused'],
  ['a pos that leaves a gap', (f) => f.writeUInt32LE(20, at.element(5, 1) + 4), 'reads wrong bytes', 'refused'],
  ['a pos within the table', (f) => f.writeUInt32LE(0, at.element(5, 0) + 4), 'reads wrong bytes', 'refused'],
  ['a key beyond the page', (f) => f.writeUInt32LE(5000, at.element(5, 1) + 8), 'reads wrong bytes', 'refused'],
  ['a value beyond the page', (f) => f.writeUInt32LE(5000, at.element(5, 1) + 12), 'reads wrong bytes', 'refused'],
  [
    'a value that overlaps the next key',
    (f) => f.writeUInt32LE(2, at.element(4, 0) + 12),
    'reads wrong bytes',
    'refused',
  ],
  [
    'an empty key',
    (f) => f.writeUInt32LE(0, at.element(5, 1) + 8),
    'reads it; panics when it writes the page',
    'refused',
  ],
  ['unknown flags of an element', (f) => f.writeUInt32LE(6, at.element(5, 1)), 'ignores them', ALL],
  ['unknown flags of a bucket', (f) => f.writeUInt32LE(3, at.element(2, 1)), 'ignores them', ALL],
  ['a bucket among records', (f) => f.writeUInt32LE(1, at.element(5, 1)), 'reads a nil value', 'refused'],
  ['a record among buckets', (f) => f.writeUInt32LE(0, at.element(2, 1)), 'finds no such bucket', 'refused'],
  // order
  ['keys out of order', (f) => f.write('Z', keyAt(4, 1)), 'finds wrong keys', 'refused'],
  ['a key twice', (f) => f.write('a', keyAt(4, 1)), 'finds one of them', 'refused'],
  ['a first key below that of its parent', (f) => f.write('A', keyAt(4, 0)), 'does not find it', 'refused'],
  ['a last key above the next page', (f) => f.write('z', keyAt(4, 2)), 'does not find it', 'refused'],
  ['a child that is its own ancestor', (f) => f.writeUInt8(3, at.element(3, 1) + 8), 'does not end', 'refused'],
  ['a child that two elements name', (f) => f.writeUInt8(4, at.element(3, 1) + 8), 'reads it twice', 'refused'],
  // buckets
  [
    'a root page beside an inline page',
    (f) => f.writeUInt8(4, INLINE_VALUE_AT),
    'reads page 4 as this bucket',
    'refused',
  ],
  ['the id of an inline page', (f) => f.writeUInt8(4, INLINE_PAGE_AT), 'ignores it', ALL],
  ['the overflow of an inline page', (f) => f.writeUInt8(4, INLINE_PAGE_AT + 12), 'ignores it', ALL],
  ['an inline branch', (f) => f.writeUInt8(1, INLINE_PAGE_AT + 8), 'panics: non-zero page access', 'refused'],
  [
    'an inline page with bytes left over',
    (f) => f.writeUInt8(0, INLINE_PAGE_AT + 16 + 12),
    'reads a shorter value',
    'refused',
  ],
];

function keyAt(page: number, index: number): number {
  return { 4: 16 + 3 * 16, 5: 16 + 2 * 16 }[page]! + page * SIZE + 2 * index;
}

/** Takes the first element of a leaf away as `bbolt surgery` does: what is left moves down, and nothing else changes. */
function clearFirst(file: Buffer, page: number): void {
  const whole = file.subarray(page * SIZE, (page + 1) * SIZE);
  const shorter = leafPage(SIZE, page, [
    { key: 'b', value: '2' },
    { key: 'c', value: '3' },
  ]);
  shorter.copy(whole, 0, 0, 16 + 2 * 16 + 4);
}

function both(file: Buffer, fields: Parameters<typeof metaPage>[2]): void {
  for (const id of [0, 1]) metaPage(SIZE, id, { highWaterMark: 7, ...fields }).copy(file, id * SIZE);
}

t.equal(contentsOf(makeFile()), ALL);

for (const [check, damage, bbolt, mvccw] of TABLE) {
  t.test(`${check}: bbolt ${bbolt}`, async (t) => {
    const file = makeFile();
    damage(file);
    t.equal(contentsOf(file), mvccw);
  });
}

t.test('a bucket header that is too short: bbolt reads behind it', async (t) => {
  t.equal(contentsOf(boltFile(SIZE, [leafPage(SIZE, 2, [{ key: 'key', value: 'short', flags: 1 }])])), 'refused');
});

t.test('the pages from which elements were cleared are known', async (t) => {
  const file = makeFile();
  file.writeUInt16LE(1, at.count(4));
  file.writeUInt16LE(0, at.count(5));
  for (const damage of [(f: Buffer) => clearFirst(f, 4)]) {
    const other = makeFile();
    damage(other);
    const { root, pages } = new BoltFile(new MemorySource(other));
    for (const [, bucket] of root.buckets()) for (const _ of bucket.entries());
    t.strictSame([...pages.cleared], [4]);
  }
  const bolt = new BoltFile(new MemorySource(file));
  surveyFile(bolt);
  t.strictSame([...bolt.pages.cleared], [4, 5]);
});
