import t, { type Test } from 'tap';
import type { Bytes } from '../../../src/bytes/byte-string.js';
import { planUndelete, type UndeletePlan, type UndeleteRequest } from '../../../src/inspect/undelete/plan.js';
import { restorations, undelete } from '../../../src/inspect/undelete/restore.js';
import { WHOLE_KEY_SPACE } from '../../../src/mvcc/key-range.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { formatRevision } from '../../../src/mvcc/revision.js';
import { Store } from '../../../src/mvcc/store.js';
import { UNDELETE_PRINTERS } from '../../../src/output/undelete/undelete-printer.js';
import { applyTxn } from '../../../src/requests/txn-request.js';
import { TxnText } from '../../../src/requests/txn-text.js';
import { anyBytes, fewKeys, rangeEnd } from '../../support/arbitraries.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';

const source = (store: Store) => ({ store, indexed: false });

function plan(store: Store, request: Partial<UndeleteRequest> = {}): UndeletePlan {
  return planUndelete(source(store), { range: WHOLE_KEY_SPACE, ...request });
}

/** Returns the plan as text: key=revision of each put, with the modRevision the key must have. */
function textOf({ restorable, lost, alive, absentThen }: UndeletePlan): string {
  const puts = restorable.map(({ key, put, modRevision }) => `${key}=${formatRevision(put)}@${modRevision}`);
  const gone = lost.map(({ key, tombstone }) => `${key} lost@${tombstone.main}`);
  return [...puts, ...gone, `${alive} alive`, ...(absentThen > 0 ? [`${absentThen} absent`] : [])].join(', ');
}

const put = (store: Store, key: string, value: string) => store.write((txn) => txn.put(key, Buffer.from(value)));
const remove = (store: Store, key: string) => store.write((txn) => txn.deleteRange(key));

t.test('which keys come back, and from where', async (t) => {
  const store = new Store(new MemoryBackend());
  put(store, 'a', '1'); // 2
  put(store, 'b', '1');
  put(store, 'a', '2'); // 4
  put(store, 'c', '1');
  remove(store, 'a'); // 6
  put(store, 'a', '3');
  remove(store, 'a'); // 8
  put(store, 'c', '2');
  remove(store, 'b'); // 10
  put(store, 'd', '1');
  remove(store, 'd'); // 12
  t.equal(textOf(plan(store)), 'a=7_0@0, b=3_0@0, d=11_0@0, 1 alive');
  t.equal(textOf(plan(store, { range: { key: 'a', end: 'b' } })), 'a=7_0@0, 0 alive');
  t.equal(textOf(plan(store, { at: 5 })), 'a=4_0@0, b=3_0@0, 1 alive, 1 absent');
  t.equal(textOf(plan(store, { at: 5, overwrite: true })), 'a=4_0@0, b=3_0@0, c=5_0@9, 0 alive, 1 absent');
  t.equal(textOf(plan(store, { at: 6 })), 'b=3_0@0, 1 alive, 2 absent', 'a was deleted at this revision');
  t.equal(textOf(plan(store, { at: 9, overwrite: true })), 'b=3_0@0, 1 alive, 2 absent', 'c has the same value');
  t.throws(() => plan(store, { at: 13 }), { code: 'FUTURE_REVISION' });
  t.throws(() => plan(store, { range: { key: 'x' } }), { code: 'KEY_NOT_FOUND', hint: /nothing has been compacted/ });
  store.compact(8);
  t.equal(textOf(plan(store)), 'b=3_0@0, d=11_0@0, a lost@8, 1 alive');
  t.throws(() => plan(store, { at: 7 }), { code: 'COMPACTED' });
  store.compact(10);
  t.throws(() => plan(store, { range: { key: 'a' } }), {
    code: 'KEY_NOT_FOUND',
    hint: /the window is revisions 10 to 12/,
  });
});

t.test('the index of a database says the same', async (t) => {
  const store = new Store(new MemoryBackend());
  put(store, 'a', '1');
  remove(store, 'a');
  const request = { range: { key: 'a' } };
  t.strictSame(planUndelete({ store, indexed: true }, request), planUndelete(source(store), request));
});

/** Returns what is in a store, as text. */
const contents = (store: Store) =>
  store.range(WHOLE_KEY_SPACE).kvs.map(({ key, value }) => `${key}=${value.toString('hex')}`);

/** Runs the printed text as `mvccw txn` does. */
function runText(t: Test, store: Store, request: Partial<UndeleteRequest> = {}): boolean {
  const printer = UNDELETE_PRINTERS.simple!({ terminal: false, columns: undefined, colour: {} as never });
  const planned = plan(store, request);
  const puts = [...restorations(source(store), planned.restorable, { keepLease: false })];
  const text = [
    ...puts.map((put) => printer.compare(put)),
    ...puts.map((put) => printer.put(put)),
    printer.end({ restored: puts.length, lost: 0, alive: 0, revision: undefined }),
  ].join('');
  t.match(text, /\n\n\n$/, 'an empty line ends the part of failure requests too');
  const lines = new TxnText();
  for (const line of text.slice(0, -1).split('\n')) lines.addLine(line as Bytes);
  return store.write((txn) => applyTxn(txn, lines.request())).result.succeeded;
}

const value = anyBytes(4);
const write = fc.record({ key: fewKeys, value: fc.option(value, { nil: undefined }) });

t.test('undelete undoes a delete', async (t) => {
  fc.assert(
    fc.property(fc.array(write, { minLength: 1, maxLength: 15 }), fewKeys, rangeEnd(fewKeys), (writes, key, end) => {
      const stores = [new Store(new MemoryBackend()), new Store(new MemoryBackend()), new Store(new MemoryBackend())];
      const wanted = stores.map((store) => {
        for (const { key, value } of writes) {
          store.write((txn) => (value === undefined ? txn.deleteRange(key) : txn.put(key, value)));
        }
        return contents(store);
      })[0]!;
      const [applied, printed, at] = stores as [Store, Store, Store];
      const before = at.currentRev;
      const deleted = stores.map((store) => store.write((txn) => txn.deleteRange(key, end)).result)[0]!;
      if (deleted === 0) return;
      const range = { key, end };
      // What was deleted earlier comes back too, unless a revision is given.
      const { plan: done } = undelete(applied, { range }, { keepLease: false });
      t.equal(done.lost.length, 0);
      t.strictSame(
        contents(applied).filter((text) => wanted.includes(text)),
        wanted,
      );
      t.ok(runText(t, printed, { range }));
      t.strictSame(contents(printed), contents(applied), 'the printed text does the same');
      t.ok(runText(t, at, { range, at: before }));
      t.strictSame(contents(at), wanted, 'and as of the revision before, exactly what was there');
    }),
    { numRuns: draws(15, 3000) },
  );
});

t.test('what others put and delete until the transaction begins is brought back', async (t) => {
  const backend = new MemoryBackend();
  const others = new Store(backend);
  const store = new Store(backend);
  for (const key of ['a', 'b', 'c']) put(others, key, '1');
  others.write((txn) => txn.deleteRange('a', 'd'));
  const { transaction } = backend;
  backend.transaction = (body) => {
    backend.transaction = transaction;
    put(others, 'a', '2');
    others.write((txn) => txn.deleteRange('a'));
    put(others, 'b', 'newer');
    return backend.transaction(body);
  };
  const { revision, plan: done } = undelete(store, { range: WHOLE_KEY_SPACE }, { keepLease: false });
  t.strictSame([revision, done.alive, done.restorable.map(({ key }) => key)], [9, 1, ['a', 'c']]);
  const hex = (text: string) => Buffer.from(text).toString('hex');
  t.strictSame(contents(store), [`a=${hex('2')}`, `b=${hex('newer')}`, `c=${hex('1')}`]);
});
