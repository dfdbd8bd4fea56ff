import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TABLE_NAMES } from '../../src/mvcc/backend.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store, StoreReader } from '../../src/mvcc/store.js';
import { LmdbBackend, type LmdbOptions } from '../../src/storage/lmdb-backend.js';
import { anyBytes, awkwardKeys, fewKeys, longKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { dump, query, runSteps, Subject, storeStep } from '../support/store-steps.js';
import { applyStep, checkAlike, keyRange, tableStep } from '../support/table-steps.js';

const ALL = { key: '\0', end: '' };

/** Returns a function that returns the path of a new directory at each call. */
function directories(t: { testdir(): string }): () => string {
  const root = t.testdir();
  let count = 0;
  return () => join(root, `${count++}`);
}

function withBackend<T>(directory: string, body: (backend: LmdbBackend) => T, options: LmdbOptions = {}): T {
  const backend = new LmdbBackend(directory, { durable: false, ...options });
  try {
    return body(backend);
  } finally {
    backend.close();
  }
}

t.test('a new database', async (t) => {
  const directory = join(directories(t)(), 'made', 'on', 'the', 'way');
  withBackend(directory, (backend) => {
    for (const name of TABLE_NAMES) {
      const table = backend.tables[name];
      // `meta` begins with the id of the database; its format and totals are no part of what the table shows.
      t.equal(table.size(), name === 'meta' ? 1 : 0, name);
      t.equal([...table.entries()].length, table.size());
      t.same(table.last(), [...table.entries()].at(-1));
      t.equal(table.get(Buffer.from('a')), undefined);
    }
    t.same(readdirSync(directory).sort(), ['data.mdb', 'lock.mdb']);
    t.ok(backend.sizeBytes() > 0);
  });
});

t.test('property: tables as those in memory, inside a transaction, behind it, and opened again', async (t) => {
  const directory = directories(t);
  const batch = fc.array(fc.record({ table: fc.constantFrom('key', 'index', 'lease'), step: tableStep }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 5 }), fc.array(keyRange, { maxLength: 4 }), (batches, ranges) => {
      const path = directory();
      const model = new MemoryBackend();
      const check = (backend: LmdbBackend) => {
        for (const name of ['key', 'index', 'lease'] as const)
          checkAlike(backend.tables[name], model.tables[name], ranges);
      };
      withBackend(path, (backend) => {
        for (const steps of batches) {
          backend.transaction(() => {
            for (const { table, step } of steps) {
              applyStep(backend.tables[table], step);
              applyStep(model.tables[table], step);
              assert.deepEqual(backend.tables[table].get(step.key), step.value, 'a transaction sees what it wrote');
            }
            check(backend);
          });
          check(backend);
        }
      });
      withBackend(path, check);
      withBackend(path, check, { readOnly: true });
    }),
    { numRuns: 40 },
  );
  t.pass();
});

t.test('property: a transaction that throws leaves nothing behind', async (t) => {
  const directory = directories(t);
  const steps = fc.array(fc.record({ table: fc.constantFrom('key', 'index', 'meta'), step: tableStep }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(steps, steps, (before, during) => {
      withBackend(directory(), (backend) => {
        const apply = ({ table, step }: (typeof before)[number]) => applyStep(backend.tables[table], step);
        assert.equal(
          backend.transaction(() => {
            before.forEach(apply);
            return 'what the body gives';
          }),
          'what the body gives',
        );
        const wanted = dump(backend);
        for (let time = 0; time < 2; time++) {
          assert.throws(
            () =>
              backend.transaction(() => {
                during.forEach(apply);
                throw new Error('crash');
              }),
            /^Error: crash$/,
          );
          assert.deepEqual(dump(backend), wanted);
        }
        backend.transaction(() => during.forEach(apply));
        const model = new MemoryBackend();
        for (const { table, step } of [...before, ...during]) applyStep(model.tables[table], step);
        for (const name of ['key', 'index'] as const) checkAlike(backend.tables[name], model.tables[name], []);
      });
    }),
    { numRuns: 30 },
  );
  t.pass();
});

t.test('what has been read stays as it was read', async (t) => {
  withBackend(directories(t)(), (backend) => {
    const { key } = backend.tables;
    const put = (fill: number) =>
      backend.transaction(() => {
        for (let i = 0; i < 50; i++) key.put(Buffer.from(`k${10 + i}`), Buffer.alloc(500, fill));
      });
    put(1);
    const read = [...key.entries()];
    const one = key.get(Buffer.from('k10'))!;
    const last = key.last()!;
    const wanted = read.map((entry) => `${entry.key.toString('hex')} ${entry.value.toString('hex')}`);
    for (const fill of [2, 3, 4]) {
      put(fill);
      t.equal([...key.entries()].length, 50);
      t.equal(key.get(Buffer.from('k10'))![0], fill, 'a later read sees the later value');
    }
    t.same(
      read.map((entry) => `${entry.key.toString('hex')} ${entry.value.toString('hex')}`),
      wanted,
    );
    t.ok(one.equals(Buffer.alloc(500, 1)));
    t.same(last, { key: Buffer.from('k59'), value: Buffer.alloc(500, 1) });
  });
});

t.test('values of every size', async (t) => {
  const directory = directories(t)();
  const sizes = [0, 1, 2000, 4095, 4096, 100_000, 2_000_000];
  withBackend(directory, ({ tables: { key } }) => {
    for (const size of sizes) key.put(Buffer.from(`${size}`), Buffer.alloc(size, 7));
  });
  withBackend(directory, ({ tables: { key } }) => {
    for (const size of sizes) t.ok(key.get(Buffer.from(`${size}`))?.equals(Buffer.alloc(size, 7)), `${size}`);
  });
});

t.test('property: a store on LMDB is as the list of all changes', async (t) => {
  const directory = directories(t);
  const keys = fc.oneof({ weight: 8, arbitrary: fewKeys }, { weight: 1, arbitrary: longKeys });
  fc.assert(
    fc.property(
      fc.array(storeStep(keys), { maxLength: 25, size: 'max' }),
      fc.array(query(keys), { maxLength: 1 }),
      fc.constantFrom(1, 2, 1000),
      (steps, queries, batchLimit) => {
        const path = directory();
        const subject = new Subject(() => new LmdbBackend(path, { durable: false }), batchLimit);
        try {
          runSteps(steps, queries, [subject]);
        } finally {
          subject.close();
        }
      },
    ),
    { numRuns: 15 },
  );
  t.pass();
});

t.test('property: keys of 64 KiB and any bytes', async (t) => {
  const directory = directories(t);
  // Long keys have the same beginning, of a length at which LMDB itself could not tell them apart.
  const long = fc
    .tuple(fc.constantFrom('\0', 'p', '\xff'), anyBytes(4), fc.constantFrom(2000, 65_532))
    .map(([head, tail, length]) => head.repeat(length) + tail.toString('latin1'));
  const keys = fc.oneof(long, awkwardKeys);
  fc.assert(
    fc.property(fc.uniqueArray(keys, { minLength: 1, maxLength: 12 }), keys, keys, (present, from, end) => {
      withBackend(directory(), (backend) => {
        const store = new Store(backend);
        for (const key of present) store.write((txn) => txn.put(key, Buffer.from('1')));
        for (const key of present) store.write((txn) => txn.put(key, Buffer.from('2')));
        const { currentRev } = store;
        const sorted = [...present].sort();
        const found = (range: { key: string; end?: string; rev?: number }) =>
          store.range(range).kvs.map((kv) => kv.key);
        assert.deepEqual(found(ALL), sorted);
        assert.deepEqual(found({ ...ALL, rev: 1 + present.length }), sorted);
        assert.deepEqual(found({ ...ALL, rev: 2 }), present.slice(0, 1));
        assert.deepEqual(
          found({ key: from, end }),
          sorted.filter((key) => key >= from && key < end),
        );
        for (const [i, key] of present.entries()) {
          assert.deepEqual(found({ key }), [key]);
          assert.deepEqual(
            [...store.history(key)].map(({ main }) => main),
            [2 + i, 2 + present.length + i],
          );
        }
        const [first, ...others] = present as [string, ...string[]];
        assert.equal(store.write((txn) => txn.deleteRange(first)).result, 1);
        assert.deepEqual(found(ALL), [...others].sort());
        store.compact(currentRev + 1);
        assert.equal(store.countRecords(), present.length);
        assert.equal(store.write((txn) => txn.deleteRange('\0', '')).result, others.length);
        store.write((txn) => txn.put('other', Buffer.from('3')));
        store.compact(store.currentRev);
        assert.deepEqual([found(ALL), store.countRecords()], [['other'], 1]);
        assert.deepEqual(store.countKeys(), { live: 1, deleted: 0 });
      });
    }),
    { numRuns: 25 },
  );
  t.pass();
});

t.test('what is committed is there when the database is opened again', async (t) => {
  const directory = directories(t)();
  const before = withBackend(
    directory,
    (backend) => {
      const store = new Store(backend);
      store.grantLease(5n, 60, 1234);
      for (const key of ['a', 'b', 'c']) store.write((txn) => txn.put(key, Buffer.from(key), 5n));
      store.write((txn) => txn.deleteRange('b'));
      store.compact(3);
      t.throws(
        () =>
          store.write((txn) => {
            txn.put('lost', Buffer.from('x'));
            throw new Error('crash');
          }),
        /^crash$/,
      );
      return { state: store.state, range: store.range(ALL), hash: store.hash(5), keys: store.leases.keys(5n) };
    },
    { durable: true },
  );
  t.match(before, { state: { currentRev: 5, compactRev: 3 }, range: { count: 2 }, keys: ['a', 'c'] });
  for (const options of [{}, { readOnly: true }, { durable: true }]) {
    withBackend(
      directory,
      (backend) => {
        const store = new StoreReader(backend);
        const now = { state: store.state, range: store.range(ALL), hash: store.hash(5), keys: store.leases.keys(5n) };
        t.same(now, before, JSON.stringify(options));
      },
      options,
    );
  }
});

t.test('reading only', async (t) => {
  const directory = directories(t);
  const nowhere = directory();
  t.throws(() => new LmdbBackend(nowhere, { readOnly: true }), { name: 'MvccwError', code: 'IO' });
  t.notOk(existsSync(nowhere), 'nothing has been made');

  const path = directory();
  withBackend(path, (backend) => new Store(backend).write((txn) => txn.put('a', Buffer.from('1'))));
  withBackend(
    path,
    (backend) => {
      const wanted = dump(backend);
      t.throws(() => backend.transaction(() => backend.tables.key.put(Buffer.from('x'), Buffer.from('y'))));
      t.same(dump(backend), wanted);
      t.equal(new StoreReader(backend).range(ALL).count, 1);
      t.ok(backend.sizeBytes() > 0);
    },
    { readOnly: true },
  );
});
