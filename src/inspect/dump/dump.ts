// Makes the items of a dump from a store, one after the other: nothing is kept but what a hash keeps.

import type { ReadBackend } from '../../mvcc/backend.js';
import { hasherOf } from '../../mvcc/hash-kv.js';
import { CLOCK, timeIn } from '../../mvcc/lease-entry.js';
import type { StoreReader } from '../../mvcc/store.js';
import { NEWEST_STORE } from '../../mvcc/store-behaviour.js';
import type { WatchSpec } from '../../requests/watch-spec.js';
import type { DumpItem } from './dump-item.js';
import { LineSum, lineOf } from './dump-line.js';

export interface DumpSource {
  readonly path: string;
  readonly backend: ReadBackend;
  readonly store: StoreReader;
  readonly watchSpecs: readonly WatchSpec[];
  /** The etcd file that the database is, or was imported from. */
  readonly importedFrom: string | undefined;
  readonly etcdVersion: string | undefined;
  /** Why the answers of a database that was salvaged may not be all of the truth. */
  readonly doubts: string | undefined;
}

/** Yields the items of a database, with their lines. Throws CORRUPT at what cannot be read. */
export function* dump(source: DumpSource): Iterable<{ readonly item: DumpItem; readonly line: string }> {
  const sum = new LineSum();
  const withLine = (item: DumpItem) => {
    const line = lineOf(item);
    sum.add(line);
    return { item, line };
  };
  const { path, backend, store, watchSpecs, importedFrom, etcdVersion, doubts } = source;
  const { currentRev, compactRev, scheduledCompactRev, finishedCompactRev } = store.state;
  yield withLine({
    kind: 'dump',
    from: path,
    importedFrom,
    etcdVersion,
    doubts,
    currentRev,
    compactRev,
    scheduledCompactRev,
    finishedCompactRev,
    leaseClockMs: leaseClock(backend),
  });
  let leases = 0;
  for (const lease of store.leases.list()) {
    leases++;
    yield withLine({ kind: 'lease', lease });
  }
  for (const spec of watchSpecs) yield withLine({ kind: 'watcher', spec });
  const window = { revision: currentRev, compactRev, behaviours: NEWEST_STORE };
  const hasher = hasherOf(() => store.records(0, currentRev), window);
  let records = 0;
  for (const record of store.records(0, currentRev)) {
    records++;
    hasher.write(record);
    yield withLine({ kind: 'record', record });
  }
  const watchers = watchSpecs.length;
  yield withLine({ kind: 'end', records, leases, watchers, hash: hasher.sum(), sum: sum.sum });
}

function leaseClock({ tables, attachments }: ReadBackend): number | undefined {
  // etcd's files have a table of leases alone.
  const bytes = attachments === undefined ? tables.lease.get(CLOCK) : undefined;
  return bytes === undefined ? undefined : timeIn(bytes);
}
