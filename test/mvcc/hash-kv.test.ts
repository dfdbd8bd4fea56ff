import t from 'tap';
import { HashStorage, hashRecords } from '../../src/mvcc/hash-kv.js';
import { encodeKeyValue, encodeTombstone } from '../../src/mvcc/key-value.js';
import { StoredRecord } from '../../src/mvcc/record.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { NEWEST_STORE } from '../../src/mvcc/store-behaviour.js';
import { slowCrc32c } from '../support/slow-crc32c.js';

function put(key: string, main: number, sub = 0): StoredRecord {
  const kv = { key, createRevision: main, modRevision: main, version: 1, value: Buffer.from('v'), lease: 0n };
  return new StoredRecord(encodeRevisionKey({ main, sub }), encodeKeyValue(kv));
}

function tombstone(key: string, main: number, sub = 0): StoredRecord {
  return new StoredRecord(encodeRevisionKey({ main, sub }, true), encodeTombstone(key));
}

/** Returns the hash of "key" and the bytes of each record. */
function hashOf(records: StoredRecord[]): number {
  const bytes = records.flatMap(({ keyBytes, valueBytes }) => [keyBytes, valueBytes]);
  return slowCrc32c(Buffer.concat([Buffer.from('key'), ...bytes]));
}

t.test('which records a hash counts', async (t) => {
  const [a2, b3, a4, b5, a6, c6, c7] = [
    put('a', 2),
    put('b', 3),
    put('a', 4),
    tombstone('b', 5),
    tombstone('a', 6),
    put('c', 6, 1),
    put('c', 7),
  ] as const;
  const all = [a2, b3, a4, b5, a6, c6, c7];
  const table: [revision: number, compactRev: number, counted: StoredRecord[]][] = [
    [7, -1, all],
    [6, -1, [a2, b3, a4, b5, a6, c6]],
    [4, -1, [a2, b3, a4]],
    [7, 2, [b3, a4, b5, a6, c6, c7]], // a4 has replaced a2
    [3, 2, [a2, b3]], // at 3, a2 is a's newest
    [7, 5, [a6, c6, c7]],
    [7, 6, [c7]], // c6 is not the newest at 7; a tombstone at compactRev does not count
    [6, 6, [c6]],
    [4, 3, [b3, a4]],
    [5, 4, [a4, b5]], // the tombstone of b ends b3
    [1, -1, []],
  ];
  for (const [revision, compactRev, counted] of table) {
    const upTo = () => all.filter(({ main }) => main <= revision);
    t.equal(
      hashRecords(upTo, { revision, compactRev, behaviours: NEWEST_STORE }),
      hashOf(counted),
      `at ${revision}, compacted at ${compactRev}`,
    );
  }
});

t.test('with nothing to keep, etcd takes everything but a tombstone at compactRev', async (t) => {
  const [put2, gone3] = [put('a', 2), tombstone('a', 3)];
  t.equal(
    hashRecords(() => [put2, gone3], { revision: 3, compactRev: 3, behaviours: NEWEST_STORE }),
    hashOf([put2]),
  );
  t.equal(
    hashRecords(() => [put2, gone3], { revision: 3, compactRev: 2, behaviours: NEWEST_STORE }),
    hashOf([put2, gone3]),
  );
});

t.test('a store remembers ten compactions, those of the highest revisions', async (t) => {
  const hashes = new HashStorage();
  for (const revision of [5, 3, 12, 4, 6, 7, 8, 9, 10, 11, 1, 13]) {
    hashes.store({ revision, hash: revision * 100, compactRevision: revision - 1 });
  }
  for (let revision = 0; revision <= 14; revision++) {
    const wanted =
      revision >= 4 && revision <= 13 ? { revision, hash: revision * 100, compactRevision: revision - 1 } : undefined;
    t.same(hashes.at(revision), wanted, `${revision}`);
  }
});
