// Checks what a store holds, table by table. Each check goes on behind what it finds.

import type { ReadBackend } from '../../mvcc/backend.js';
import { checkIndex } from './check-index.js';
import { checkLeases } from './check-leases.js';
import { checkMarks } from './check-marks.js';
import { checkRecords } from './check-records.js';
import { checkWatchSpecs } from './check-watchers.js';
import type { Finding } from './finding.js';

export interface CheckStoreOptions {
  /** Whether it is an etcd file: it has no index, no attachments and no deadlines of its own. */
  readonly ofEtcd: boolean;
  /** Whether the index can be read; the default is true. */
  readonly withIndex?: boolean;
}

export function* checkStore(backend: ReadBackend, { ofEtcd, withIndex = true }: CheckStoreOptions): Iterable<Finding> {
  const { state, findings } = checkMarks(backend);
  yield* findings;
  yield* checkRecords(backend.tables.key, state?.compactRev);
  if (!ofEtcd && withIndex) yield* checkIndex(backend);
  yield* checkLeases(backend, { ofEtcd });
  if (!ofEtcd) yield* checkWatchSpecs(backend.tables.watch);
}
