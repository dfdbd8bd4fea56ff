import t from 'tap';
import { checkStore } from '../../src/inspect/check/check-store.js';
import { encodeKeyValue, type KeyValue } from '../../src/mvcc/key-value.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { LostRecordError } from '../../src/mvcc/range.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { CheckedStoreReader, Store, StoreReader } from '../../src/mvcc/store.js';
import { fewKeys, longKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { dump, query, runSteps, Subject, storeStep } from '../support/store-steps.js';

const ALL = { key: '\0', end: '' };

function open(backend = new MemoryBackend()) {
  const store = new Store(backend);
  return {
    backend,
    store,
    put: (key: string, value = '', lease = 0n) => store.write((txn) => txn.put(key, Buffer.from(value), lease)),
    delete: (key: string, end?: string) => store.write((txn) => txn.deleteRange(key, end)),
  };
}

/** Returns `key=value` with createRevision, modRevision and version behind it. */
function short({ key, value, createRevision, modRevision, version }: KeyValue): string {
  return `${key}=${value} ${createRevision}.${modRevision}.${version}`;
}

t.test('an empty store', async (t) => {
  const { store } = open();
  t.same(store.state, {
    currentRev: 1,
    compactRev: -1,
    scheduledCompactRev: undefined,
    finishedCompactRev: undefined,
  });
  t.same(store.range(ALL), { revision: 1, count: 0, kvs: [] });
  t.same(store.range({ key: 'a', rev: 1 }), { revision: 1, count: 0, kvs: [] });
  t.same([...store.history('a')], []);
  t.same(store.hash(), { hash: 1084519789, compactRevision: -1, revision: 1 }, 'the checksum of "key"');
  t.throws(() => store.range({ key: 'a', rev: 2 }), {
    code: 'FUTURE_REVISION',
    message: 'revision 2 is in the future: the newest is 1',
    hint: 'choose a revision up to 1',
  });
  t.throws(() => store.compact(2), { code: 'FUTURE_REVISION' });
});

t.test('one revision a transaction, one position a change', async (t) => {
  const { store, backend } = open();
  const first = store.write((txn) => {
    t.equal(txn.revision, 1, 'before it writes, a transaction reads what was');
    txn.put('a', Buffer.from('1'));
    t.equal(txn.revision, 2);
    txn.put('b', Buffer.from('2'));
    txn.put('a', Buffer.from('3'));
    t.equal(txn.deleteRange('a', 'b'), 1);
    return txn.range({ key: 'a', end: '' }).kvs.map(short);
  });
  t.same(first.result, ['b=2 2.2.1']);
  t.equal(first.revision, 2);
  t.same(
    first.events.map(({ type, kv }) => `${type} ${short(kv)}`),
    ['PUT a=1 2.2.1', 'PUT b=2 2.2.1', 'PUT a=3 2.2.2', 'DELETE a= 0.2.0'],
  );
  t.same(
    [...backend.tables.key.entries()].map(({ key }) => key.toString('latin1')),
    [0, 1, 2, 3].map((sub) => encodeRevisionKey({ main: 2, sub }, sub === 3).toString('latin1')),
  );
  t.same(
    [...store.history('a')],
    [
      { main: 2, sub: 0, tombstone: false },
      { main: 2, sub: 2, tombstone: false },
      { main: 2, sub: 3, tombstone: true },
    ],
  );
  const nothing = store.write((txn) => txn.deleteRange('nothing', ''));
  t.same(nothing, { result: 0, revision: 2, events: [] }, 'what changes nothing uses no revision');
});

t.test('versions and generations', async (t) => {
  const db = open();
  db.put('a', '1');
  db.put('a', '2');
  db.delete('a');
  db.put('b', '1');
  db.put('a', '3');
  const table: [rev: number, kvs: string[]][] = [
    [1, []],
    [2, ['a=1 2.2.1']],
    [3, ['a=2 2.3.2']],
    [4, []],
    [5, ['b=1 5.5.1']],
    [6, ['a=3 6.6.1', 'b=1 5.5.1']],
    [0, ['a=3 6.6.1', 'b=1 5.5.1']],
    [-1, ['a=3 6.6.1', 'b=1 5.5.1']],
  ];
  for (const [rev, kvs] of table) {
    t.same(db.store.range({ ...ALL, rev }).kvs.map(short), kvs, `at ${rev}`);
    t.equal(db.store.range({ ...ALL, rev }).revision, 6);
  }
});

t.test('ranges', async (t) => {
  const db = open();
  for (const key of ['a', 'a\0', 'ab', 'b', '\xff']) db.put(key);
  const table: [key: string, end: string | undefined, found: string][] = [
    ['a', undefined, 'a'],
    ['a', 'b', 'a a\0 ab'],
    ['a', 'a\0', 'a'],
    ['a\0', 'b', 'a\0 ab'],
    ['', '', 'a a\0 ab b \xff'],
    ['b', '', 'b \xff'],
    ['b', 'b', ''],
    ['b', 'a', ''],
    ['c', undefined, ''],
    ['\xff', '', '\xff'],
    ['\xff\xff', '', ''],
  ];
  for (const [key, end, found] of table) {
    const keys = db.store.range({ key, end }).kvs.map((kv) => kv.key);
    t.equal(keys.join(' '), found, JSON.stringify([key, end]));
  }
  t.match(db.store.range({ ...ALL, limit: 2 }), { count: 5, kvs: [{ key: 'a' }, { key: 'a\0' }] });
  t.same(db.store.range({ ...ALL, countOnly: true }), { revision: 6, count: 5, kvs: [] });
});

t.test('the window', async (t) => {
  const db = open();
  for (let i = 0; i < 5; i++) db.put('a', `${i}`);
  db.store.compact(4);
  t.same(db.store.range({ key: 'a', rev: 4 }).kvs.map(short), ['a=2 2.4.3'], 'the compact revision can be read');
  t.throws(() => db.store.range({ key: 'a', rev: 3 }), {
    code: 'COMPACTED',
    message: 'revision 3 has been compacted: the oldest is 4',
    hint: 'choose a revision from 4 to 6',
  });
  for (const rev of [-1, 3, 4]) t.throws(() => db.store.compact(rev), { code: 'COMPACTED' }, `compact ${rev}`);
  t.match(db.store.state, { currentRev: 6, compactRev: 4, scheduledCompactRev: 4, finishedCompactRev: 4 });
});

t.test('leases', async (t) => {
  const db = open();
  t.throws(() => db.store.grantLease(0n, 5), { code: 'LEASE_NOT_FOUND' }, '0 is no lease');
  t.throws(() => db.put('a', '', 7n), { code: 'LEASE_NOT_FOUND', message: 'lease 0000000000000007 not found' });
  db.store.grantLease(7n, 5);
  db.store.grantLease(8n, 5, 1000);
  t.throws(() => db.store.grantLease(7n, 5), {
    code: 'LEASE_EXISTS',
    message: 'lease 0000000000000007 already exists',
  });
  for (const key of ['c', 'a', 'b', 'd']) db.put(key, '', 7n);
  db.put('b', '', 8n);
  db.put('d');
  t.same(db.store.leases.keys(7n), ['a', 'c'], 'a put moves a key to its lease, or to none');
  t.same(db.store.leases.keys(8n), ['b']);
  t.match(db.store.leases.get(8n), { id: 8n, ttlSeconds: 5, deadlineMs: 1000 });
  t.equal(db.store.leases.get(7n)?.deadlineMs, undefined);
  db.delete('c');
  t.same(db.store.leases.keys(7n), ['a']);
  db.put('c', '', 7n);
  const { result, events, revision } = db.store.revokeLease(7n);
  t.equal(result, 2);
  t.same(
    events.map(({ type, kv }) => `${type} ${kv.key} ${kv.modRevision}`),
    [`DELETE a ${revision}`, `DELETE c ${revision}`],
    'in one revision, in key order',
  );
  t.throws(() => db.store.revokeLease(7n), { code: 'LEASE_NOT_FOUND' });
  t.same(db.store.revokeLease(8n).result, 1);
  db.store.grantLease(9n, 5);
  t.equal(db.store.revokeLease(9n).revision, db.store.currentRev, 'no keys, no revision');
  t.equal(db.backend.tables.lease.size(), 0, 'nothing is left behind');
});

// A client of etcd can cause this, and from then on etcd ends its process when the key is read.
t.test('a put behind the delete of its key, compacted at that very revision, is lost', async (t) => {
  const db = open();
  db.put('a', '1');
  db.store.write((txn) => {
    txn.deleteRange('a');
    txn.put('a', Buffer.from('2'));
  });
  db.put('b', '1');
  db.store.compact(3);
  try {
    db.store.range({ key: 'a' });
    t.fail('the record is lost');
  } catch (error) {
    t.ok(error instanceof LostRecordError);
  }
  t.throws(() => db.store.range(ALL), { code: 'CORRUPT', message: 'the record of key "a" at revision 3_1 is gone' });
  t.match(new LostRecordError('gr\xc3\xbcn', { main: 1, sub: 0 }), { message: /of key "grün" at/ }, 'a key is bytes');
  t.equal(db.store.range({ ...ALL, countOnly: true }).count, 2);
  t.same(db.store.range({ key: 'b' }).kvs.map(short), ['b=1 4.4.1']);
  t.match([...checkStore(db.backend)], [{ kind: 'index', revision: { main: 3, sub: 1 }, key: 'a' }]);

  db.put('a', '3');
  t.same(db.store.range({ key: 'a' }).kvs.map(short), ['a=3 3.5.2'], 'a new put can be read');
  const before = db.store.range({ key: 'a' });
  db.store.restore();
  t.same([...checkStore(db.backend)], []);
  t.same(db.store.range({ key: 'a', rev: 4 }).kvs, [], 'an index built anew does not know the lost one');
  t.same(db.store.range({ key: 'a' }), before);
});

t.test('two stores on one backend', async (t) => {
  const one = open();
  const two = open(one.backend);
  const reader = new StoreReader(one.backend);
  one.put('a', '1');
  t.equal(two.store.currentRev, 1);
  t.equal(two.put('b').revision, 3, 'a write takes in what the other has written');
  one.store.refresh();
  t.equal(one.store.currentRev, 3);
  one.store.compact(3);
  t.throws(() => two.store.compact(2), { code: 'COMPACTED' });
  t.equal(reader.currentRev, 1, 'a reader stands where it was opened');
});

t.test('the empty record of a restore that bumps the revision', async (t) => {
  const { backend, put } = open();
  put('a', '1');
  backend.tables.key.put(encodeRevisionKey({ main: 1000, sub: 0 }), Buffer.alloc(0));
  const { store } = open(backend);
  store.restore();
  t.equal(store.currentRev, 1000);
  t.same(store.range(ALL).kvs.map(short), ['a=1 2.2.1']);
  t.same(store.range({ ...ALL, rev: 500 }).kvs.map(short), ['a=1 2.2.1']);
});

t.test('at the highest revision everything is read, and nothing more is written', async (t) => {
  const { backend, put } = open();
  put('a', '1');
  const last = Number.MAX_SAFE_INTEGER;
  backend.tables.key.put(encodeRevisionKey({ main: last - 2, sub: 0 }), Buffer.alloc(0));
  const db = open(backend);
  db.store.restore();
  db.store.grantLease(5n, 60, 1000);
  db.store.grantLease(6n, 60, 1000);
  db.store.write((txn) => {
    txn.put('b', Buffer.from('2'), 5n);
    txn.put('c', Buffer.from('2'), 6n);
  });
  t.equal(db.store.expireLeases(2000), 1, 'one revision is left');
  t.equal(db.store.currentRev, last);
  const before = dump(backend);
  const error = {
    code: 'FULL',
    message: 'no revision is left: the newest, 9007199254740991, is the highest that can be read',
  };
  t.throws(() => db.put('a', '3'), error);
  t.throws(() => db.delete('a'), error);
  t.throws(() => db.store.write((txn) => txn.deleteRange('a', 'z')), error);
  t.throws(() => db.store.revokeLease(6n), error);
  t.equal(db.store.expireLeases(2000), 0);
  t.same(db.delete('nothing'), { result: 0, revision: last, events: [] });
  t.same(dump(backend), before, 'nothing was written');

  t.same(db.store.range(ALL).kvs.map(short), ['a=1 2.2.1', `c=2 ${last - 1}.${last - 1}.1`]);
  t.same(db.store.range({ ...ALL, rev: last - 1 }).count, 3);
  t.equal([...db.store.records(0, last)].length, 5);
  t.equal([...db.store.records(last, last)].length, 1);
  t.match(db.store.hash(last - 1), { revision: last - 1 });
  t.same([...checkStore(backend)], []);
  db.store.compact(last - 1);
  db.store.compact(last);
  const reader = new CheckedStoreReader(backend);
  t.match(reader.state, { currentRev: last, compactRev: last });
  t.same(reader.range(ALL).kvs.map(short), ['a=1 2.2.1', `c=2 ${last - 1}.${last - 1}.1`]);
  t.equal([...reader.records(0, last)].length, 4, 'with the empty record and the tombstone');
});

t.test('a key whose version is the highest is not put again', async (t) => {
  const { backend } = open();
  const kv = { key: 'a', createRevision: 2, modRevision: 9, value: Buffer.alloc(0), lease: 0n };
  const record = encodeKeyValue({ ...kv, version: Number.MAX_SAFE_INTEGER });
  backend.tables.key.put(encodeRevisionKey({ main: 9, sub: 0 }), record);
  backend.tables.meta.put(Buffer.from('finishedCompactRev'), encodeRevisionKey({ main: 9, sub: 0 }));
  const db = open(backend);
  db.store.restore();
  t.throws(() => db.put('a'), {
    code: 'FULL',
    message: 'no version is left of key "a": it has the highest that can be read',
  });
  t.equal(db.store.range({ key: 'a' }).kvs[0]?.version, Number.MAX_SAFE_INTEGER);
  db.delete('a');
  t.equal(db.put('a').revision, 11);
});

t.test('bytes that are no state', async (t) => {
  const table: [table: 'key' | 'meta', key: string, value: string, message: RegExp][] = [
    ['meta', 'finishedCompactRev', 'x', /^meta record finishedCompactRev: not a revision key/],
    ['meta', 'scheduledCompactRev', '', /^meta record scheduledCompactRev: not a revision key/],
    ['key', 'x', 'y', /^not a revision key: 78/],
  ];
  for (const [name, key, value, message] of table) {
    const backend = new MemoryBackend();
    backend.tables[name].put(Buffer.from(key), Buffer.from(value));
    t.throws(() => new Store(backend), { code: 'CORRUPT', message }, message.source);
  }
  const { backend, put } = open();
  put('a', '1');
  const [entry] = backend.tables.key.entries();
  backend.tables.key.put(entry!.key, entry!.value.subarray(0, -1));
  const { store } = open(backend);
  t.throws(() => store.range({ key: 'a' }), { code: 'CORRUPT' });
  t.throws(() => [...store.records(2, 2)].map((record) => record.keyValue()), {
    code: 'CORRUPT',
    message: /^revision 2_0: key-value record: field of 1 bytes runs past the end/,
  });
});

t.test('restore leaves the tables as they were', async (t) => {
  const db = open();
  db.store.grantLease(5n, 60);
  for (const key of ['a', 'b', 'a', 'c', 'd'.repeat(3000)]) db.put(key, 'v', 5n);
  db.delete('b', 'c');
  db.store.compact(4);
  const before = dump(db.backend);
  for (const name of ['index', 'lease'] as const) {
    for (const { key } of [...db.backend.tables[name].entries()]) {
      if (name === 'index' || key[8] === 'k'.charCodeAt(0)) db.backend.tables[name].delete(key);
    }
  }
  db.store.restore();
  t.same(dump(db.backend), before);
});

t.test('property: as the list of all changes, whatever the size of a compaction batch', async (t) => {
  const keys = fc.oneof({ weight: 12, arbitrary: fewKeys }, { weight: 1, arbitrary: longKeys });
  fc.assert(
    fc.property(
      fc.array(storeStep(keys), { maxLength: 30, size: 'max' }),
      fc.array(query(keys), { maxLength: 2 }),
      (steps, queries) => {
        const subjects = [1, 2, 1000].map((batchLimit) => {
          const backend = new MemoryBackend();
          return new Subject(() => backend, batchLimit);
        });
        runSteps(steps, queries, subjects);
      },
    ),
    { numRuns: 40 },
  );
  t.pass();
});
