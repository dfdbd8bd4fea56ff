import t from 'tap';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store } from '../../src/mvcc/store.js';
import { parseCompareLine } from '../../src/requests/compare-line.js';
import { parseRequestLine } from '../../src/requests/request-line.js';
import { applyTxn, checkTxn, isReadOnly, readTxn, type TxnRequest } from '../../src/requests/txn-request.js';
import { bytes } from '../support/bytes.js';

function request(compares: string[], success: string[], failure: string[] = []): TxnRequest {
  return {
    compares: compares.map(bytes).map(parseCompareLine),
    success: success.map(bytes).map(parseRequestLine),
    failure: failure.map(bytes).map(parseRequestLine),
  };
}

/** Returns a store at revision 4 in which k was put twice, with lease 0xab, and empty once, with no value. */
function newStore(): Store {
  const store = new Store(new MemoryBackend());
  store.grantLease(0xabn, 60);
  store.write((txn) => txn.put('k', Buffer.from('v1')));
  store.write((txn) => txn.put('k', Buffer.from('v2'), 0xabn));
  store.write((txn) => txn.put('empty', Buffer.alloc(0)));
  return store;
}

const run = (store: Store, txnRequest: TxnRequest) => store.write((txn) => applyTxn(txn, txnRequest));

t.test('comparisons', async (t) => {
  const store = newStore();
  const table: [line: string, holds: boolean][] = [
    ['value("k") = "v2"', true],
    ['value("k") != "v2"', false],
    ['value("k") < "v3"', true],
    ['value("k") > "v"', true],
    ['value("k") > "v2"', false],
    ['version("k") = "2"', true],
    ['create("k") = "2"', true],
    ['mod("k") = "3"', true],
    ['mod("k") > "3"', false],
    ['mod("k") < "4"', true],
    ['lease("k") = "ab"', true],
    ['lease("empty") = "0"', true],
    ['value("empty") = ""', true],
    // The numbers of a key that does not exist are 0, and no comparison of its value is true.
    ['version("none") = "0"', true],
    ['mod("none") > "-1"', true],
    ['create("none") > "0"', false],
    ['value("none") = ""', false],
    ['value("none") != "x"', false],
    ['value("none") < "x"', false],
  ];
  for (const [line, holds] of table) t.equal(readTxn(store, request([line], [])).succeeded, holds, line);
  t.equal(readTxn(store, request([], [])).succeeded, true, 'none at all');
  t.equal(readTxn(store, request(['mod("k") = "3"', 'mod("k") = "4"'], [])).succeeded, false, 'all must hold');
});

t.test('a write transaction is one revision', async (t) => {
  const store = newStore();
  const txn = request([], ['put a 1', 'get a', 'del k --prev-kv', 'put empty x --prev-kv', 'get "" --prefix']);
  const { result, revision, events } = run(store, txn);
  t.equal(revision, 5);
  t.equal(result.revision, 5);
  t.equal(events.length, 3);
  t.match(result.responses, [
    { type: 'put', revision: 5, prevKv: undefined },
    { type: 'get', revision: 5, count: 1, kvs: [{ key: 'a', modRevision: 5 }] },
    { type: 'delete', revision: 5, deleted: 1, prevKvs: [{ key: 'k', version: 2 }] },
    { type: 'put', revision: 5, prevKv: { key: 'empty' } },
    { type: 'get', count: 2 },
  ]);
  t.strictSame(store.leases.keys(0xabn), []);
});

t.test('before the first change, responses carry the revision before', async (t) => {
  const { result } = run(newStore(), request([], ['get k', 'del none', 'put a 1', 'del none']));
  t.strictSame(
    result.responses.map(({ revision }) => revision),
    [4, 4, 5, 5],
  );
});

t.test('one that changes nothing uses no revision', async (t) => {
  const store = newStore();
  t.equal(run(store, request(['mod("k") > "99"'], ['put a 1'], ['del none'])).revision, 4);
  t.equal(store.currentRev, 4);
});

t.test('what fails leaves nothing behind', async (t) => {
  const table: [ops: [string, string], error: { code: string; message?: RegExp }][] = [
    [['put a 1', 'put b 2 --lease=99'], { code: 'LEASE_NOT_FOUND' }],
    [['put a 1', 'put none --ignore-value'], { code: 'KEY_NOT_FOUND', message: /"none"/ }],
    [['put a 1', 'put none x --ignore-lease'], { code: 'KEY_NOT_FOUND' }],
    [['put a 1', 'get a --rev=5'], { code: 'FUTURE_REVISION' }],
  ];
  for (const [ops, error] of table) {
    const store = newStore();
    t.throws(() => run(store, request([], ops)), error, ops[1]);
    t.equal(store.currentRev, 4);
    t.equal(store.range({ key: 'a' }).count, 0);
  }
});

t.test('the branch that does not run may ask for what is not there', async (t) => {
  const { result } = run(newStore(), request(['mod("k") > "0"'], ['get k'], ['get k --rev=99', 'put a 1 --lease=99']));
  t.equal(result.succeeded, true);
});

t.test('current values and leases', async (t) => {
  const store = newStore();
  run(store, request([], ['put k --ignore-value', 'put empty x --ignore-lease']));
  t.match(store.range({ key: 'k' }).kvs, [{ value: Buffer.from('v2'), lease: 0n, version: 3 }]);
  run(store, request([], ['put k v5 --lease=ab']));
  run(store, request([], ['put k v6 --ignore-lease']));
  t.match(store.range({ key: 'k' }).kvs, [{ value: Buffer.from('v6'), lease: 0xabn }]);
});

t.test('checked before it runs, in both branches', async (t) => {
  const duplicate = { code: 'USAGE', message: /^duplicate key given in txn request/ };
  t.throws(() => checkTxn(request([], ['put a 1', 'put a 2'])), duplicate);
  t.throws(() => checkTxn(request([], [], ['put a 1', 'del a'])), duplicate);
  t.doesNotThrow(() => checkTxn(request([], ['put a 1'], ['put a 2'])));
});

t.test('read-only transactions', async (t) => {
  t.equal(isReadOnly(request([], ['get a'], ['get b'])), true);
  t.equal(isReadOnly(request([], [], [])), true);
  t.equal(isReadOnly(request([], ['get a'], ['del b'])), false);
  const response = readTxn(newStore(), request([], ['get k', 'get empty --rev=3']));
  t.match(response, { revision: 4, responses: [{ count: 1 }, { count: 0 }] });
  t.throws(() => readTxn(newStore(), request([], ['get k --rev=5'])), { code: 'FUTURE_REVISION' });
});
