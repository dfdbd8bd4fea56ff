import assert from 'node:assert/strict';
import t from 'tap';
import { type Diff, type DiffOptions, diffKeySpaces } from '../../../src/inspect/diff/diff.js';
import { changesByPrefix } from '../../../src/inspect/diff/stat.js';
import { encodeKeyValue, type KeyValue } from '../../../src/mvcc/key-value.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { encodeRevisionKey } from '../../../src/mvcc/revision.js';
import { Store, StoreReader } from '../../../src/mvcc/store.js';
import { writeScheduledCompactRev } from '../../../src/mvcc/store-state.js';
import { anyBytes, fewKeys } from '../../support/arbitraries.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';

/** A put, or a deletion without a value. The keys of a transaction differ. */
interface Change {
  readonly key: string;
  readonly value: Buffer | undefined;
}

const ALL = { key: '\0', end: '' };
const RUNS = { numRuns: draws(60, 1000) };

const change: fc.Arbitrary<Change> = fc.record({ key: fewKeys, value: fc.option(anyBytes(2), { nil: undefined }) });
const transactions = fc.array(fc.uniqueArray(change, { selector: ({ key }) => key, minLength: 1, maxLength: 3 }), {
  maxLength: 12,
});

function write(backend: MemoryBackend, history: readonly (readonly Change[])[]): void {
  const store = new Store(backend);
  for (const changes of history) {
    store.write((txn) => {
      for (const { key, value } of changes) {
        if (value === undefined) txn.deleteRange(key);
        else txn.put(key, value);
      }
    });
  }
}

function backendOf(...histories: readonly (readonly Change[])[][]): MemoryBackend {
  const backend = new MemoryBackend();
  for (const history of histories) write(backend, history);
  return backend;
}

/** Compacts at a percentage of the revisions, unless it is below the compaction before. */
function compactAt(backend: MemoryBackend, percent: number): void {
  const store = new Store(backend);
  const rev = Math.ceil((store.currentRev * percent) / 100);
  if (percent > 0 && rev > store.compactRev) store.compact(rev);
}

const side = (backend: MemoryBackend, rev?: number) => ({ path: '', backend, ofEtcd: true, rev });

function diff(a: MemoryBackend, b: MemoryBackend, options: DiffOptions = {}): Diff {
  return diffKeySpaces([side(a), side(b)], options);
}

function keySpace(backend: MemoryBackend, rev = 0): Map<string, KeyValue> {
  return new Map(new StoreReader(backend).range({ ...ALL, rev }).kvs.map((kv) => [kv.key, kv]));
}

/** Checks that the changes turn one key space into the other, and that they are as few as can be. */
function checkChanges(result: Diff, before: Map<string, KeyValue>, after: Map<string, KeyValue>): void {
  const space = new Map(before);
  let last: string | undefined;
  for (const { change, key, a, b } of result.changes()) {
    assert.ok(last === undefined || last < key, 'in key order');
    last = key;
    assert.deepEqual(a, space.get(key), 'what was there');
    assert.notDeepEqual(a, b);
    assert.equal(change, a === undefined ? 'added' : b === undefined ? 'removed' : 'changed');
    if (b === undefined) space.delete(key);
    else space.set(key, b);
  }
  assert.deepEqual([...space].sort(), [...after].sort());
  const { added, removed, changed, same } = result.counts;
  assert.deepEqual([removed + changed + same, added + changed + same], [before.size, after.size]);
  assert.deepEqual(
    result.sides.map(({ keys }) => keys),
    [before.size, after.size],
  );
}

t.test('the difference turns one key space into the other, and has a mirror image', async () => {
  fc.assert(
    fc.property(transactions, transactions, transactions, fc.nat(100), (common, ofA, ofB, percent) => {
      const [a, b] = [backendOf(common, ofA), backendOf(common, ofB)];
      compactAt(a, percent);
      const there = diff(a, b);
      checkChanges(there, keySpace(a), keySpace(b));
      const back = diff(b, a);
      checkChanges(back, keySpace(b), keySpace(a));
      assert.deepEqual(
        [...back.changes()].map(({ key, a: after, b: before }) => [key, before, after]),
        [...there.changes()].map(({ key, a: before, b: after }) => [key, before, after]),
      );
      assert.equal(there.same, back.same);
    }),
    RUNS,
  );
});

t.test('a backend does not differ from itself', async () => {
  fc.assert(
    fc.property(transactions, fc.nat(100), (history, percent) => {
      const [a, twin] = [backendOf(history), backendOf(history)];
      for (const backend of [a, twin]) compactAt(backend, percent);
      for (const b of [a, twin]) {
        const result = diff(a, b);
        assert.deepEqual([result.same, [...result.changes()]], [true, []]);
      }
      const { hash } = new StoreReader(a).hash();
      const { history: compared } = diff(a, twin);
      assert.ok(typeof compared === 'object');
      assert.deepEqual([compared.hashes, compared.parting], [[hash, hash], undefined]);
    }),
    RUNS,
  );
});

t.test('two revisions of a backend, and of two: the key spaces that reads give', async () => {
  fc.assert(
    fc.property(transactions, fc.nat(100), fc.nat(100), fc.nat(100), (history, percent, from, to) => {
      const [backend, twin] = [backendOf(history), backendOf(history)];
      compactAt(backend, percent);
      const { compactRev, currentRev } = new StoreReader(backend);
      const oldest = Math.max(compactRev, 1);
      const [a, b] = [from, to].map((at) => oldest + Math.round(((currentRev - oldest) * at) / 100)) as [
        number,
        number,
      ];
      for (const other of [backend, twin]) {
        const result = diffKeySpaces([side(backend, a), side(other, b)]);
        checkChanges(result, keySpace(backend, a), keySpace(other, b));
      }
    }),
    RUNS,
  );
});

t.test('only values, and only some keys', async () => {
  fc.assert(
    fc.property(transactions, transactions, fewKeys, (ofA, ofB, prefix) => {
      const [a, b] = [backendOf(ofA), backendOf(ofB)];
      const { counts, history } = diff(a, b, { valuesOnly: true });
      const [before, after] = [keySpace(a), keySpace(b)];
      const same = [...before].filter(([key, { value }]) => after.get(key)?.value.equals(value)).length;
      assert.deepEqual([counts.same, history], [same, undefined]);
      const range = { key: prefix, end: `${prefix}\xff\xff\xff` };
      const keysOf = (result: Diff) => [...result.changes({ keysOnly: true })].map(({ key }) => key);
      assert.deepEqual(
        keysOf(diff(a, b, { range })),
        keysOf(diff(a, b)).filter((key) => key >= range.key && key < range.end),
      );
    }),
    RUNS,
  );
});

t.test('members that are compacted at different revisions are compared as if they were not', async () => {
  fc.assert(
    fc.property(transactions, transactions, fc.nat(100), fc.nat(100), (common, more, percentA, percentB) => {
      const [a, b] = [backendOf(common), backendOf(common)];
      compactAt(a, percentA);
      compactAt(b, percentB);
      write(b, more);
      const { history, sides } = diff(a, b);
      assert.ok(typeof history === 'object');
      assert.equal(history.parting, undefined);
      assert.deepEqual(
        [history.commonRev, history.compactRev],
        [sides[0].currentRev, Math.max(sides[0].compactRev, sides[1].compactRev)],
      );
      // The hash is the one that a member gives which really was compacted there.
      const compacted = backendOf(common);
      if (history.compactRev > 0) new Store(compacted).compact(history.compactRev);
      const { hash } = new StoreReader(compacted).hash();
      assert.deepEqual(history.hashes, [hash, hash]);
      assert.equal(diff(a, b, { common: true }).same, true);
    }),
    RUNS,
  );
});

t.test('members part at the first revision that differs', async () => {
  fc.assert(
    fc.property(transactions, transactions, transactions, fc.nat(100), (common, ofA, ofB, percent) => {
      const [a, b] = [backendOf(common), backendOf(common)];
      compactAt(a, percent);
      const base = new StoreReader(a).currentRev;
      write(a, ofA);
      write(b, ofB);
      const recordsOf = (backend: MemoryBackend) =>
        [...new StoreReader(backend).records(base + 1, Number.MAX_SAFE_INTEGER - 1)].map(
          ({ main, sub, tombstone, valueBytes }) => ({ main, sub, text: `${tombstone} ${valueBytes.toString('hex')}` }),
        );
      const [left, right] = [recordsOf(a), recordsOf(b)];
      const commonRev = Math.min(new StoreReader(a).currentRev, new StoreReader(b).currentRev);
      const place = (list: typeof left, { main, sub }: { main: number; sub: number }) =>
        list.find((one) => one.main === main && one.sub === sub)?.text;
      const first = [...left, ...right]
        .filter((one) => one.main <= commonRev && place(left, one) !== place(right, one))
        .sort((x, y) => x.main - y.main || x.sub - y.sub)[0];
      const { history } = diff(a, b);
      assert.ok(typeof history === 'object');
      assert.deepEqual(history.parting?.revision, first && { main: first.main, sub: first.sub });
    }),
    RUNS,
  );
});

t.test(
  'what compaction has kept is compared too, and a compaction above the other side says that nothing can be',
  (t) => {
    const put = (key: string, value: string): Change => ({ key, value: Buffer.from(value) });
    const a = backendOf([[put('a', '1')], [put('b', '2')], [put('b', '3')]]);
    const b = backendOf([[put('a', 'x')], [put('b', '2')], [put('b', '3')]]);
    new Store(a).compact(3);
    const { history } = diff(a, b);
    t.match(history, { compactRev: 3, parting: { revision: { main: 2, sub: 0 } } });
    const behind = backendOf([[put('a', '1')]]);
    t.match(diff(a, behind), { history: 'apart', counts: { removed: 1, same: 1 }, same: false });
    t.throws(() => diff(a, behind, { common: true }), { code: 'COMPACTED' });
    t.throws(() => diffKeySpaces([side(a, 9), side(a)]), { code: 'FUTURE_REVISION' });
    t.end();
  },
);

t.test('a compaction that was cut short has happened', (t) => {
  const history = ['1', '2', '3', '4'].map((value) => [{ key: 'a', value: Buffer.from(value) }]);
  const [a, b, cut] = [backendOf(history), backendOf(history), backendOf(history)];
  new Store(a).compact(4);
  writeScheduledCompactRev(cut.tables.meta, 4);
  const hash = new StoreReader(a).hash();
  for (const [left, right] of [
    [a, cut],
    [cut, b],
  ] as const) {
    t.match(diff(left, right), { same: true, history: { compactRev: 4, hashes: [hash.hash, hash.hash] } });
  }
  t.end();
});

t.test('records of a file without sums are held against one another', (t) => {
  const a = backendOf([[{ key: 'a', value: Buffer.from('1') }]]);
  const record = { key: 'a', createRevision: 2, modRevision: 3, version: 3, value: Buffer.from('2'), lease: 0n };
  a.tables.key.put(encodeRevisionKey({ main: 3, sub: 0 }), encodeKeyValue(record));
  t.throws(() => diff(a, backendOf()), {
    code: 'CORRUPT',
    message: /revision 3_0, key "a": its record says version 3/,
  });
  t.throws(() => diff(backendOf(), a, { range: { key: 'a' } }), { code: 'CORRUPT' });
  t.doesNotThrow(() => diff(a, backendOf(), { range: { key: 'b' } }));
  t.end();
});

t.test('counts by prefix', (t) => {
  const put = (key: string, value: string): Change => ({ key, value: Buffer.from(value) });
  const a = backendOf([[put('/a/1', '12345'), put('/b/1', '1')]]);
  const b = backendOf([[put('/a/1', '123'), put('/a/2', '1')]]);
  t.strictSame(changesByPrefix(diff(a, b).changes(), 1), [
    { prefix: '/a/', added: 1, removed: 0, changed: 1, bytes: [9, 12] },
    { prefix: '/b/', added: 0, removed: 1, changed: 0, bytes: [5, 0] },
  ]);
  t.end();
});
