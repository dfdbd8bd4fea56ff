// @ts-check
// This module writes databases of any length, with the built code and in one transaction, as an import does: 20,000
// pods in 100 namespaces are put in turn, one a revision, as in the snapshot bench-100k.

/** @param {string} path */
export const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
/** @type {typeof import('../../src/mvcc/key-value.js')} */
const { encodeKeyValue } = await built('mvcc/key-value.js');
/** @type {typeof import('../../src/mvcc/key-index.js')} */
const { KeyIndex } = await built('mvcc/key-index.js');
/** @type {typeof import('../../src/mvcc/rebuild-index.js')} */
const { IndexFiller } = await built('mvcc/rebuild-index.js');
/** @type {typeof import('../../src/mvcc/record.js')} */
const { StoredRecord } = await built('mvcc/record.js');
/** @type {typeof import('../../src/mvcc/revision.js')} */
const { encodeRevisionKey } = await built('mvcc/revision.js');
/** @type {typeof import('../../src/storage/new-database.js')} */
const { withNewDatabase } = await built('storage/new-database.js');

export const NAMESPACES = 100;
const PODS = 20_000;
const VALUE = Buffer.alloc(256);
/** The first write has revision 2, because an empty store of etcd is at revision 1. */
const FIRST_REV = 2;

/** @param {number} number */
export function namespaceName(number) {
  return `ns-${String(number).padStart(3, '0')}`;
}

/** @param {number} number */
export function namespace(number) {
  return `/registry/pods/${namespaceName(number)}/`;
}

/**
 * @param {string} directory
 * @param {number} revisions
 */
export async function writeHistory(directory, revisions) {
  await withNewDatabase(directory, ({ tables }) => {
    const index = new IndexFiller(new KeyIndex(tables.index));
    for (let put = 0; put < revisions; put++) {
      const pod = put % PODS;
      const key = `${namespace(pod % NAMESPACES)}pod-${String(pod).padStart(6, '0')}`;
      const createRevision = pod + FIRST_REV;
      const main = put + FIRST_REV;
      const version = Math.floor(put / PODS) + 1;
      const kv = { key, createRevision, modRevision: main, version, value: VALUE, lease: 0n };
      const record = new StoredRecord(encodeRevisionKey({ main, sub: 0 }), encodeKeyValue(kv));
      tables.key.put(record.keyBytes, record.valueBytes);
      index.add(record);
    }
    index.flush();
  });
}
