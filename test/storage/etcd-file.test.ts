import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ReadTable } from '../../src/mvcc/backend.js';
import { MemoryTable } from '../../src/mvcc/memory-table.js';
import { type EtcdFile, openEtcdFile } from '../../src/storage/etcd-file.js';
import { ReadOnlyFile } from '../../src/storage/read-only-file.js';
import { verifyTrailer } from '../../src/storage/sha256-trailer.js';
import { boltFile, bucketHeader, inlineBucket, leafPage } from '../bbolt/make-file.js';
import { expectedOf, snapshotBytes, snapshotNames, unpackSnapshot } from '../support/snapshots.js';
import { fingerprint } from '../support/untouched.js';

function hexOf(table: ReadTable): string[] {
  return [...table.entries()].map(({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`);
}

for (const name of snapshotNames()) {
  t.test(name, async (t) => {
    const path = unpackSnapshot(name, t.testdir());
    const before = fingerprint(path);
    const expected = expectedOf(name);
    const file = openEtcdFile(path);

    for (const table of ['key', 'meta', 'lease'] as const) {
      const bucket = expected?.bolt.buckets.find((found) => found.name === table);
      const entries = [...file.tables[table].entries()];
      if (expected !== undefined) t.equal(entries.length, bucket?.keys ?? 0, table);
      t.equal(file.tables[table].size(), entries.length);
      t.same(file.tables[table].last(), entries.at(-1));
      for (const { key, value } of entries.slice(0, 50)) t.ok(file.tables[table].get(key)?.equals(value));
    }
    t.equal(file.tables.watch.size(), 0);
    t.equal(file.tables.index.size(), 0);
    t.equal(file.path, path);

    if (expected !== undefined) {
      t.equal(file.sizeBytes(), expected.file.size);
      t.same(file.boltInfo(), {
        pageSize: expected.bolt.pageSize,
        txid: expected.bolt.txid,
        highWaterMark: expected.bolt.txSize / expected.bolt.pageSize,
        freelistStored: false,
        hasTrailer: expected.file.trailingSha256,
        metaProblems: [],
        lengthProblem: undefined,
      });
      t.equal(file.verifyTrailer(), expected.file.trailingSha256 ? 'ok' : 'absent');
      t.equal(file.survey().pagesByType.free, expected.bolt.freePages);
    }
    file.close();
    file.close();
    t.same(fingerprint(path), before, 'the file is as it was');
  });
}

t.test('with next to no cache it reads the same', async (t) => {
  const path = unpackSnapshot('medium-34', t.testdir());
  const [large, none] = [openEtcdFile(path), openEtcdFile(path, { cacheBytes: 0 })];
  t.strictSame(hexOf(none.tables.key), hexOf(large.tables.key));
  large.close();
  none.close();
});

t.test('what was read stays, whatever is read after it', async (t) => {
  const path = unpackSnapshot('small-35', t.testdir());
  const file = openEtcdFile(path, { cacheBytes: 4096 });
  const kept = [...file.tables.key.entries()];
  const then = kept.map(({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`);
  t.strictSame(hexOf(file.tables.key), then);
  file.close();
  t.strictSame(
    kept.map(({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`),
    then,
  );
});

t.test('the index is built once, when it is asked for', async (t) => {
  const path = unpackSnapshot('small-35', t.testdir());
  let built = 0;
  const file = openEtcdFile(path, {
    buildIndex: (key) => {
      built++;
      const index = new MemoryTable();
      index.put(Buffer.from('records'), Buffer.from(String(key.size())));
      return index;
    },
  });
  file.tables.key.size();
  t.equal(built, 0);
  t.equal(file.tables.index.get(Buffer.from('records'))?.toString(), '313');
  t.equal(file.tables.index, file.tables.index);
  t.equal(built, 1);
  file.close();
});

t.test('the digest of a snapshot', async (t) => {
  const folder = t.testdir();
  const path = unpackSnapshot('medium-35-compacted', folder);
  const size = snapshotBytes('medium-35-compacted').length - 32;
  const progress: [number, number][] = [];
  const whole = new ReadOnlyFile(path);
  t.equal(
    verifyTrailer(whole, (done, total) => progress.push([done, total])),
    'ok',
  );
  whole.close();
  t.ok(progress.length > 1);
  t.same(progress.at(-1), [size, size]);
  t.same(
    progress.map(([done]) => done),
    progress.map(([done]) => done).sort((a, b) => a - b),
  );

  // The damaged byte is in a free page, so only the digest reveals it.
  const damaged = snapshotBytes('medium-35-compacted');
  damaged[4096 * 2 + 100]! ^= 1;
  writeFileSync(path, damaged);
  const file = openEtcdFile(path);
  const trailer = damaged.subarray(-32).toString('hex');
  const expected = {
    code: 'CORRUPT',
    message: new RegExp(
      `^${path}: the SHA-256 of the first ${size} bytes is [0-9a-f]{64}, but its last 32 bytes say ${trailer}$`,
    ),
    hint: /copy it again/,
  };
  t.throws(() => file.verifyTrailer(), expected);
  file.close();

  // A file that does not even open as a database can be verified.
  damaged.fill(0, 0, 8192);
  writeFileSync(path, damaged);
  t.throws(() => openEtcdFile(path), { code: 'FORMAT' });
  const unopened = new ReadOnlyFile(path);
  t.throws(() => verifyTrailer(unopened), expected);
  unopened.close();
});

t.test('buckets that are not there', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'db');
  const write = (...names: string[]) => {
    const root = names.map((key) => ({ key, value: inlineBucket([{ key: 'k', value: 'v' }]), flags: 1 }));
    writeFileSync(path, boltFile(4096, [leafPage(4096, 2, root)]));
  };
  write('key', 'meta');
  const file = openEtcdFile(path);
  t.same(hexOf(file.tables.key), ['6b 76']);
  t.equal(file.tables.lease.size(), 0);
  t.equal(file.tables.lease.last(), undefined);
  t.equal(file.tables.lease.get(Buffer.from('k')), undefined);
  file.close();

  for (const [there, missing] of [
    ['meta', 'key'],
    ['key', 'meta'],
  ] as const) {
    write(...['lease', there].sort());
    t.throws(() => openEtcdFile(path), {
      code: 'FORMAT',
      message: `${path}: not an etcd database: no bucket '${missing}'`,
      hint: /some other program/,
    });
  }
});

t.test('what cannot be opened, or is no etcd file', async (t) => {
  const folder = t.testdir({ text: 'hello', empty: '', directory: {} });
  const at = (name: string) => join(folder, name);
  const table: [path: string, error: { code: string; message: string | RegExp; hint?: string | RegExp }][] = [
    [at('none'), { code: 'IO', message: /^cannot open .*none: ENOENT/, hint: 'check the path' }],
    [at('text/below'), { code: 'IO', message: /ENOTDIR/ }],
    [at('directory'), { code: 'IO', message: `cannot read ${at('directory')}: it is a directory`, hint: /snap\/db/ }],
    ['/dev/null', { code: 'IO', message: 'cannot read /dev/null: it is not a regular file' }],
    [at('text'), { code: 'FORMAT', message: /^.*text: not a bbolt file: it is a text file$/ }],
    [at('empty'), { code: 'FORMAT', message: `${at('empty')}: not a bbolt file: it is empty` }],
  ];
  for (const [path, error] of table) t.throws(() => openEtcdFile(path), error, path);

  t.test('a named pipe that nobody writes to', async (t) => {
    execFileSync('mkfifo', [at('pipe')]);
    t.throws(() => openEtcdFile(at('pipe')), { code: 'IO', message: /it is not a regular file$/ });
  });

  t.test(
    'a file without the right to read it',
    { skip: process.getuid?.() === 0 && 'root may read all' },
    async (t) => {
      writeFileSync(at('secret'), snapshotBytes('fresh-35'));
      chmodSync(at('secret'), 0);
      t.throws(() => openEtcdFile(at('secret')), { code: 'IO', message: /EACCES/, hint: /who owns it/ });
    },
  );

  t.test('through a symbolic link', async (t) => {
    unpackSnapshot('fresh-35', folder);
    symlinkSync(at('fresh-35.db'), at('link'));
    const file = openEtcdFile(at('link'));
    t.equal(file.tables.meta.size(), 3);
    file.close();
  });
});

t.test(
  'a file that cannot be opened as a database is closed again',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const path = join(t.testdir({ text: 'hello' }), 'text');
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let i = 0; i < 20; i++) t.throws(() => openEtcdFile(path), { code: 'FORMAT' });
    t.throws(() => openEtcdFile(join(path, '..')), { code: 'IO' });
    t.equal(open(), before);
  },
);

t.test('a file that shrinks while it is read', async (t) => {
  const path = unpackSnapshot('small-35', t.testdir());
  const shrunk = (file: EtcdFile, read: () => void) => {
    const message = /small-35\.db has nothing at byte \d+: it was cut short while being read, from 102432 bytes$/;
    t.throws(read, { code: 'CORRUPT', message, hint: /etcdctl snapshot save/ });
    file.close();
  };
  const [scanned, verified] = [openEtcdFile(path), openEtcdFile(path)];
  const entries = scanned.tables.key.entries()[Symbol.iterator]();
  t.notOk(entries.next().done);
  truncateSync(path, 20_480);
  shrunk(scanned, () => {
    while (!entries.next().done);
  });
  shrunk(verified, () => verified.verifyTrailer());
});

t.test('a damaged page is named through the tables, and the rest can be read', async (t) => {
  const bytes = snapshotBytes('small-35');
  const path = join(t.testdir(), 'db');
  writeFileSync(path, bytes);
  const file = openEtcdFile(path);
  const last = file.tables.key.last()!;
  file.close();
  const page = Math.floor(bytes.indexOf(last.key) / 4096);
  t.equal(Math.floor(bytes.lastIndexOf(last.key) / 4096), page, 'the last key is on one page only');
  bytes[page * 4096 + 8] = 9;
  writeFileSync(path, bytes);
  const damaged = openEtcdFile(path);
  const error = {
    code: 'CORRUPT',
    message: new RegExp(`^page ${page} \\(byte ${page * 4096}\\): expected a branch or leaf page, found flags 0x09$`),
    hint: /etcdctl snapshot save/,
  };
  t.throws(() => damaged.tables.key.last(), error);
  t.throws(() => hexOf(damaged.tables.key), error);
  t.throws(() => damaged.survey(), error);
  t.equal(damaged.tables.meta.size(), 5);
  t.ok(damaged.tables.key.entries()[Symbol.iterator]().next().value);
  damaged.close();
});

t.test('a size beyond reason in a file that is as large', async (t) => {
  // Nearly all of the file's 5 GiB are a hole, so they take no space on the disk; they must not be read in one piece.
  const path = join(t.testdir(), 'db');
  const pages = 5 * 1024 * 256;
  const leaf = leafPage(4096, 3, [{ key: 'a', value: 'b' }]);
  leaf.writeUInt32LE(pages - 10, 12);
  const root = leafPage(4096, 2, [
    { key: 'key', value: bucketHeader(3), flags: 1 },
    { key: 'meta', value: inlineBucket([]), flags: 1 },
  ]);
  writeFileSync(path, boltFile(4096, [root, leaf], { highWaterMark: pages }));
  truncateSync(path, pages * 4096);
  const file = openEtcdFile(path);
  t.throws(() => file.tables.key.size(), {
    code: 'CORRUPT',
    message: `page 3 (byte 12288): it has ${pages - 10} overflow pages, which is beyond reason`,
  });
  file.close();
});
