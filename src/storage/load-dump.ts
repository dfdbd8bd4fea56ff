// Makes a database of mvccw from a dump. All of it is one transaction: the whole database is there, or nothing is.

import type { Bytes } from '../bytes/byte-string.js';
import { MvccwError, type OnInterrupt } from '../errors.js';
import type { DumpEnd, DumpHeader, DumpItem } from '../inspect/dump/dump-item.js';
import { DumpReader } from '../inspect/dump/read-dump.js';
import type { Backend } from '../mvcc/backend.js';
import { HistoryCheck } from '../mvcc/history-check.js';
import { KeyIndex } from '../mvcc/key-index.js';
import { CLOCK, f64, formatLeaseId, idBytes } from '../mvcc/lease-entry.js';
import { encodeLease } from '../mvcc/lease-record.js';
import { type Lease, Leases } from '../mvcc/leases.js';
import { IndexFiller, rebuildAttachments } from '../mvcc/rebuild-index.js';
import { allRecords } from '../mvcc/record.js';
import { StoreReader } from '../mvcc/store.js';
import { writeFinishedCompactRev, writeScheduledCompactRev } from '../mvcc/store-state.js';
import { addWatchSpec } from '../requests/watch-spec.js';
import { noteImport } from './import-note.js';
import type { Pause } from './interruption.js';
import { linesOf } from './lines.js';
import { withNewDatabase } from './new-database.js';
import { noteSalvage } from './salvage-note.js';
import { unpackedPieces } from './unpacked-pieces.js';

/** A record may have as many bytes as a run of pages of an etcd file, and base64 takes a third more. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;
/** The number of lines between two pauses. */
const PAUSE_LINES = 1000;

export interface LoadOptions {
  /** The dump, which may be packed with gzip. */
  readonly pieces: AsyncIterable<Buffer | string>;
  /** The directory of the new database. */
  readonly directory: string;
  /** Listens for signals. After a signal nothing is left of the database, and InterruptedError is thrown. */
  readonly onInterrupt?: OnInterrupt | undefined;
  /** Called with the revision of each record. */
  readonly onProgress?: ((revision: number, lastRevision: number) => void) | undefined;
}

export interface LoadResult extends Pick<DumpEnd, 'records' | 'leases' | 'watchers' | 'hash'> {
  /** The database that was dumped. */
  readonly from: string;
  readonly currentRev: number;
  readonly compactRev: number;
}

/** Loads a dump. Throws InterruptedError, EXISTS if the target holds anything, FORMAT or CORRUPT for a bad dump. */
export async function loadDump({ pieces, directory, onInterrupt, onProgress }: LoadOptions): Promise<LoadResult> {
  const fill = async (target: Backend, pause: Pause) => {
    const loader = new Loader(target);
    let lines = 0;
    try {
      for await (const line of linesOf(unpackedPieces(pieces), MAX_LINE_BYTES, tooLong)) {
        const item = loader.add(line);
        if (item.kind === 'record') onProgress?.(item.record.main, loader.header.currentRev);
        if (++lines % PAUSE_LINES === 0) await pause();
      }
    } finally {
      // A signal may have ended the pieces. It is what is told then.
      await pause();
    }
    return loader.finish();
  };
  return withNewDatabase(directory, fill, { onInterrupt });
}

function tooLong(): MvccwError {
  return new MvccwError('CORRUPT', `a line of the dump has more than ${MAX_LINE_BYTES} bytes`);
}

/** Puts the lines of a dump into a database, in a write transaction of the caller. */
class Loader {
  private readonly reader = new DumpReader();
  private readonly leases: Leases;
  private index: IndexFiller | undefined;
  private begun: DumpHeader | undefined;
  private end: DumpEnd | undefined;

  constructor(private readonly target: Backend) {
    this.leases = new Leases(target.tables.lease);
  }

  get header(): DumpHeader {
    return this.begun!;
  }

  /** Takes the next line. Throws CORRUPT, with the number of the line. */
  add(line: Bytes): DumpItem {
    const item = this.reader.read(line);
    this.reader.inLine(() => this.put(item));
    return item;
  }

  private put(item: DumpItem): void {
    const { tables } = this.target;
    if (item.kind === 'record') {
      tables.key.put(item.record.keyBytes, item.record.valueBytes);
      this.index!.add(item.record);
    } else if (item.kind === 'lease') this.putLease(item.lease);
    else if (item.kind === 'watcher') addWatchSpec(tables.watch, item.spec);
    else if (item.kind === 'dump') this.begin(item);
    else this.end = item;
  }

  private begin(header: DumpHeader): void {
    const { meta, index } = this.target.tables;
    const { scheduledCompactRev, finishedCompactRev, compactRev, importedFrom, etcdVersion, doubts } = header;
    if (scheduledCompactRev !== undefined) writeScheduledCompactRev(meta, scheduledCompactRev);
    if (finishedCompactRev !== undefined) writeFinishedCompactRev(meta, finishedCompactRev);
    if (importedFrom !== undefined) noteImport(this.target, importedFrom, etcdVersion);
    if (doubts !== undefined) noteSalvage(this.target, doubts);
    this.index = new IndexFiller(new KeyIndex(index), new HistoryCheck(compactRev));
    this.begun = header;
  }

  private putLease(lease: Lease): void {
    const { id, deadlineMs } = lease;
    if (this.leases.has(id)) throw new MvccwError('CORRUPT', `lease ${formatLeaseId(id)} is there twice`);
    this.target.tables.lease.put(idBytes(id), encodeLease(lease));
    if (deadlineMs !== undefined) this.leases.setDeadline(id, deadlineMs);
  }

  /** Says that no line follows, and compares the database with what the dump says of it. Throws CORRUPT. */
  finish(): LoadResult {
    this.reader.finish();
    const { header, end } = this;
    this.index!.flush();
    rebuildAttachments(allRecords(this.target.tables.key), this.leases);
    if (header.leaseClockMs !== undefined) this.target.tables.lease.put(CLOCK, f64(header.leaseClockMs));
    const { records, leases, watchers } = end!;
    const { from } = header;
    const { currentRev, compactRev, hash } = this.compared();
    return { from, records, leases, watchers, hash, currentRev, compactRev };
  }

  private compared(): { readonly currentRev: number; readonly compactRev: number; readonly hash: number } {
    const store = new StoreReader(this.target);
    const { currentRev, compactRev } = store;
    const { hash } = store.hash();
    const found = { currentRev, compactRev, hash };
    const said = { ...this.header, hash: this.end!.hash };
    for (const name of ['currentRev', 'compactRev', 'hash'] as const) {
      if (said[name] === found[name]) continue;
      throw new MvccwError('CORRUPT', `the dump says that ${name} is ${said[name]}, and it is ${found[name]}`);
    }
    return found;
  }
}
