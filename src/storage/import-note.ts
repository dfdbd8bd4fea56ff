// Notes in a database where it was imported from.

import type { Backend, ReadBackend } from '../mvcc/backend.js';
import type { EtcdOrigin } from '../replay/scenario/plan.js';

const IMPORTED_FROM_KEY = Buffer.from('mvccw.importedFrom');
const ETCD_VERSION_KEY = Buffer.from('mvccw.etcdVersion');

/** Notes the file, and the version of etcd that it names. Call it inside a write transaction. */
export function noteImport(backend: Backend, file: string, etcdVersion?: string): void {
  const { meta } = backend.tables;
  meta.put(IMPORTED_FROM_KEY, Buffer.from(file));
  if (etcdVersion !== undefined) meta.put(ETCD_VERSION_KEY, Buffer.from(etcdVersion));
}

/** Returns the file; undefined for a database that was not imported. */
export function importedFrom(backend: ReadBackend): string | undefined {
  return backend.tables.meta.get(IMPORTED_FROM_KEY)?.toString();
}

/** Returns the version of the etcd whose file was imported; undefined for a database that was not imported. */
export function importedOrigin(backend: ReadBackend): EtcdOrigin | undefined {
  if (importedFrom(backend) === undefined) return undefined;
  return { version: backend.tables.meta.get(ETCD_VERSION_KEY)?.toString() };
}
