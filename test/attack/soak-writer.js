// This process of the soak writes until it is killed. It opens the database anew for every few transactions, as
// commands do, and reports on stdout what has been acknowledged. Arguments: database, name, seed.

import { writeSync } from 'node:fs';
import { random } from '../support/random.js';

/** @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
/** @type {typeof import('../../src/storage/database.js')} */
const { withWritableDatabase } = await built('storage/database.js');
/** @type {typeof import('../../src/storage/defragment.js')} */
const { defragment } = await built('storage/defragment.js');
/** @type {typeof import('../../src/storage/lease-id.js')} */
const { newLeaseId } = await built('storage/lease-id.js');

const [path = '', name = '', seed = '0'] = process.argv.slice(2);
const next = random(Number(seed));
const KEYS = 200;

const key = () => `k${next(KEYS)}`;

/** @param {import('../../src/mvcc/store.js').Store} store @param {string} value */
function write(store, value) {
  const kind = next(10);
  if (kind === 0) return store.write((txn) => txn.deleteRange(key()));
  if (kind === 1) {
    return store.write((txn) => {
      for (const one of new Set([key(), key(), key()])) txn.put(one, Buffer.from(value));
    });
  }
  if (kind === 2) {
    const lease = newLeaseId();
    store.grantLease(lease, 2, Date.now() + 2000);
    return store.write((txn) => txn.put(key(), Buffer.from(value), lease));
  }
  return store.write((txn) => txn.put(key(), Buffer.from(value)));
}

/** @param {import('../../src/mvcc/store.js').Store} store @param {string} value */
function written(store, value) {
  try {
    return write(store, value);
  } catch (error) {
    // This process was kept waiting for so long that its lease ran out before it was used.
    if (hasCode(error, 'LEASE_NOT_FOUND')) return { events: [], revision: 0 };
    throw error;
  }
}

/** @param {unknown} error @param {string} code */
const hasCode = (error, code) => error instanceof Error && 'code' in error && error.code === code;

for (let n = 0; ; ) {
  await withWritableDatabase(path, async ({ backend, store }) => {
    for (let writes = 1 + next(5); writes > 0; writes--) {
      const { events, revision } = written(store, `${name}-${n++}`);
      for (const { type, kv } of events) writeSync(1, `${revision} ${type} ${kv.key} ${kv.value}\n`);
    }
    if (next(100) === 0) await defragment(backend, path);
  });
}
