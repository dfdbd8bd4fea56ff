// These tests damage one thing of a store after the other, and name what the check must find: all of it, and no more.

import t from 'tap';
import { checkStore } from '../../src/inspect/check/check-store.js';
import type { Finding } from '../../src/inspect/check/finding.js';
import { encodeKeyValue } from '../../src/mvcc/key-value.js';
import { attachmentRange, CLOCK, deadlineKey, dueKey, f64, idBytes } from '../../src/mvcc/lease-entry.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { Store } from '../../src/mvcc/store.js';

const LONG = 'long'.padEnd(2000, 'x');
const LEASE = 7n;
const DEADLINE_MS = 1_700_000_000_000;

/** Makes a store with a history that is compacted at 3, keys of each length, leases and a watcher. */
function filled(): MemoryBackend {
  const backend = new MemoryBackend();
  const store = new Store(backend);
  const put = (key: string, lease = 0n) => store.write((txn) => txn.put(key, Buffer.from('v'), lease));
  store.grantLease(LEASE, 60, DEADLINE_MS);
  store.grantLease(8n, 60);
  for (const key of ['a', 'b', 'a']) put(key); // 2, 3, 4
  store.compact(3);
  put('a', LEASE); // 5
  put(LONG, LEASE); // 6
  store.write((txn) => txn.deleteRange('b')); // 7
  put('b'); // 8
  backend.tables.watch.put(Buffer.from('w'), Buffer.from('{"key":"","filters":[],"prevKv":false}'));
  return backend;
}

const revision = (main: number, tombstone = false) => encodeRevisionKey({ main, sub: 0 }, tombstone);

function record(key: string, main: number, changes: object = {}): Buffer {
  const kv = { key, createRevision: 2, modRevision: main, version: 3, value: Buffer.from('v'), lease: 0n, ...changes };
  return encodeKeyValue(kv);
}

type Tables = MemoryBackend['tables'];
type Row = readonly [what: string, damage: (tables: Tables) => void, findings: readonly Partial<Finding>[]];

const nth = (table: Tables['index'], at: number) => [...table.entries()][at]!;
const attachment = (tables: Tables) => [...tables.lease.entries(attachmentRange(LEASE))][0]!;

const ROWS: readonly Row[] = [
  ['nothing', () => undefined, []],
  [
    'a record that cannot be read',
    ({ key }) => key.put(revision(8), Buffer.from('0a', 'hex')),
    [
      { kind: 'record', table: 'key', revision: { main: 8, sub: 0 } },
      { kind: 'index', key: 'b' },
    ],
  ],
  [
    'a record of another revision, and one without a key',
    ({ key }) => {
      key.put(revision(8), record('b', 9, { createRevision: 9, version: 1 }));
      key.put(encodeRevisionKey({ main: 8, sub: 1 }), record('', 8));
    },
    [
      { kind: 'record', revision: { main: 8, sub: 0 } },
      { kind: 'record', revision: { main: 8, sub: 1 } },
      { kind: 'index', key: 'b' },
    ],
  ],
  [
    'a version that does not follow',
    ({ key }) => key.put(revision(5), record('a', 5, { version: 4, lease: LEASE })),
    [
      { kind: 'history', revision: { main: 5, sub: 0 } },
      { kind: 'index', revision: { main: 5, sub: 0 } },
    ],
  ],
  [
    'a key of no record',
    ({ key }) => key.put(Buffer.from('zz'), Buffer.alloc(3)),
    [{ kind: 'record', entry: Buffer.from('zz') }],
  ],
  [
    'records that are missing',
    ({ key }) => {
      key.delete(revision(4));
      key.delete(revision(6));
    },
    [
      { kind: 'history', revision: { main: 4, sub: 0 } },
      { kind: 'history', revision: { main: 5, sub: 0 } },
      { kind: 'history', revision: { main: 6, sub: 0 } },
      { kind: 'index', revision: { main: 4, sub: 0 } },
      { kind: 'index', key: LONG },
      { kind: 'attachment', key: LONG },
    ],
  ],
  [
    'marks of compaction',
    ({ meta }) => meta.put(Buffer.from('finishedCompactRev'), revision(5)),
    [{ kind: 'marks', table: 'meta' }],
  ],
  [
    'a mark that cannot be read',
    ({ meta }) => meta.put(Buffer.from('finishedCompactRev'), Buffer.alloc(3)),
    [{ kind: 'marks' }],
  ],
  ['the index is gone', ({ index }) => clear(index), Array.from({ length: 7 }, () => ({ kind: 'index' }))],
  [
    'the newest revision of a key is not in the index',
    ({ index }) => index.delete(Buffer.from('La\0\x01', 'latin1')),
    [2, 4, 5].map((main) => ({ kind: 'index', key: 'a', revision: { main, sub: 0 } })),
  ],
  [
    'the index ends too early, and has its newest revision as an older one',
    ({ index }) => {
      const slot = Buffer.from('Lb\0\x01', 'latin1');
      const state = Buffer.from(index.get(slot)!);
      state.writeUInt32BE(7, 5);
      state[0] = 1;
      index.put(slot, state);
    },
    [
      { kind: 'index', key: 'b', revision: { main: 7, sub: 0 } },
      {
        kind: 'index',
        revision: { main: 8, sub: 0 },
        problem: 'key "b", revision 8_0: the index ends at revision 7_0',
      },
      { kind: 'index', revision: { main: 7, sub: 0 } },
    ],
  ],
  [
    'a version in the index',
    ({ index }) => {
      const slot = Buffer.from('La\0\x01', 'latin1');
      const state = Buffer.from(index.get(slot)!);
      state[32] = 9;
      index.put(slot, state);
    },
    [{ kind: 'index', key: 'a', revision: { main: 5, sub: 0 } }],
  ],
  [
    'a tombstone that the index takes for a put',
    ({ index }) => index.put(nth(index, 2).key, Buffer.from([1])),
    [{ kind: 'index' }, { kind: 'index' }],
  ],
  [
    'entries of the index that are too many',
    ({ index }) => {
      index.put(Buffer.from('z'), Buffer.alloc(1));
      index.put(Buffer.from('Lz\0\x01', 'latin1'), index.get(Buffer.from('La\0\x01', 'latin1'))!);
    },
    [
      { kind: 'index', key: 'z' },
      { kind: 'index', entry: Buffer.from('z') },
    ],
  ],
  [
    'a lease that cannot be read',
    ({ lease }) => lease.put(idBytes(8n), Buffer.from('0a', 'hex')),
    [{ kind: 'lease', lease: 8n }],
  ],
  [
    'a lease that is gone',
    ({ lease }) => lease.delete(idBytes(LEASE)),
    [
      { kind: 'due', lease: LEASE },
      { kind: 'attachment', lease: LEASE, key: 'a' },
      { kind: 'attachment', lease: LEASE, key: LONG },
      { kind: 'lease', lease: LEASE, key: 'a' },
      { kind: 'lease', lease: LEASE, key: LONG },
    ],
  ],
  [
    'a deadline that is not in the list',
    ({ lease }) => lease.delete(dueKey(DEADLINE_MS, LEASE)),
    [{ kind: 'due', lease: LEASE }],
  ],
  [
    'entries of the list of deadlines that are too many',
    ({ lease }) => {
      lease.put(dueKey(DEADLINE_MS, 99n), Buffer.alloc(0));
      lease.put(dueKey(1, LEASE), Buffer.alloc(0));
      lease.put(Buffer.concat([deadlineKey(0n), Buffer.alloc(3)]), Buffer.alloc(0));
    },
    [{ kind: 'due' }, { kind: 'due', lease: LEASE }, { kind: 'due', lease: 99n }],
  ],
  [
    'a deadline that is no time',
    ({ lease }) => lease.put(deadlineKey(LEASE), f64(Number.NaN)),
    [{ kind: 'due' }, { kind: 'lease', lease: LEASE }],
  ],
  ['the clock', ({ lease }) => lease.put(CLOCK, Buffer.alloc(2)), [{ kind: 'due', entry: CLOCK }]],
  [
    'an entry of no form',
    ({ lease }) => lease.put(Buffer.from('odd'), Buffer.alloc(2)),
    [{ kind: 'lease', entry: Buffer.from('odd') }],
  ],
  [
    'an attachment is gone',
    (tables) => tables.lease.delete(attachment(tables).key),
    [{ kind: 'attachment', key: 'a' }],
  ],
  [
    'an attachment of another key',
    (tables) => tables.lease.put(attachment(tables).key, Buffer.from('b')),
    [
      { kind: 'attachment', key: 'a' },
      { kind: 'attachment', key: 'b' },
    ],
  ],
  [
    'a watcher that cannot be read',
    ({ watch }) => watch.put(Buffer.from('w'), Buffer.from('{')),
    [{ kind: 'watcher' }],
  ],
];

function clear(table: Tables['index']): void {
  for (const { key } of [...table.entries()]) table.delete(key);
}

t.test('each kind of damage', async (t) => {
  for (const [what, damage, wanted] of ROWS) {
    const backend = filled();
    damage(backend.tables);
    const found = [...checkStore(backend)];
    t.match(found, wanted, what);
    t.equal(
      found.length,
      wanted.length,
      `${what}: ${found.map(({ kind, problem }) => `${kind}: ${problem.slice(0, 99)}`).join('; ')}`,
    );
  }
});
