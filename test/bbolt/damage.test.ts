// One kind of damage at a time, in a file made by hand, and what is said of it. Pages of 1024 bytes:
//
//   2 root leaf: bucket "inl" (inline: "i" → "1"), bucket "key" → page 3
//   3 branch: "a" → 4, "m" → 5
//   4 leaf: "a" → "1", "b" → "22"      5, 6 leaf with one overflow page: "m" → "3", "n" → 1500 bytes

import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { type FileSurvey, surveyFile } from '../../src/bbolt/survey.js';
import { MvccwError } from '../../src/errors.js';
import {
  BRANCH,
  boltFile,
  branchPage,
  bucketHeader,
  freelistPage,
  inlineBucket,
  type LeafEntry,
  leafPage,
  MemorySource,
  type MetaFields,
} from './make-file.js';

const SIZE = 1024;

const ROOT: LeafEntry[] = [
  { key: 'inl', value: inlineBucket([{ key: 'i', value: '1' }]), flags: 1 },
  { key: 'key', value: bucketHeader(3), flags: 1 },
];
const LEAF_4: LeafEntry[] = [
  { key: 'a', value: '1' },
  { key: 'b', value: '22' },
];
const LEAF_5: LeafEntry[] = [
  { key: 'm', value: '3' },
  { key: 'n', value: Buffer.alloc(1500, 'v') },
];
const BRANCHES = [
  { key: 'a', child: 4 },
  { key: 'm', child: 5 },
];

interface Parts {
  root?: LeafEntry[];
  branch?: { key: string; child: number }[];
  leaf4?: LeafEntry[];
  leaf5?: LeafEntry[];
  more?: Buffer[];
  meta?: MetaFields;
}

function makeFile({ root = ROOT, branch = BRANCHES, leaf4 = LEAF_4, leaf5 = LEAF_5, more = [], meta }: Parts = {}) {
  const pages = [
    leafPage(SIZE, 2, root),
    branchPage(SIZE, 3, branch),
    leafPage(SIZE, 4, leaf4),
    leafPage(SIZE, 5, leaf5),
    ...more,
  ];
  return boltFile(SIZE, pages, meta);
}

/** Reads everything twice: through the buckets, as a caller does, and by a survey. */
function readAll(file: Buffer): FileSurvey {
  const bolt = new BoltFile(new MemorySource(file));
  for (const [, bucket] of bolt.root.buckets()) for (const _ of bucket.entries());
  return surveyFile(bolt);
}

function messageOf(file: Buffer): string {
  try {
    const { problems } = readAll(file);
    return problems.length === 0 ? 'no error' : problems.join('; ');
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    return error.code === 'CORRUPT' ? error.message : `${error.code} ${error.message}`;
  }
}

/** The byte offsets of the parts of a page. */
const at = {
  flags: (page: number) => page * SIZE + 8,
  count: (page: number) => page * SIZE + 10,
  overflow: (page: number) => page * SIZE + 12,
  element: (page: number, index: number) => page * SIZE + 16 + 16 * index,
};

t.test('without damage', async (t) => {
  const { pagesByType, buckets, lostPages, freelistChecked, problems, ...file } = readAll(makeFile());
  t.same(pagesByType, { meta: 2, branch: 1, leaf: 3, overflow: 1, freelist: 0, free: 0 });
  t.equal(lostPages, 0);
  t.equal(freelistChecked, false);
  t.same(problems, []);
  t.same(file, { fileSizeBytes: 7 * SIZE, pageSize: SIZE, txid: 1, highWaterMark: 7, txSizeBytes: 7 * SIZE });
  t.same(
    buckets.map(({ name, keys, depth, inline }) => [String(name), keys, depth, inline]),
    [
      ['inl', 1, 1, true],
      ['key', 4, 2, false],
    ],
  );
});

t.test('bytes overwritten in place', async (t) => {
  const table: [damage: (file: Buffer) => void, message: string][] = [
    // page headers
    [(f) => f.writeUInt32LE(9, 4 * SIZE), 'page 4 (byte 4096): its header says page 9, expected 4'],
    [
      (f) => f.writeBigUInt64LE(2n ** 64n - 1n, 4 * SIZE),
      'page 4 (byte 4096): its header says page 18446744073709551615, expected 4',
    ],
    [(f) => f.writeUInt16LE(3, at.flags(4)), 'page 4 (byte 4096): expected a branch or leaf page, found flags 0x03'],
    [(f) => f.writeUInt16LE(0, at.flags(3)), 'page 3 (byte 3072): expected a branch or leaf page, found flags 0x00'],
    [(f) => f.writeUInt16LE(4, at.flags(4)), 'page 4 (byte 4096): expected a branch or leaf page, found a meta page'],
    [
      (f) => f.writeUInt16LE(16, at.flags(2)),
      'page 2 (byte 2048): expected a branch or leaf page, found a freelist page',
    ],
    [
      (f) => f.writeUInt16LE(BRANCH, at.flags(4)),
      'page 4 (byte 4096), element 0 (byte 4112): its key starts at byte 16 of the page, expected 48',
    ],
    [(f) => f.writeUInt16LE(1, SIZE + 8), 'page 1 (byte 1024): expected a meta page, found a branch page'],
    [(f) => f.writeUInt16LE(5, 0), 'page 0 (byte 0): its header says page 5, expected 0'],
    // overflow
    [
      (f) => f.writeUInt32LE(9, at.overflow(4)),
      'page 4 (byte 4096): it has 9 overflow pages, beyond the high-water mark 7',
    ],
    [
      (f) => f.writeUInt32LE(0xffffffff, at.overflow(4)),
      'page 4 (byte 4096): it has 4294967295 overflow pages, beyond the high-water mark 7',
    ],
    [(f) => f.writeUInt32LE(2, at.overflow(4)), 'page 4 (byte 4096): 2 overflow pages for 53 bytes of content'],
    [
      (f) => f.writeUInt32LE(0, at.overflow(5)),
      'page 5 (byte 5120), element 1 (byte 5152): its data ends at byte 1551 of the page, which has 1024',
    ],
    // elements
    [(f) => f.writeUInt16LE(64, at.count(4)), 'page 4 (byte 4096): 64 elements do not fit in its 1024 bytes'],
    [(f) => f.writeUInt16LE(0, at.count(3)), 'page 3 (byte 3072): a branch page without elements'],
    [
      (f) => f.writeUInt32LE(0, at.element(4, 0) + 4),
      'page 4 (byte 4096), element 0 (byte 4112): its key starts at byte 16 of the page, expected 48',
    ],
    [
      (f) => f.writeUInt32LE(0xffffffff, at.element(4, 1) + 4),
      'page 4 (byte 4096), element 1 (byte 4128): its key starts at byte 4294967327 of the page, expected 50',
    ],
    [(f) => f.writeUInt32LE(0, at.element(4, 1) + 8), 'page 4 (byte 4096), element 1 (byte 4128): its key is empty'],
    [
      (f) => f.writeUInt32LE(0xffffffff, at.element(4, 1) + 8),
      'page 4 (byte 4096), element 1 (byte 4128): its data ends at byte 4294967347 of the page, which has 1024',
    ],
    [
      (f) => f.writeUInt32LE(0xffffffff, at.element(4, 0) + 12),
      'page 4 (byte 4096), element 0 (byte 4112): its data ends at byte 4294967344 of the page, which has 1024',
    ],
    [
      (f) => f.writeUInt32LE(2, at.element(4, 0) + 12),
      'page 4 (byte 4096), element 1 (byte 4128): its key starts at byte 50 of the page, expected 51',
    ],
    // what bbolt would read as if elements had been cleared, or a value were shorter
    [
      (f) => f.writeUInt32LE(1, at.element(4, 1) + 12),
      'page 4 (byte 4096): byte 52 of the page is not 0, but its data ends at byte 52: a count or a size is too small',
    ],
    [
      (f) => f.writeUInt8(1, 4 * SIZE + 1000),
      'page 4 (byte 4096): byte 1000 of the page is not 0, but its data ends at byte 53: a count or a size is too small',
    ],
    [
      (f) => f.fill(0, at.element(4, 0), at.element(4, 1)).writeUInt16LE(0, at.count(4)),
      'page 4 (byte 4096): byte 52 of the page is not 0, but its data ends at byte 16: a count or a size is too small',
    ],
    [
      (f) => f.writeUInt16LE(1, at.count(4)) && f.writeUInt32LE(19, at.element(4, 1) + 4),
      'page 4 (byte 4096): there is room for 1 more elements before its first key, but no elements that tell of its data',
    ],
    // order
    [
      (f) => f.write('A', 4 * SIZE + 50),
      'page 4 (byte 4096), element 1 (byte 4128): its key "A" is not above "a" before it',
    ],
    [
      (f) => f.write('a', 4 * SIZE + 50),
      'page 4 (byte 4096), element 1 (byte 4128): its key "a" is not above "a" before it',
    ],
    [
      (f) => f.write('\x7f', 3 * SIZE + 48, 'latin1'),
      'page 3 (byte 3072), element 1 (byte 3104): its key "m" is not above 0x7f before it',
    ],
    [
      (f) => f.write('A', 4 * SIZE + 48),
      'page 4 (byte 4096): its first key "A" is below "a", with which page 3 (byte 3072), element 0 leads to it',
    ],
    [
      (f) => f.write('m', 4 * SIZE + 50),
      'page 4 (byte 4096): its last key "m" is not below "m", where the page next to it starts',
    ],
    // pointers
    [
      (f) => f.writeUInt32LE(1, at.element(3, 0) + 8),
      'page 3 (byte 3072), element 0 (byte 3088): points to page 1, which is a meta page',
    ],
    [
      (f) => f.writeUInt32LE(7, at.element(3, 0) + 8),
      'page 3 (byte 3072), element 0 (byte 3088): points to page 7, beyond the high-water mark 7',
    ],
    [
      (f) => f.writeBigUInt64LE(2n ** 63n, at.element(3, 1) + 8),
      'page 3 (byte 3072), element 1 (byte 3104): points to page 9223372036854776000, beyond the high-water mark 7',
    ],
    [
      (f) => f.writeUInt32LE(3, at.element(3, 1) + 8),
      'page 3 (byte 3072): its own ancestor: page 3 (byte 3072), element 1 (byte 3104) points to it',
    ],
    [
      (f) => f.writeUInt32LE(4, at.element(3, 1) + 8),
      'page 4 (byte 4096): its first key "a" is below "m", with which page 3 (byte 3072), element 1 leads to it',
    ],
    [
      (f) => f.writeUInt32LE(6, at.element(3, 1) + 8),
      'page 6 (byte 6144): its header says page 8536140394893047414, expected 6',
    ],
    // buckets; the value of "inl" starts at byte 2048 + 16 + 2 * 16 + 3
    [
      (f) => f.writeUInt32LE(0, at.element(2, 1)),
      'page 2 (byte 2048), element 1 (byte 2080): "key" is a value, expected a bucket',
    ],
    [
      (f) => f.writeUInt32LE(1, at.element(4, 1)),
      'page 4 (byte 4096), element 1 (byte 4128): "b" is a bucket, expected a value',
    ],
    [
      (f) => f.writeUInt32LE(4, 2099),
      'page 2 (byte 2048), element 0 (byte 2064): bucket "inl" has both a root page 4 and an inline page',
    ],
    [
      (f) => f.writeUInt16LE(1, 2099 + 16 + 8),
      'inline page in page 2 (byte 2115): expected a leaf page, found a branch page',
    ],
    [
      (f) => f.writeUInt16LE(3, 2099 + 16 + 10),
      'inline page in page 2 (byte 2115): 3 elements do not fit in its 34 bytes',
    ],
    [
      (f) => f.writeUInt32LE(0, 2099 + 16 + 16 + 12),
      'inline page in page 2 (byte 2115): byte 33 of the page is not 0, but its data ends at byte 33: a count or a size is too small',
    ],
    [
      (f) => f.writeUInt32LE(2, 2099 + 16 + 16 + 12),
      'inline page in page 2 (byte 2115), element 0 (byte 2131): its data ends at byte 35 of the page, which has 34',
    ],
  ];
  for (const [damage, message] of table) {
    const file = makeFile();
    damage(file);
    t.equal(messageOf(file), message);
  }
});

const READ_AHEAD_BYTES = 64 * 1024;

t.test('a length is judged before it is read', async (t) => {
  const GIB = 1024 ** 3;
  const refusalOf = (damage: (file: Buffer) => void, freelist?: Buffer) => {
    const highWaterMark = (4 * GIB) / SIZE;
    const more = freelist === undefined ? [] : [freelist];
    const file = makeFile({ meta: { highWaterMark, ...(freelist && { freelist: 7n }) }, more });
    damage(file);
    const source = new MemorySource(file, 4 * GIB);
    try {
      return surveyFile(new BoltFile(source)).problems.join('; ');
    } catch (error) {
      return (error as Error).message;
    } finally {
      t.ok(source.readBytes < 2 * file.length + READ_AHEAD_BYTES, `${source.readBytes} bytes are read`);
    }
  };
  const overflow = 130_000;
  const bytes = (overflow + 1) * SIZE;
  t.equal(
    refusalOf((f) => f.writeUInt32LE(overflow, at.overflow(4))),
    'page 4 (byte 4096): 130000 overflow pages for 53 bytes of content',
  );
  t.equal(
    refusalOf((f) => f.writeUInt32LE(overflow, at.overflow(3))),
    'page 3 (byte 3072): 130000 overflow pages for 50 bytes of content',
  );
  const list = freelistPage(SIZE, 7, [4]);
  list.writeUInt32LE(overflow, 12);
  t.match(
    refusalOf(() => undefined, list),
    /^the freelist cannot be read: page 7 \(byte 7168\): 130000 overflow pages for \d+ bytes of content$/,
  );
  list.writeUInt16LE(0xffff, 10);
  list.writeUInt32LE(bytes, 16);
  t.match(
    refusalOf(() => undefined, list),
    /^the freelist cannot be read: page 7 .*: 133121024 free page ids, but the file has only 4194304 pages$/,
  );
  t.equal(
    refusalOf((f) => {
      f.writeUInt32LE(GIB / SIZE, at.overflow(4));
      f.writeUInt32LE(GIB, at.element(4, 1) + 12);
    }),
    'page 4 (byte 4096): it has 1048576 overflow pages, which is beyond reason',
  );
});

t.test('other trees', async (t) => {
  const cleared = leafPage(SIZE, 7, LEAF_4);
  cleared.writeUInt16LE(0, 10);
  const chain = Array.from({ length: 70 }, (_, i) => branchPage(SIZE, 7 + i, [{ key: 'm', child: 8 + i }]));
  const table: [parts: Parts, message: string][] = [
    [
      { root: [{ key: 'key', value: 'short', flags: 1 }] },
      'page 2 (byte 2048), element 0 (byte 2064): the header of bucket "key" has 5 bytes, expected 16',
    ],
    [
      { root: [{ key: 'key', value: bucketHeader(0), flags: 1 }] },
      'inline page in page 2 (byte 2099): 0 bytes cannot hold a page header of 16',
    ],
    [
      { root: [{ key: 'key', value: bucketHeader(99), flags: 1 }] },
      'page 2 (byte 2048), element 0 (byte 2064): points to page 99, beyond the high-water mark 7',
    ],
    [
      {
        root: [
          { key: '\xff\xfe', value: bucketHeader(4), flags: 1 },
          { key: '\xff\xff', value: bucketHeader(4), flags: 1 },
        ],
      },
      'page 4 (byte 4096): page 4 is reached a second time, from page 2 (byte 2048), element 1 (byte 2080)',
    ],
    [
      {
        branch: [
          { key: 'a', child: 7 },
          { key: 'b', child: 7 },
        ],
        more: [leafPage(SIZE, 7, [])],
      },
      'page 7 (byte 7168): a leaf page without elements, and page 3 (byte 3072), element 0 leads to it: only a root page may be empty',
    ],
    [
      {
        branch: [
          { key: 'a', child: 7 },
          { key: 'b', child: 7 },
        ],
        more: [cleared],
      },
      'page 7 (byte 7168): page 7 is reached a second time, from page 3 (byte 3072), element 1 (byte 3104)',
    ],
    [{ meta: { root: 3 } }, 'page 4 (byte 4096), element 0 (byte 4112): "a" is a value, expected a bucket'],
    [{ meta: { root: 0 } }, 'page 0 (byte 0): points to page 0, which is a meta page'],
    [{ meta: { root: 70 } }, 'page 0 (byte 0): points to page 70, beyond the high-water mark 7'],
    [
      { meta: { highWaterMark: 5 } },
      'page 3 (byte 3072), element 1 (byte 3104): points to page 5, beyond the high-water mark 5',
    ],
    [{ meta: { highWaterMark: 6 } }, 'page 5 (byte 5120): it has 1 overflow pages, beyond the high-water mark 6'],
    [
      {
        branch: [
          { key: 'a', child: 4 },
          { key: 'm', child: 7 },
        ],
        more: chain,
      },
      'page 69 (byte 70656): the tree is more than 64 pages deep',
    ],
  ];
  for (const [parts, message] of table) t.equal(messageOf(makeFile(parts)), message);
});

t.test('buckets nested without end', async (t) => {
  const nestedFile = (levels: number) => {
    let value = inlineBucket([]);
    for (let i = 1; i < levels; i++) value = inlineBucket([{ key: 'n', value, flags: 1 }]);
    return new BoltFile(new MemorySource(makeFile({ root: [{ key: 'n', value, flags: 1 }] })));
  };
  let depth = 0;
  for (let buckets = surveyFile(nestedFile(32)).buckets; buckets[0] !== undefined; buckets = buckets[0].buckets)
    depth++;
  t.equal(depth, 32);
  t.throws(() => surveyFile(nestedFile(33)), {
    code: 'CORRUPT',
    message: /^inline page in page 2 .* more than 32 deep$/,
  });
  t.throws(() => surveyFile(nestedFile(300)), { code: 'CORRUPT', message: /more than 32 deep$/ });
});

t.test('a file that ends too early', async (t) => {
  const file = makeFile();
  const table: [size: number, message: string][] = [
    [
      7 * SIZE - 1,
      'page 5 (byte 5120): it has 1 overflow pages, beyond the end of the file: it would end at byte 7168, and the file at 7167',
    ],
    [
      5 * SIZE + 100,
      'page 3 (byte 3072), element 1 (byte 3104): points to page 5, beyond the end of the file: it would end at byte 6144, and the file at 5220',
    ],
    [
      2 * SIZE,
      'page 0 (byte 0): points to page 2, beyond the end of the file: it would end at byte 3072, and the file at 2048',
    ],
    [
      80,
      'page 0 (byte 0): points to page 2, beyond the end of the file: it would end at byte 3072, and the file at 80',
    ],
  ];
  for (const [size, message] of table) t.equal(messageOf(file.subarray(0, size)), message, `${size} bytes`);
});

t.test('the freelist', async (t) => {
  const withFreelist = (ids: number[], more: Buffer[] = [], page = freelistPage(SIZE, 7, ids)) =>
    makeFile({ more: [page, ...more], meta: { freelist: 7n } });
  const spare = [8, 9, 10].map(() => Buffer.alloc(SIZE));
  const list = 'the freelist on page 7 (byte 7168)';

  const { pagesByType, lostPages, freelistChecked, problems } = readAll(withFreelist([10, 8, 9], spare));
  t.same(pagesByType, { meta: 2, branch: 1, leaf: 3, overflow: 1, freelist: 1, free: 3 });
  t.same(
    { lostPages, freelistChecked, problems },
    { lostPages: 0, freelistChecked: true, problems: [] },
    'in any order',
  );
  t.match(readAll(withFreelist([8, 10], spare)), { lostPages: 1, pagesByType: { free: 2 } }, 'page 9 is lost');

  const table: [file: Buffer, message: string][] = [
    [withFreelist([8, 10], spare), `neither the tree nor ${list} has page 9`],
    [withFreelist([], spare), `neither the tree nor ${list} has pages 8, 9, 10`],
    [
      withFreelist(
        [],
        Array.from({ length: 12 }, () => Buffer.alloc(SIZE)),
      ),
      `neither the tree nor ${list} has pages 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 and 2 more`,
    ],
    [withFreelist([8, 8, 9, 10], spare), `${list} has page 8 twice`],
    [withFreelist([4]), `${list} has page 4, which the file uses: the next write may overwrite what is there`],
    [
      withFreelist([4, 6, 4]),
      `${list} has page 4 twice; ${list} has pages 4, 6, which the file uses: the next write may overwrite what is there`,
    ],
    [withFreelist([7]), `${list} has page 7, which the file uses: the next write may overwrite what is there`],
    [withFreelist([1, 8, 9, 10], spare), `${list} has page 1, but pages go from 2 to 10`],
    [withFreelist([8, 9, 10, 11], spare), `${list} has page 11, but pages go from 2 to 10`],
    [
      makeFile({ meta: { freelist: 4n } }),
      'the freelist cannot be read: page 4 (byte 4096): expected a freelist page, found a leaf page',
    ],
    [
      makeFile({ meta: { freelist: 44n } }),
      'the freelist cannot be read: page 0 (byte 0): points to page 44, beyond the high-water mark 7',
    ],
    [
      makeFile({ more: [freelistPage(SIZE, 8, [])], meta: { freelist: 7n } }),
      'the freelist cannot be read: page 7 (byte 7168): its header says page 8, expected 7',
    ],
  ];
  for (const [file, message] of table) t.equal(messageOf(file), message);

  const tooMany = withFreelist([8], spare);
  tooMany.writeUInt16LE(127, at.count(7));
  t.match(messageOf(tooMany), /page 7 \(byte 7168\): 127 free page ids do not fit in its 1024 bytes$/);
  tooMany.writeUInt16LE(0xffff, at.count(7));
  tooMany.writeBigUInt64LE(2n ** 64n - 1n, 7 * SIZE + 16);
  t.match(messageOf(tooMany), /page 7 \(byte 7168\): 18446744073709552000 free page ids do not fit in its 1024 bytes$/);
});

t.test('a freelist too long for the count in its header', async (t) => {
  // The page ids are far beyond the end of the file, as a file may be cut when its last pages are free.
  const ids = Array.from({ length: 0xffff + 10 }, (_, i) => 1000 + i);
  const list = freelistPage(SIZE, 7, ids);
  const file = makeFile({ more: [list], meta: { freelist: 7n, highWaterMark: 1000 + ids.length } });
  const { pagesByType, lostPages } = readAll(file);
  t.equal(pagesByType.free, ids.length);
  t.equal(pagesByType.freelist, 1);
  t.equal(pagesByType.overflow, 1 + list.length / SIZE - 1);
  t.equal(lostPages, 1000 - 7 - list.length / SIZE);
});
