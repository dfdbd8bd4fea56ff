import assert from 'node:assert/strict';
import t from 'tap';
import { DUE_RANGE, deadlineKey, dueKey, f64, formatLeaseId, idBytes } from '../../src/mvcc/lease-entry.js';
import { encodeLease } from '../../src/mvcc/lease-record.js';
import { LeaseReader, Leases, leaseEntries } from '../../src/mvcc/leases.js';
import { MemoryTable } from '../../src/mvcc/memory-table.js';
import { awkwardKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';

t.test('lease ids as etcd prints them', async (t) => {
  const table: [id: bigint, text: string][] = [
    [1n, '0000000000000001'],
    [7587862094606467073n, '694d805f71ab8001'],
    [2n ** 63n - 1n, '7fffffffffffffff'],
    [-1n, 'ffffffffffffffff'],
  ];
  for (const [id, text] of table) t.equal(formatLeaseId(id), text);
});

const rows = (table: MemoryTable) =>
  [...table.entries()].map(({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`);

t.test('entries: the bytes of etcd, then what it does not store', async (t) => {
  const table = new MemoryTable();
  const book = new Leases(table);
  book.grant(0x1234n, 60);
  book.attach(0x1234n, 'k');
  t.same(rows(table), ['0000000000001234 08b424103c', '00000000000012346b6b0001 6b']);
  book.setDeadline(0x1234n, 1.5);
  t.same(rows(table), [
    '0000000000000000643ff80000000000000000000000001234 ',
    '0000000000001234 08b424103c',
    '000000000000123464 3ff8000000000000',
    '00000000000012346b6b0001 6b',
  ]);
  t.same(book.get(0x1234n), { id: 0x1234n, ttlSeconds: 60, remainingTtlSeconds: 0, deadlineMs: 1.5 });
  book.setDeadline(0x1234n, 2);
  t.equal(table.size(), 4, 'a new deadline takes the place of the old');
  t.equal(book.get(0x12n), undefined);
});

t.test('leases that are due', async (t) => {
  const book = new Leases(new MemoryTable());
  t.equal(book.nextDeadline(), undefined);
  for (const [id, deadlineMs] of [
    [5n, 100_000],
    [-5n, 90_000],
    [7n, 100_000],
    [1n, 200_000],
    [2n, undefined],
  ] as const) {
    book.grant(id, 60, deadlineMs);
  }
  t.equal(book.nextDeadline(), 90_000);
  t.same(book.takeDue(89_999, 10), []);
  t.same(book.takeDue(100_000, 10), [-5n, 5n, 7n]);
  t.same(book.takeDue(100_000, 2), [-5n, 5n]);
  book.remove(-5n);
  t.equal(book.nextDeadline(), 100_000);

  t.equal(book.isClockBack(140_000), false, 'the last deadline was set at 140 s');
  t.equal(book.isClockBack(139_999), true);
  book.followClock(50_000);
  t.same(
    [...book.list()].map(({ id, deadlineMs }) => [id, deadlineMs]),
    [
      [1n, 110_000],
      [2n, undefined],
      [5n, 100_000],
      [7n, 100_000],
    ],
    'none has longer to live than it was granted',
  );
  t.equal(book.isClockBack(50_000), false);
  t.equal(book.isClockBack(49_999), true);
});

t.test('records that do not belong where they stand', async (t) => {
  const table = new MemoryTable();
  const book = new Leases(table);
  for (const id of [3n, 5n, 9n]) book.grant(id, 60);
  table.put(Buffer.from('00000000000000076b6b0001', 'hex'), Buffer.from('k'));
  table.put(Buffer.from('0000000000000008ff', 'hex'), Buffer.from('k'));
  table.put(Buffer.from('ff', 'hex'), Buffer.from('k'));
  t.same(
    [...book.list()].map(({ id }) => id),
    [3n, 5n, 9n],
  );
});

t.test('an entry of the list of deadlines that no lease confirms is dropped', async (t) => {
  const table = new MemoryTable();
  const book = new Leases(table);
  book.grant(1n, 60, 90_000);
  book.grant(2n, 60);
  book.grant(3n, 60, 99_000);
  const due = (deadlineMs: number, id: bigint) => table.put(dueKey(deadlineMs, id), Buffer.alloc(0));
  due(1, 4n);
  due(2, 2n);
  due(3, 3n);
  due(Number.NaN, 3n);
  table.put(Buffer.concat([deadlineKey(0n), Buffer.from('short')]), Buffer.alloc(0));
  t.same(book.takeDue(95_000, 100), [1n]);
  t.equal(book.nextDeadline(), 90_000);
  book.remove(1n);
  t.same(book.takeDue(Number.MAX_VALUE, 100), [3n]);
  t.same(
    [...table.entries(DUE_RANGE)].map(({ key }) => key.toString('hex')),
    [dueKey(99_000, 3n).toString('hex')],
  );

  table.put(deadlineKey(3n), Buffer.from('short'));
  t.same(book.takeDue(Number.MAX_VALUE, 100), [], 'a deadline that cannot be read confirms nothing');
  t.throws(() => book.get(3n), {
    code: 'CORRUPT',
    message: /^lease 0{15}3: its deadline is 0x73686f7274, which is no time/,
  });
  book.setDeadline(2n, 5);
  table.put(deadlineKey(2n), Buffer.alloc(0));
  book.remove(2n);
  t.equal(table.get(deadlineKey(2n)), undefined);
});

t.test('a lease that cannot be read does not keep the others from following the clock', async (t) => {
  const table = new MemoryTable();
  const book = new Leases(table);
  for (const id of [1n, 2n]) book.grant(id, 60, 200_000);
  table.put(idBytes(1n), Buffer.from('no lease'));
  book.followClock(50_000);
  t.equal(book.get(2n)?.deadlineMs, 110_000);
  t.equal(book.isClockBack(50_000), false);
});

t.test('a table that has only leases, as etcd keeps it', async (t) => {
  const table = new MemoryTable();
  new Leases(table).grant(7n, 60);
  const reader = new LeaseReader(table, () => new MemoryTable());
  t.same([...reader.list()], [{ id: 7n, ttlSeconds: 60, remainingTtlSeconds: 0, deadlineMs: undefined }]);
  const bad: [key: string, value: Buffer, message: RegExp][] = [
    ['000000000000000764', f64(1), /^bucket 'lease': the key 0x000000000000000764 has 9 bytes, expected 8$/],
    ['00', encodeLease({ id: 7n, ttlSeconds: 1, remainingTtlSeconds: 0 }), /the key 0x00 has 1 bytes/],
    ['77'.repeat(40), Buffer.alloc(0), /the key 0x(77){32}… has 40 bytes/],
    [
      '0000000000000008',
      encodeLease({ id: 7n, ttlSeconds: 1, remainingTtlSeconds: 0 }),
      /^lease 0{15}8: its record says 0{15}7$/,
    ],
    [
      '0000000000000000',
      encodeLease({ id: 0n, ttlSeconds: 1, remainingTtlSeconds: 0 }),
      /^lease 0{16}: no lease has this id$/,
    ],
    [
      '0000000000000008',
      encodeLease({ id: 8n, ttlSeconds: 0, remainingTtlSeconds: 0 }),
      /^lease 0{15}8: its TTL is 0 seconds$/,
    ],
    [
      '0000000000000008',
      encodeLease({ id: 8n, ttlSeconds: 9_000_000_001, remainingTtlSeconds: 0 }),
      /TTL is 9000000001 s/,
    ],
    [
      '0000000000000008',
      encodeLease({ id: 8n, ttlSeconds: 1, remainingTtlSeconds: 9_000_000_001 }),
      /remaining TTL is 9/,
    ],
    ['0000000000000008', Buffer.alloc(0), /^lease 0{15}8: its record says 0{16}$/],
  ];
  for (const [key, value, message] of bad) {
    const damaged = new MemoryTable();
    damaged.put(Buffer.from(key, 'hex'), value);
    const expected = { code: 'CORRUPT', message };
    t.throws(() => [...new LeaseReader(damaged, () => new MemoryTable()).list()], expected, key);
    t.throws(() => [...leaseEntries(damaged)], expected, key);
  }
  table.put(deadlineKey(7n), f64(1));
  t.equal(reader.get(7n)?.deadlineMs, undefined, 'a deadline is never read from there');
});

t.test('property: as a map of sets', async (t) => {
  // The ids are chosen so that one of them, with 'k' or 'd' behind it, is the beginning of another.
  const id = fc.constantFrom(1n, 0x6bn, 0x6b00n, -1n, 2n ** 63n - 1n);
  const step = fc.record({
    kind: fc.constantFrom('grant', 'remove', 'attach', 'attach', 'attach', 'detach', 'detachAll'),
    id,
    key: awkwardKeys,
    deadlineMs: fc.option(fc.nat(60_000), { nil: undefined }),
  });
  const unsigned = (id: bigint) => BigInt.asUintN(64, id);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const table = new MemoryTable();
      const book = new Leases(table);
      const model = new Map<bigint, { deadlineMs: number | undefined; keys: Set<string> }>();
      for (const { kind, id, key, deadlineMs } of steps) {
        const lease = model.get(id);
        if (kind === 'grant' && lease === undefined) {
          book.grant(id, 60, deadlineMs);
          model.set(id, { deadlineMs, keys: new Set() });
        } else if (kind === 'grant') {
          assert.throws(() => book.grant(id, 5, 0), { code: 'LEASE_EXISTS' });
        } else if (kind === 'remove') {
          book.remove(id);
          model.delete(id);
        } else if (kind === 'attach' && lease !== undefined) {
          book.attach(id, key);
          lease.keys.add(key);
        } else if (kind === 'detach') {
          book.detach(id, key);
          lease?.keys.delete(key);
        } else if (kind === 'detachAll') {
          book.detachAll();
          for (const { keys } of model.values()) keys.clear();
        }
      }
      const leases = [...model].sort(([a], [b]) => (unsigned(a) < unsigned(b) ? -1 : 1));
      assert.deepEqual(
        [...book.list()],
        leases.map(([id, { deadlineMs }]) => ({ id, ttlSeconds: 60, remainingTtlSeconds: 0, deadlineMs })),
      );
      for (const [id, { keys }] of leases) {
        assert(book.has(id));
        assert.deepEqual(book.keys(id), [...keys].sort());
      }
      const due = leases.filter(([, { deadlineMs }]) => deadlineMs !== undefined);
      assert.equal(book.takeDue(Number.POSITIVE_INFINITY, 100).length, due.length);
      const entries = leases.map(([, { deadlineMs, keys }]) => 1 + (deadlineMs === undefined ? 0 : 2) + keys.size);
      assert.equal(
        table.size(),
        entries.reduce((sum, count) => sum + count, 0),
        'nothing is left behind',
      );
    }),
    { numRuns: 150 },
  );
  t.pass();
});

t.test('a record that cannot be read, or is of another lease', async (t) => {
  const table = new MemoryTable();
  const book = new Leases(table);
  book.grant(0x1234n, 60);
  const [{ key, value }] = [...table.entries()] as [{ key: Buffer; value: Buffer }];
  table.put(key, value.subarray(0, 2));
  const cut = 'lease 0000000000001234: lease record: varint cut short at byte 3 of 2';
  t.throws(() => book.get(0x1234n), { code: 'CORRUPT', message: cut });
  table.put(key, Buffer.from('08b524103c', 'hex'));
  const other = 'lease 0000000000001234: its record says 0000000000001235';
  // The list once went on from the id inside the record, and never came to an end.
  t.throws(() => [...book.list()], { code: 'CORRUPT', message: other });
});
