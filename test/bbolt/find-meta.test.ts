import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { MvccwError } from '../../src/errors.js';
import { boltFile, leafPage, MemorySource, type MetaFields, metaPage } from './make-file.js';

/** Returns a file with two metas whose root pages differ, which shows the meta that was taken. */
function twoMetas(pageSize: number, meta0: MetaFields | undefined, meta1: MetaFields | undefined): Buffer {
  const file = Buffer.concat([
    metaPage(pageSize, 0, { root: 2, highWaterMark: 4, ...meta0 }),
    metaPage(pageSize, 1, { root: 3, highWaterMark: 4, ...meta1 }),
    leafPage(pageSize, 2, [{ key: 'from meta 0' }]),
    leafPage(pageSize, 3, [{ key: 'from meta 1' }]),
  ]);
  if (meta0 === undefined) file.fill(0xff, 16, 80);
  if (meta1 === undefined) file.fill(0xff, pageSize + 16, pageSize + 80);
  return file;
}

function opened(file: Buffer): string {
  const bolt = new BoltFile(new MemorySource(file));
  return `${[...bolt.root.entries()].map(({ key }) => key)}, txid ${bolt.meta.txid}, page size ${bolt.meta.pageSize}`;
}

function refusal(file: Buffer): string {
  try {
    return opened(file);
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

t.test('the valid meta with the higher txid wins', async (t) => {
  const table: [meta0: MetaFields | undefined, meta1: MetaFields | undefined, result: string][] = [
    [{ txid: 7 }, { txid: 6 }, 'from meta 0, txid 7'],
    [{ txid: 7 }, { txid: 8 }, 'from meta 1, txid 8'],
    [{ txid: 7 }, { txid: 7 }, 'from meta 0, txid 7'],
    [{ txid: 0 }, { txid: 0 }, 'from meta 0, txid 0'],
    [{ txid: 7 }, undefined, 'from meta 0, txid 7'],
    [undefined, { txid: 6 }, 'from meta 1, txid 6'],
    [{ txid: 2 ** 40 }, { txid: 2 ** 40 + 1 }, `from meta 1, txid ${2 ** 40 + 1}`],
    [{ txid: 1 }, { txid: 2, pageSize: 2048 }, 'from meta 0, txid 1'],
    [{ txid: 1 }, { txid: 2, version: 3 }, 'from meta 0, txid 1'],
    [{ txid: 1 }, { txid: 2n ** 63n }, 'from meta 0, txid 1'],
  ];
  for (const [meta0, meta1, result] of table) {
    t.equal(opened(twoMetas(4096, meta0, meta1)), `${result}, page size 4096`);
  }
});

t.test('meta 1 is found at every page size when meta 0 is damaged', async (t) => {
  for (let pageSize = 1024; pageSize <= 16 * 1024 * 1024; pageSize *= 2) {
    const file = twoMetas(pageSize, { txid: 9 }, { txid: 4 });
    t.equal(opened(file), `from meta 0, txid 9, page size ${pageSize}`);
    file[16 + 48]! ^= 1;
    t.equal(opened(file), `from meta 1, txid 4, page size ${pageSize}`);
  }
});

t.test('a copy of a meta inside meta 0 is not taken for meta 1', async (t) => {
  const file = twoMetas(4096, undefined, { txid: 4 });
  metaPage(4096, 1, { txid: 99 }).copy(file, 1024, 0, 80);
  t.equal(opened(file), 'from meta 1, txid 4, page size 4096');
});

t.test('both metas are told of, also the one that is damaged', async (t) => {
  const file = twoMetas(4096, { txid: 9 }, { txid: 4 });
  file[16 + 48]! ^= 1;
  const { metas } = new BoltFile(new MemorySource(file));
  t.match(metas[0], {
    place: { pgid: 0, offset: 0 },
    meta: undefined,
    problem: /^its checksum is 0x[0-9a-f]{16}, but 0x[0-9a-f]{16} is stored$/,
  });
  t.match(metas[1], { place: { pgid: 1, offset: 4096 }, meta: { txid: 4 }, problem: undefined });
});

t.test('no valid meta', async (t) => {
  const good = boltFile(1024, [leafPage(1024, 2, [])]);
  const damaged = Buffer.from(good);
  damaged[16 + 8]! ^= 1;
  damaged[1024 + 16 + 48]! ^= 1;
  t.match(
    refusal(damaged),
    /^CORRUPT: neither meta page is valid: page 0 \(byte 0\): its checksum is .*; page 1 \(byte 1024\): its checksum/,
  );

  const half = Buffer.from(good);
  half.fill(0, 0, 1024);
  half[1024 + 16 + 48]! ^= 1;
  t.match(
    refusal(half),
    /^CORRUPT: neither meta page is valid: page 0 \(byte 0\): the magic number is 0x00000000, not 0xed0cdaed; page 1 \(byte 1024\): its checksum/,
  );

  t.equal(
    refusal(good.subarray(0, 79)),
    'CORRUPT: neither meta page is valid: page 0 (byte 0): it is cut short after 79 bytes; ' +
      'meta 1: not found at any page size from 1024 to 16777216',
  );
  t.equal(
    refusal(twoMetas(1024, { pageSize: 3000 }, { pageSize: 0 })).split(';')[0],
    'CORRUPT: neither meta page ' +
      'is valid: page 0 (byte 0): the page size 3000 is not a power of two from 1024 to 16777216',
  );
  t.match(refusal(twoMetas(1024, { highWaterMark: 2n ** 60n }, undefined)), /the high-water mark 115292\d+ is beyond/);
});

t.test('not a bbolt file, or one that cannot be read', async (t) => {
  const bigEndian = boltFile(1024, []);
  bigEndian.subarray(16, 20).reverse();
  bigEndian.subarray(1040, 1044).reverse();
  const table: [file: Buffer, message: string][] = [
    [Buffer.alloc(0), 'not a bbolt file: it is empty'],
    [Buffer.alloc(100_000), 'not a bbolt file: it has neither of the two meta pages that one starts with'],
    [Buffer.from([0xff]), 'not a bbolt file: it has neither of the two meta pages that one starts with'],
    [bigEndian, 'a bbolt file that cannot be read: written on a big-endian machine, which this program does not read'],
    [
      boltFile(1024, [], { version: 3 }),
      'a bbolt file that cannot be read: format version 3, and this program reads version 2',
    ],
  ];
  for (const [file, message] of table) t.equal(refusal(file), `FORMAT: ${message}`);
});

t.test('what a file is instead, and what to do about it', async (t) => {
  const padded = (offset: number, hex: string) => Buffer.concat([Buffer.alloc(offset), Buffer.from(hex, 'hex')], 8192);
  const snap = Buffer.from('08e9c6e1cb0c1293460ae6457b22526f6f74223a', 'hex');
  const table: [file: Buffer, what: RegExp, hint: RegExp][] = [
    [padded(0, '1f8b0800'), /gzip-compressed more than once/, /gunzip/],
    [padded(0, '28b52ffd00'), /zstd-compressed/, /unzstd/],
    [padded(0, 'fd377a585a00'), /xz-compressed/, /unxz/],
    [padded(0, '425a6839'), /bzip2-compressed/, /bunzip2/],
    [padded(0, '04224d18'), /lz4-compressed/, /unlz4/],
    [padded(0, '504b0304'), /a zip archive/, /unzip/],
    [padded(0, '504b0506'), /an empty zip archive/, /unzip/],
    [padded(0, '377abcaf271c'), /a 7z archive/, /7z x/],
    [padded(257, '7573746172'), /a tar archive/, /tar -x/],
    [padded(16, 'dec0efbe'), /LMDB environment in stock LMDB's data format 1/, /data format 2/],
    [padded(24, 'dec0efbe'), /the data file of an LMDB environment$/, /the directory/],
    [padded(0, '53514c69746520666f726d6174203300'), /an SQLite database/, /snapshot save/],
    [padded(0, '04000000000000840804100000000000'), /a segment of etcd's write-ahead log/, /snap\/db/],
    [Buffer.concat([snap], 9 + 0x2313), /a \.snap file/, /the file db in the same directory/],
    [Buffer.concat([snap], 9000), /neither of the two meta pages/, /snapshot save/],
    [Buffer.from('about: a scenario\n'), /a text file/, /member\/snap\/db/],
  ];
  for (const [file, what, hint] of table) {
    t.throws(() => opened(file), { code: 'FORMAT', message: what, hint }, String(what));
  }
});

t.test('an error says what to do', async (t) => {
  t.throws(() => opened(Buffer.from('1f8b', 'hex')), { code: 'FORMAT', hint: /gunzip/ });
  t.throws(() => opened(boltFile(1024, []).subarray(0, 70)), { code: 'CORRUPT', hint: /etcdctl snapshot save/ });
});
