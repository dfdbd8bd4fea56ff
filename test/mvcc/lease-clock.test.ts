import t from 'tap';
import { deadlineAfter, grantedTtl, remainingSeconds } from '../../src/mvcc/lease-clock.js';
import { deadlineKey, dueKey } from '../../src/mvcc/lease-entry.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store } from '../../src/mvcc/store.js';

t.test('what a request for a TTL is granted', async (t) => {
  for (const [asked, granted] of [
    [0, 2],
    [1, 2],
    [2, 2],
    [3, 3],
    [9_000_000_000, 9_000_000_000],
  ] as const) {
    t.equal(grantedTtl(asked), granted);
  }
  t.throws(() => grantedTtl(9_000_000_001), { code: 'USAGE', message: 'too large lease TTL: 9000000001 seconds' });
});

t.test('what is left', async (t) => {
  const lease = { id: 1n, ttlSeconds: 10, remainingTtlSeconds: 0, deadlineMs: deadlineAfter(10, 5000) };
  for (const [nowMs, left] of [
    [5000, 10],
    [5001, 9],
    [14_000, 1],
    [14_001, 0],
    [14_999, 0],
    [15_000, undefined],
    [99_000, undefined],
    // The clock has gone back.
    [0, 10],
  ] as const) {
    t.equal(remainingSeconds(lease, nowMs), left, `at ${nowMs}`);
  }
  t.equal(remainingSeconds({ ...lease, deadlineMs: undefined }, 99_000), 10, 'no deadline: all of it');
});

function storeWithLeases(leases: readonly (readonly [id: bigint, ttlSeconds: number, deadlineMs?: number])[]): Store {
  const store = new Store(new MemoryBackend());
  for (const [id, ttlSeconds, deadlineMs] of leases) store.grantLease(id, ttlSeconds, deadlineMs);
  return store;
}

function put(store: Store, key: string, lease: bigint): void {
  store.write((txn) => txn.put(key, Buffer.from('v'), lease));
}

t.test('expiry: each lease in its own revision, by deadline, then id', async (t) => {
  const store = storeWithLeases([
    [9n, 10, 10_000],
    [3n, 10, 12_000],
    [2n, 10, 12_000],
    [5n, 60, 60_000],
    [6n, 10],
  ]);
  for (const [key, lease] of [
    ['b', 3n],
    ['a', 3n],
    ['c', 9n],
    ['d', 2n],
    ['e', 5n],
    ['f', 6n],
  ] as const) {
    put(store, key, lease);
  }
  t.equal(store.expireLeases(9999), 0);
  t.equal(store.currentRev, 7);
  t.equal(store.expireLeases(12_000), 3);
  const deleted = [...store.records(8, store.currentRev)].map(({ main, sub, key }) => `${main}_${sub} ${key}`);
  t.same(deleted, ['8_0 c', '9_0 d', '10_0 a', '10_1 b']);
  t.same(
    [...store.leases.list()].map(({ id }) => id),
    [5n, 6n],
  );
  t.equal(store.expireLeases(12_000), 0);
  t.equal(store.expireLeases(1e15), 1, 'the one without a deadline stays');
});

t.test('a lease without keys goes without a revision', async (t) => {
  const store = storeWithLeases([[1n, 2, 2000]]);
  t.equal(store.expireLeases(2000), 1);
  t.equal(store.currentRev, 1);
});

t.test('many leases', async (t) => {
  const store = storeWithLeases(Array.from({ length: 250 }, (_, i) => [BigInt(i + 1), 2, 2000 + i] as const));
  t.equal(store.expireLeases(2200), 201);
  t.equal(store.expireLeases(9000), 49);
});

t.test('a clock that goes back prolongs no lease', async (t) => {
  const hourMs = 3_600_000;
  const store = storeWithLeases([
    [1n, 10, hourMs + 10_000],
    [2n, 60, hourMs + 60_000],
    [3n, 10],
  ]);
  t.equal(store.expireLeases(1000), 0);
  t.equal(store.leases.get(1n)!.deadlineMs, 11_000, 'the whole TTL from now, but no more');
  t.equal(store.leases.get(2n)!.deadlineMs, 61_000);
  t.equal(store.leases.get(3n)!.deadlineMs, undefined);
  t.equal(store.expireLeases(11_000), 1);
  store.grantLease(4n, 10, 21_000);
  t.equal(store.expireLeases(20_999), 0);
  t.equal(store.expireLeases(21_000), 1);
});

t.test('keeping a lease alive', async (t) => {
  const store = storeWithLeases([[1n, 10, 10_000]]);
  t.equal(store.keepLeaseAlive(1n, 9000), 10);
  t.equal(store.expireLeases(18_999), 0);
  t.equal(store.expireLeases(19_000), 1);
  t.throws(() => store.keepLeaseAlive(1n, 19_000), { code: 'LEASE_NOT_FOUND' });
});

t.test('entries that no lease confirms never keep a store from being written, and delete nothing', async (t) => {
  const backend = new MemoryBackend();
  const store = new Store(backend);
  store.grantLease(1n, 600);
  store.write((txn) => txn.put('k', Buffer.from('v'), 1n));
  for (const id of [1n, 2n]) backend.tables.lease.put(dueKey(5, id), Buffer.alloc(0));
  backend.tables.lease.put(deadlineKey(0n), Buffer.alloc(0));
  t.equal(store.leases.nextDeadline(), 0);
  t.equal(store.expireLeases(10_000), 0);
  t.equal(store.leases.nextDeadline(), undefined);
  t.same([store.currentRev, store.leases.keys(1n)], [2, ['k']]);
});
