import t from 'tap';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store } from '../../src/mvcc/store.js';
import { applyGet, type GetOptions, getRequest } from '../../src/requests/get-request.js';
import { SORT_ORDERS, SORT_TARGETS } from '../../src/requests/option-values.js';
import { bytes } from '../support/bytes.js';
import fc from '../support/fast-check.js';

/** Returns a store with the keys a (created at 2, put again at 6), b (3) and c (created at 4, put again at 5). */
function newStore(): Store {
  const store = new Store(new MemoryBackend());
  for (const [key, value] of [
    ['a', 'z'],
    ['b', 'y'],
    ['c', 'x'],
    ['c', 'y'],
    ['a', 'x'],
  ] as const) {
    store.write((txn) => txn.put(key, Buffer.from(value)));
  }
  return store;
}

const store = newStore();

function get(options: GetOptions, key = '') {
  return applyGet(store, getRequest(bytes(key), { ...(key === '' && { prefix: true }), ...options }));
}

const keys = (options: GetOptions): string =>
  get(options)
    .kvs.map(({ key }) => key)
    .join('');

t.test('order, filters and limit', async (t) => {
  const table: [options: GetOptions, keys: string, more: boolean, count: number][] = [
    [{}, 'abc', false, 3],
    [{ order: 'ASCEND' }, 'abc', false, 3],
    [{ order: 'DESCEND' }, 'cba', false, 3],
    [{ sortBy: 'KEY', order: 'DESCEND', limit: 2 }, 'cb', true, 3],
    [{ sortBy: 'CREATE' }, 'abc', false, 3],
    [{ sortBy: 'MODIFY' }, 'bca', false, 3],
    [{ sortBy: 'MODIFY', limit: 1 }, 'b', true, 3],
    [{ sortBy: 'MODIFY', order: 'DESCEND', limit: 1 }, 'a', true, 3],
    [{ sortBy: 'VALUE' }, 'abc', false, 3],
    [{ sortBy: 'VALUE', order: 'DESCEND' }, 'bca', false, 3],
    [{ sortBy: 'VERSION' }, 'bac', false, 3],
    [{ sortBy: 'VERSION', order: 'DESCEND' }, 'acb', false, 3],
    [{ limit: 2 }, 'ab', true, 3],
    [{ limit: 3 }, 'abc', false, 3],
    [{ limit: 0 }, 'abc', false, 3],
    [{ minModRev: 5 }, 'ac', false, 3],
    [{ maxModRev: 5 }, 'bc', false, 3],
    [{ minModRev: 5, maxModRev: 5 }, 'c', false, 3],
    [{ minCreateRev: 3 }, 'bc', false, 3],
    [{ maxCreateRev: 3 }, 'ab', false, 3],
    [{ minModRev: 4, limit: 1 }, 'a', true, 3],
    [{ minModRev: 4, limit: 2 }, 'ac', false, 3],
    [{ rev: 3 }, 'ab', false, 2],
    [{ rev: 3, sortBy: 'MODIFY', order: 'DESCEND' }, 'ba', false, 2],
    [{ countOnly: true }, '', false, 3],
    [{ countOnly: true, limit: 1 }, '', false, 3],
  ];
  for (const [options, wanted, more, count] of table) {
    const response = get(options);
    t.equal(keys(options), wanted, JSON.stringify(options));
    t.match(response, { more, count, revision: 6 }, JSON.stringify(options));
  }
});

t.test('keys only: everything but the value', async (t) => {
  t.strictSame(get({ keysOnly: true, sortBy: 'VALUE', order: 'DESCEND' }).kvs[0], {
    key: 'b',
    createRevision: 3,
    modRevision: 3,
    version: 1,
    value: Buffer.alloc(0),
    lease: 0n,
  });
  t.throws(() => getRequest(bytes('a'), { keysOnly: true, countOnly: true }), { code: 'USAGE' });
});

t.test('a limit cuts what the same read without one gives', async (t) => {
  const options = fc.record(
    {
      order: fc.constantFrom(...SORT_ORDERS),
      sortBy: fc.constantFrom(...SORT_TARGETS),
      minModRev: fc.nat(7),
      maxCreateRev: fc.nat(7),
      rev: fc.integer({ min: 1, max: 6 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 4 }), (options, limit) => {
      const all = get(options);
      const cut = get({ ...options, limit });
      const same =
        JSON.stringify(cut.kvs.map((kv) => kv.key)) === JSON.stringify(all.kvs.slice(0, limit).map((kv) => kv.key));
      return same && cut.more === all.kvs.length > limit && cut.count === all.count;
    }),
  );
  t.pass();
});
