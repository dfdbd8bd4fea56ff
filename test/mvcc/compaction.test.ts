import assert from 'node:assert/strict';
import t from 'tap';
import { TABLE_NAMES } from '../../src/mvcc/backend.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store, StoreReader } from '../../src/mvcc/store.js';
import { fewKeys } from '../support/arbitraries.js';
import { CrashingBackend } from '../support/crashing-backend.js';
import fc from '../support/fast-check.js';
import { dump, runSteps, Subject, storeStep } from '../support/store-steps.js';

const ALL = { key: '\0', end: '' };

function copyOf(backend: MemoryBackend): MemoryBackend {
  const copy = new MemoryBackend();
  for (const name of TABLE_NAMES) {
    for (const { key, value } of backend.tables[name].entries()) copy.tables[name].put(key, value);
  }
  return copy;
}

/** Returns a backend in which the revisions 2 to 7 put the keys a b a b a a. */
function sixPuts(): MemoryBackend {
  const backend = new MemoryBackend();
  const store = new Store(backend);
  for (const key of ['a', 'b', 'a', 'b', 'a', 'a']) store.write((txn) => txn.put(key, Buffer.from(key)));
  return backend;
}

const revisionsIn = (backend: MemoryBackend) => [...new StoreReader(backend).records(0, 100)].map(({ main }) => main);

t.test('a compaction works in batches, each a transaction', async (t) => {
  // A compaction at 6 looks at the revisions 2 to 6 and removes 2 to 4. Its first transaction only notes the plan.
  const table: [batchLimit: number, left: number[][]][] = [
    [
      1,
      [
        [2, 3, 4, 5, 6, 7],
        [2, 3, 4, 5, 6, 7],
        [3, 4, 5, 6, 7],
        [4, 5, 6, 7],
        [5, 6, 7],
        [5, 6, 7],
        [5, 6, 7],
      ],
    ],
    [
      2,
      [
        [2, 3, 4, 5, 6, 7],
        [2, 3, 4, 5, 6, 7],
        [4, 5, 6, 7],
        [5, 6, 7],
      ],
    ],
    [
      5,
      [
        [2, 3, 4, 5, 6, 7],
        [2, 3, 4, 5, 6, 7],
        [5, 6, 7],
      ],
    ],
    [
      1000,
      [
        [2, 3, 4, 5, 6, 7],
        [2, 3, 4, 5, 6, 7],
      ],
    ],
  ];
  for (const [compactionBatchLimit, lefts] of table) {
    for (const [crashAfter, left] of lefts.entries()) {
      const backend = sixPuts();
      const crashing = new Store(new CrashingBackend(backend, crashAfter, 'before'), { compactionBatchLimit });
      const name = `batches of ${compactionBatchLimit}, crash after ${crashAfter}`;
      t.throws(() => crashing.compact(6), /^crash$/, name);
      t.same(revisionsIn(backend), left, name);

      const { compactRev, finishedCompactRev } = new StoreReader(backend).state;
      t.equal(compactRev, crashAfter === 0 ? -1 : 6, 'once it is planned, what lies below cannot be read');
      t.equal(finishedCompactRev, undefined);

      const reopened = new Store(backend, { compactionBatchLimit });
      t.same(revisionsIn(backend), crashAfter === 0 ? left : [5, 6, 7], `${name}: finished when opened again`);
      t.equal(reopened.state.finishedCompactRev, crashAfter === 0 ? undefined : 6);
    }
    const backend = sixPuts();
    const enough = new Store(new CrashingBackend(backend, lefts.length, 'before'), { compactionBatchLimit });
    enough.compact(6);
    t.same(revisionsIn(backend), [5, 6, 7], `batches of ${compactionBatchLimit}, whole`);
  }
});

// The store once kept its earlier compact revision: a read below the new one met removed records and called it damage.
t.test('a store whose compaction fails knows that it has begun', async (t) => {
  const store = new Store(new CrashingBackend(sixPuts(), 2, 'before'), { compactionBatchLimit: 3 });
  t.throws(() => store.compact(6), /^crash$/);
  t.match(store.state, { currentRev: 7, compactRev: 6, scheduledCompactRev: 6, finishedCompactRev: undefined });
  t.throws(() => store.range({ key: 'a', rev: 2 }), { code: 'COMPACTED' });
  t.equal(store.range({ key: 'a', rev: 6 }).count, 1);
});

t.test('hashes do not show how far a compaction has come', async (t) => {
  const backend = sixPuts();
  const whole = new Store(copyOf(backend));
  whole.compact(5);
  for (const crashAfter of [1, 2, 3, 4]) {
    const copy = copyOf(backend);
    const crashing = new Store(new CrashingBackend(copy, crashAfter, 'before'), { compactionBatchLimit: 1 });
    t.throws(() => crashing.compact(5), /^crash$/);
    for (const rev of [6, 7]) {
      t.same(new StoreReader(copy).hash(rev), whole.hash(rev), `at ${rev}, crash after ${crashAfter}`);
    }
  }
});

t.test('property: cut short anywhere and opened again, a compaction ends as if nothing had happened', async (t) => {
  const steps = fc.array(storeStep(fewKeys), { minLength: 6, maxLength: 25, size: 'max' });
  fc.assert(
    fc.property(steps, fc.nat(100), fc.integer({ min: 1, max: 4 }), fc.boolean(), (steps, percent, limit, during) => {
      const backend = new MemoryBackend();
      const model = runSteps(steps, [], [new Subject(() => backend, 1000)]);
      const from = Math.max(model.compactRev, 0) + 1;
      if (from > model.currentRev) return;
      const rev = from + Math.round(((model.currentRev - from) * percent) / 100);
      const options = { compactionBatchLimit: limit };

      const whole = copyOf(backend);
      new Store(whole, options).compact(rev);
      const wanted = dump(whole);
      const readable = (store: StoreReader) => {
        const states = [];
        for (let at = rev; at <= store.currentRev; at++) states.push(store.range({ ...ALL, rev: at }));
        return states;
      };
      const loses = model.losesRecordAt(rev);
      const reads = loses ? [] : readable(new StoreReader(whole));

      for (let crashAfter = 0, crashed = true; crashed; crashAfter++) {
        const copy = copyOf(backend);
        const store = new Store(new CrashingBackend(copy, crashAfter, during ? 'during' : 'before'), options);
        try {
          store.compact(rev);
          crashed = false;
        } catch (error) {
          assert.equal((error as Error).message, 'crash');
        }
        if (crashAfter === 0) {
          assert.deepEqual(dump(copy), dump(backend), 'before it is planned, nothing has changed');
          continue;
        }
        if (!loses) assert.deepEqual(readable(new StoreReader(copy)), reads, `reads after ${crashAfter} transactions`);
        new Store(copy, options);
        assert.deepEqual(dump(copy), wanted, `cut short after ${crashAfter} transactions`);
      }
    }),
    { numRuns: 40 },
  );
  t.pass();
});

t.test('property: cut short again and again, it ends all the same', async (t) => {
  const steps = fc.array(storeStep(fewKeys), { minLength: 10, maxLength: 25, size: 'max' });
  fc.assert(
    fc.property(steps, fc.array(fc.nat(3), { maxLength: 6 }), (steps, crashes) => {
      const backend = new MemoryBackend();
      const model = runSteps(steps, [], [new Subject(() => backend, 1000)]);
      if (model.currentRev === model.compactRev) return;
      const whole = copyOf(backend);
      new Store(whole).compact(model.currentRev);

      const options = { compactionBatchLimit: 2 };
      const crashing = (crashAfter: number) => new CrashingBackend(backend, crashAfter, 'before');
      assert.throws(() => new Store(crashing(1), options).compact(model.currentRev), /^Error: crash$/);
      for (const crashAfter of crashes) {
        try {
          new Store(crashing(crashAfter), options);
        } catch (error) {
          assert.equal((error as Error).message, 'crash');
        }
      }
      new Store(backend, options);
      assert.deepEqual(dump(backend), dump(whole));
    }),
    { numRuns: 30 },
  );
  t.pass();
});
