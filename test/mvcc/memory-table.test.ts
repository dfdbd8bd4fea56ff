import assert from 'node:assert/strict';
import t from 'tap';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { MemoryTable } from '../../src/mvcc/memory-table.js';
import fc from '../support/fast-check.js';
import { SortedMapTable } from '../support/sorted-map-table.js';
import { applyStep, checkAlike, keyRange, tableStep } from '../support/table-steps.js';

t.test('an empty table', async (t) => {
  const table = new MemoryTable();
  t.equal(table.size(), 0);
  t.same([...table.entries()], []);
  t.equal(table.last(), undefined);
  t.equal(table.last({ lt: Buffer.from('a') }), undefined);
  t.equal(table.get(Buffer.from('a')), undefined);
  table.delete(Buffer.from('a'));
  t.equal(table.size(), 0);
});

t.test('keys and values are copied', async (t) => {
  const table = new MemoryTable();
  const key = Buffer.from('a');
  const value = Buffer.from('1');
  table.put(key, value);
  key.fill('b');
  value.fill('2');
  t.same([...table.entries()], [{ key: Buffer.from('a'), value: Buffer.from('1') }]);
});

t.test('property: as a sorted map', async (t) => {
  fc.assert(
    fc.property(fc.array(tableStep, { maxLength: 40 }), fc.array(keyRange, { maxLength: 6 }), (steps, ranges) => {
      const table = new MemoryTable();
      const model = new SortedMapTable();
      for (const step of steps) {
        applyStep(table, step);
        applyStep(model, step);
        assert.deepEqual(table.get(step.key), step.value);
      }
      checkAlike(table, model, ranges);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('property: a large table, that grows in any order and is emptied in any order', async (t) => {
  const key = (n: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(n);
    return bytes;
  };
  // (a n + b) mod 4096 with odd a goes through all numbers once.
  const order = fc.record({ a: fc.nat(2047).map((n) => 2 * n + 1), b: fc.nat(4095) });
  fc.assert(
    fc.property(order, order, fc.array(fc.nat(4096), { maxLength: 8 }), (grow, shrink, bounds) => {
      const table = new MemoryTable();
      const present = new Set<number>();
      const check = () => {
        const sorted = [...present].sort((a, b) => a - b);
        assert.equal(table.size(), sorted.length);
        assert.deepEqual(
          [...table.entries()].map((entry) => entry.key.readUInt32BE(0)),
          sorted,
        );
        for (const bound of bounds) {
          const [at, last] = [[...table.entries({ gte: key(bound) })][0], table.last({ lt: key(bound) })];
          assert.equal(
            at?.key.readUInt32BE(0),
            sorted.find((n) => n >= bound),
          );
          assert.equal(
            last?.key.readUInt32BE(0),
            sorted.findLast((n) => n < bound),
          );
        }
      };
      for (let i = 0; i < 4096; i++) {
        const n = (grow.a * i + grow.b) % 4096;
        table.put(key(n), Buffer.alloc(0));
        present.add(n);
        if (i % 1500 === 0) check();
      }
      check();
      for (let i = 0; i < 4096; i++) {
        const n = (shrink.a * i + shrink.b) % 4096;
        table.delete(key(n));
        present.delete(n);
        if (i % 1500 === 0) check();
      }
      check();
    }),
    { numRuns: 10 },
  );
  t.pass();
});

t.test('property: a transaction that throws leaves nothing behind', async (t) => {
  const steps = fc.array(fc.record({ table: fc.constantFrom('key', 'index'), step: tableStep }), { maxLength: 15 });
  fc.assert(
    fc.property(steps, steps, (before, during) => {
      const backend = new MemoryBackend();
      const model = { key: new SortedMapTable(), index: new SortedMapTable() };
      const same = () => {
        for (const name of ['key', 'index'] as const) checkAlike(backend.tables[name], model[name], []);
      };
      backend.transaction(() => {
        for (const { table, step } of before) {
          applyStep(backend.tables[table], step);
          applyStep(model[table], step);
        }
      });
      same();
      const crash = () =>
        backend.transaction(() => {
          for (const { table, step } of during) applyStep(backend.tables[table], step);
          throw new Error('crash');
        });
      assert.throws(crash, /^Error: crash$/);
      same();
      assert.throws(crash, /^Error: crash$/);
      same();
    }),
  );
  t.pass();
});

t.test('size in bytes', async (t) => {
  const backend = new MemoryBackend();
  t.equal(backend.sizeBytes(), 0);
  t.equal(
    backend.transaction(() => {
      backend.tables.key.put(Buffer.from('ab'), Buffer.from('cde'));
      backend.tables.meta.put(Buffer.from('f'), Buffer.alloc(0));
      return 'what the body gives';
    }),
    'what the body gives',
  );
  t.equal(backend.sizeBytes(), 6);
});
