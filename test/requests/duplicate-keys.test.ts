import t from 'tap';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store } from '../../src/mvcc/store.js';
import { type DeleteOptions, deleteRequest } from '../../src/requests/delete-request.js';
import { checkDuplicateKeys } from '../../src/requests/duplicate-keys.js';
import { putRequest } from '../../src/requests/put-request.js';
import { applyTxn, type TxnOp } from '../../src/requests/txn-request.js';
import { bytes } from '../support/bytes.js';
import fc from '../support/fast-check.js';

const put = (key: string): TxnOp => putRequest(bytes(key), Buffer.from('v'), {});
const del = (key: string, { end, ...more }: Omit<DeleteOptions, 'end'> & { end?: string } = {}): TxnOp =>
  deleteRequest(bytes(key), { ...more, end: end === undefined ? undefined : bytes(end) });

t.test('which requests may stand together', async (t) => {
  const table: [name: string, ops: TxnOp[], refusal: RegExp | undefined][] = [
    ['nothing', [], undefined],
    ['different puts', [put('a'), put('b')], undefined],
    ['a put twice', [put('b'), put('a'), put('b')], /"b" is put twice/],
    ['put, then deleted', [put('a'), del('a')], /"a" is put and deleted/],
    ['deleted, then put', [del('a'), put('a')], /"a" is put and deleted/],
    ['deleted twice', [del('a'), del('a', { prefix: true })], undefined],
    ['a prefix that is put', [put('ab'), del('a', { prefix: true })], /"ab" is put and deleted/],
    ['a prefix beside it', [put('b'), del('a', { prefix: true })], undefined],
    ['the end of a range is not in it', [put('c'), del('a', { end: 'c' })], undefined],
    ['the last key of a range', [put('b\xff'), del('a', { end: 'c' })], /is put and deleted/],
    ['a range the wrong way round is empty', [put('b'), del('c', { end: 'a' })], undefined],
    ['from a key on', [del('a', { fromKey: true }), put('zzz')], /"zzz" is put and deleted/],
    ['from a key on, below it', [del('b', { fromKey: true }), put('a\xff')], undefined],
    ['everything', [del('', { prefix: true }), put('\0')], /is put and deleted/],
    ['a zero byte as the end is no end', [del('a', { end: '\0' }), put('b')], /"b" is put and deleted/],
    ['behind a short range, within a long one', [del('a', { end: 'z' }), del('b'), put('c')], /"c" is put and/],
    ['reads do not matter', [put('a'), { type: 'get', key: 'a' }], undefined],
  ];
  for (const [name, ops, refusal] of table) {
    if (refusal === undefined) t.doesNotThrow(() => checkDuplicateKeys(ops), name);
    else t.throws(() => checkDuplicateKeys(ops), { code: 'USAGE', message: refusal }, name);
  }
});

const KEYS = ['a', 'a\0', 'a\0\0', 'aa', 'ab', 'b', 'b\xff', 'b\xff\0', 'c', '\xff', '\xff\xff'];
const anyKey = fc.constantFrom(...KEYS);
const anyOp: fc.Arbitrary<TxnOp> = fc.oneof(
  anyKey.map(put),
  anyKey.map((key) => del(key)),
  fc.tuple(anyKey, anyKey).map(([key, end]) => del(key, { end })),
  anyKey.map((key) => del(key, { prefix: true })),
  anyKey.map((key) => del(key, { fromKey: true })),
);

/** Returns the keys that a request changes in a store that holds all of them. */
function touched(op: TxnOp): ReadonlySet<string> {
  const store = new Store(new MemoryBackend());
  store.write((txn) => {
    for (const key of KEYS) txn.put(key, Buffer.alloc(0));
  });
  const { events } = store.write((txn) => applyTxn(txn, { compares: [], success: [op], failure: [] }));
  return new Set(events.map(({ kv }) => kv.key));
}

function sharesAPutKey(ops: readonly TxnOp[]): boolean {
  const keys = ops.map(touched);
  return ops.some((op, i) => op.type === 'put' && keys.some((others, j) => j !== i && others.has(op.key)));
}

t.test('refused exactly when a request changes a key that another one puts', async (t) => {
  fc.assert(
    fc.property(fc.array(anyOp, { maxLength: 6 }), (ops) => {
      let refused = false;
      try {
        checkDuplicateKeys(ops);
      } catch {
        refused = true;
      }
      return refused === sharesAPutKey(ops);
    }),
    { numRuns: 500 },
  );
  t.pass();
});
