// PLACEHOLDER signature, replaced by the reader of etcd files.
import type { ReadBackend, ReadTable } from '../mvcc/backend.js';

export interface EtcdFile extends ReadBackend {
  readonly path: string;
}

export function openEtcdFile(path: string, _options: { buildIndex?: (key: ReadTable) => ReadTable }): EtcdFile {
  throw new Error(path);
}
