// An LmdbBackend holds the tables of the store in one LMDB environment: a directory with data.mdb and lock.mdb.
//
// Several processes share one environment, and in two ways a process can fall behind the others:
//
//   1. A defragmentation puts a new data.mdb in the place of the one that is open here.
//   2. lmdb's mdb_env_open2 reads the number of the newest transaction from the file and, a moment later and without a
//      lock, sets the shared number to it. A commit in that moment is not seen by the transactions that follow, and the
//      next commit would overwrite it. If the file is replaced in that moment, the shared number is even that of the
//      old file, and transactions read a commit of the new file that is not its last.
//
// So every write transaction, before it does anything, and every snapshot, before it is read, checks that it stands on
// the newest commit of the file at the path. If not, the environment is opened anew, which also repairs the number.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pid } from 'node:process';
import { type DatabaseOptions, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { type Backend, TABLE_NAMES, type Table, type TableName } from '../mvcc/backend.js';
import { checkReadable, checkWritable, DATA_FILE, holdsEnvironment } from './check-lmdb-directory.js';
import { notOurs } from './database-format.js';
import { noDatabase } from './database-path.js';
import { DiskRoom } from './disk-room.js';
import { fileIdentity, HeldFile } from './file-identity.js';
import { removeLeftovers } from './leftovers.js';
import type { OnDone } from './listener.js';
import { cannotKeepUp, lmdbError } from './lmdb-error.js';
import { PageGuard } from './lmdb-file/page-guard.js';
import type { CommitSurvey } from './lmdb-file/survey-commit.js';
import { LmdbHold } from './lmdb-hold.js';
import type { Rows, Snapshot } from './lmdb-table.js';
import { LmdbTables } from './lmdb-tables.js';
import { MAX_READERS } from './lock-file.js';
import { appear, appearing } from './new-data-file.js';
import type { RowDamage } from './row-audit.js';
import { whenDone } from './when-done.js';

/** The number of times that an environment is opened anew, or a snapshot taken anew, before that is an error. */
const MAX_REOPENINGS = 100;
const MAX_SNAPSHOTS = 10;

const BINARY = { keyEncoding: 'binary', encoding: 'binary' } as const;

/** Functions of lmdb that it does not declare. */
interface LmdbInternals {
  /** Returns the number of the current write transaction. */
  getWriteTxnId(): number;
  getStats(): {
    /** The number of the newest commit in the file. */
    readonly lastTxnId: number;
    readonly entryCount: number;
    readonly lastPageNumber: number;
    readonly pageSize: number;
  };
}

type Root = Omit<RootDatabase<Buffer, Buffer>, 'getStats'> & LmdbInternals;

/** The environment has fallen behind. The error never leaves this file. */
class OutOfDateError extends Error {}

export interface LmdbOptions {
  readonly readOnly?: boolean;
  /** Whether a commit is on the disk before it returns. False is faster, for databases that are thrown away. */
  readonly durable?: boolean;
  /** Whether no other process knows the directory. The files are then made where they are to be. */
  readonly hidden?: boolean;
  /** Whether another file is to take the place of this one, which stays as it is. Its free pages do not matter then. */
  readonly toReplace?: boolean;
  /** Whether wrong sums and totals are no errors, as in a check that goes on. They are none where a file is replaced. */
  readonly anySums?: boolean;
}

export class LmdbBackend implements Backend {
  readonly tables: Readonly<Record<TableName, Table>>;
  private readonly lmdbTables: LmdbTables;
  private readonly snapshot: Snapshot = {};
  private readonly room: DiskRoom;
  private readonly readOnly: boolean;
  private environment: { readonly root: Root; readonly hold: LmdbHold } | undefined;
  private guard: PageGuard | undefined;
  private dataFile: string | undefined;
  /** The last commit of this process. */
  private ownTxnId: number | undefined;

  /**
   * Opens the database in `directory`. Unless it is opened only for reading, missing ones are made. Throws IO, CORRUPT,
   * or FORMAT for anything that is no database of mvccw; then nothing was written to it.
   *
   * Within one process, lmdb-js has one environment for a directory, opened the way it was opened first: while it is
   * open only for reading, nothing can write.
   */
  constructor(
    private readonly directory: string,
    private readonly options: LmdbOptions = {},
  ) {
    this.readOnly = options.readOnly ?? false;
    const compared = !options.toReplace && !options.anySums;
    this.room = new DiskRoom(directory);
    this.lmdbTables = new LmdbTables(this.snapshot, this.room, (change) => this.transaction(change), compared);
    this.tables = this.lmdbTables.summed;
    try {
      this.open();
      this.refresh();
    } catch (error) {
      this.close();
      throw lmdbError(error, `cannot open ${directory}`);
    }
  }

  get format(): number {
    return this.lmdbTables.format;
  }

  private open(): void {
    const path = join(this.directory, DATA_FILE);
    for (let openings = 0; openings <= MAX_REOPENINGS; openings++) {
      if (this.readOnly) checkReadable(this.directory);
      else checkWritable(this.directory);
      if (!this.readOnly && !this.options.hidden && !holdsEnvironment(this.directory)) this.make();
      const file = HeldFile.at(path);
      try {
        if (this.openOnce(file)) return;
      } finally {
        file?.close();
      }
    }
    throw cannotKeepUp(this.directory);
  }

  /** Makes a database, which appears with all of its tables. */
  private make(): void {
    appearing(this.directory, (beside) => {
      new LmdbBackend(beside, { ...this.options, hidden: true }).close();
      appear(beside, this.directory);
    });
  }

  /**
   * Opens the environment. Returns false, with nothing open, if another file has taken the place of `file` meanwhile:
   * only a file that is held is sure to be the one that lmdb has open, but in a hidden directory any is.
   */
  private openOnce(file: HeldFile | undefined): boolean {
    try {
      this.openRoot();
      this.guardPages();
      if (this.readOnly) this.openTables();
      else this.makeTables();
    } catch (error) {
      this.close();
      // The error may be about a file that has been replaced.
      if (file?.isReplaced() || error instanceof OutOfDateError) return false;
      throw error;
    }
    // lmdb opens the file more than once. It was the same file each time only if nothing has changed meanwhile.
    if (file === undefined ? !this.options.hidden : file.isReplaced()) {
      this.close();
      return false;
    }
    this.dataFile = file?.identity ?? fileIdentity(join(this.directory, DATA_FILE));
    return true;
  }

  private openRoot(): void {
    const shared = {
      readOnly: this.readOnly,
      noSync: !(this.options.durable ?? true),
      maxDbs: TABLE_NAMES.length,
      maxReaders: MAX_READERS,
      permissionsMode: 0o600,
    };
    const options: RootDatabaseOptionsWithPath = {
      ...BINARY,
      ...shared,
      path: this.directory,
      noSubdir: false,
      // There is one fdatasync before a commit returns; the default may leave it to the operating system.
      overlappingSync: false,
      cache: false,
    };
    const hold = new LmdbHold(this.directory, shared);
    try {
      this.environment = { root: open<Buffer, Buffer>(options) as unknown as Root, hold };
    } catch (error) {
      hold.close();
      throw error;
    }
  }

  private get root(): Root {
    assert(this.environment !== undefined, 'the database is open');
    return this.environment.root;
  }

  private guardPages(): void {
    this.guard = new PageGuard(join(this.directory, DATA_FILE));
  }

  /** Looks at the pages of the file that is open. */
  get openGuard(): PageGuard {
    assert(this.guard !== undefined, 'the database is open');
    return this.guard;
  }

  private openTables(): void {
    try {
      this.openReadTables();
    } catch (error) {
      // What an older commit lacks may be there in the newest.
      throw this.newestSnapshot() === undefined ? new OutOfDateError() : error;
    }
  }

  private openReadTables(): void {
    if (this.isEmpty()) throw noDatabase(this.directory);
    this.openAllRows(false);
    this.lmdbTables.useFormat(this.directory);
  }

  /** Makes the tables that are missing, in one transaction: a database is there as a whole or not at all. */
  private makeTables(): void {
    this.root.transactionSync(() => {
      this.guardWrites(this.newestCommit().lastTxnId);
      const empty = this.isEmpty();
      this.openAllRows(empty);
      if (empty) this.lmdbTables.begin(this.directory, this.root.getWriteTxnId());
      else this.lmdbTables.useFormat(this.directory);
      removeLeftovers(this.directory, { locked: true });
    });
    this.guard?.unpin();
  }

  private openAllRows(create: boolean): void {
    const options: DatabaseOptions & { create: boolean } = { ...BINARY, create };
    this.lmdbTables.open(this.openGuard, (name, encoder) => {
      const rows = this.root.openDB<Buffer, Buffer>(name, Object.assign({ encoder }, options)) as Rows | undefined;
      if (rows === undefined) throw notOurs(this.directory);
      return rows;
    });
  }

  private isEmpty(): boolean {
    return this.root.getStats().entryCount === 0;
  }

  private openAnew(): void {
    this.close();
    this.open();
  }

  private isReplaced(): boolean {
    return fileIdentity(join(this.directory, DATA_FILE)) !== this.dataFile;
  }

  /** Moves a read-only backend, which stands at one moment, to what is committed now. */
  refresh(): void {
    for (let reopenings = 0; ; reopenings++) {
      for (let snapshots = 0; snapshots < MAX_SNAPSHOTS; snapshots++) {
        this.release();
        this.openGuard.checkSize();
        if (this.readOnly) this.snapshot.transaction = this.root.useReadTransaction();
        if (this.isReplaced()) break;
        // A writer checks the totals when a transaction begins.
        if (!this.readOnly || this.pinToSnapshot(snapshots + 1 === MAX_SNAPSHOTS)) return;
      }
      if (reopenings === MAX_REOPENINGS) throw cannotKeepUp(this.directory);
      this.openAnew();
    }
  }

  /** Pins the guard to the commit of the snapshot, and checks its totals. Returns false if a newer one came after that. */
  private pinToSnapshot(isLastTry: boolean): boolean {
    const txnId = this.newestSnapshot();
    if (txnId === undefined || !this.openGuard.pin(txnId)) return false;
    try {
      this.lmdbTables.totals.hold(txnId);
      return true;
    } catch (error) {
      // What is wrong may be that another process has committed meanwhile.
      if (isLastTry) throw error;
      return false;
    }
  }

  /** Gives up the moment of a read-only backend, so that writers may use its pages. Call refresh() to read on. */
  release(): void {
    this.snapshot.transaction?.done();
    delete this.snapshot.transaction;
    this.environment?.root.resetReadTxn();
    this.guard?.unpin();
    this.lmdbTables.totals.letGo();
  }

  /** Returns the number of the newest commit if that is the snapshot; undefined, too, if it came after that. */
  private newestSnapshot(): number | undefined {
    const { lastTxnId } = this.root.getStats();
    const own: number[] = [];
    for (const line of this.root.readerList().split('\n')) {
      const [reader, , txnId] = line.trim().split(/\s+/);
      if (Number(reader) === pid && txnId !== undefined && txnId !== '-') own.push(Number(txnId));
    }
    // Without a lock file, as on a read-only file system, no reader is listed, and no shared number can be wrong.
    return own.length === 0 || Math.max(...own) === lastTxnId ? lastTxnId : undefined;
  }

  /** Runs `body` as one transaction. If it returns a promise, the write lock is held until that is settled. */
  transaction<T>(body: () => T): T {
    const fail = (error: unknown) => {
      throw lmdbError(error, `cannot write to ${this.directory}`);
    };
    try {
      const result = this.lmdbTables.totals.isWriting ? this.innerTransaction(body) : this.outerTransaction(body);
      return result instanceof Promise ? (result.catch(fail) as T) : result;
    } catch (error) {
      return fail(error);
    }
  }

  private outerTransaction<T>(body: () => T): T {
    for (let reopenings = 0; ; reopenings++) {
      try {
        this.openGuard.checkSize();
        return this.root.transactionSync(() => this.inTransaction(body));
      } catch (error) {
        this.ownTxnId = undefined;
        if (!(error instanceof OutOfDateError)) throw error;
        if (reopenings === MAX_REOPENINGS) throw cannotKeepUp(this.directory);
        this.openAnew();
      }
    }
  }

  private innerTransaction<T>(body: () => T): T {
    const takeBack = this.lmdbTables.totals.mark();
    return whenDone(
      () => this.root.transactionSync(body),
      (isDone) => {
        if (!isDone) takeBack();
      },
    );
  }

  private inTransaction<T>(body: () => T): T {
    if (this.isReplaced()) throw new OutOfDateError();
    const { lastTxnId, sizeBytes } = this.newestCommit();
    this.guardWrites(lastTxnId);
    const { totals } = this.lmdbTables;
    this.room.begin(sizeBytes);
    totals.begin(lastTxnId);
    return whenDone(body, (isDone) => {
      try {
        if (isDone) totals.end(lastTxnId + 1);
      } finally {
        totals.stop();
        this.guard?.unpin();
      }
      this.ownTxnId = isDone ? lastTxnId + 1 : undefined;
    });
  }

  /** Pins the guard, inside a write transaction, to the newest commit, on which that has to stand. */
  private guardWrites(lastTxnId: number): void {
    if (this.root.getWriteTxnId() !== lastTxnId + 1) throw new OutOfDateError();
    // Nobody else commits meanwhile, so the meta is missing only in a file that has taken the place of LMDB's.
    if (!this.openGuard.pin(lastTxnId)) throw new OutOfDateError();
    // LMDB has made the free pages of this process's own commit of those that were checked before.
    if (!this.options.toReplace && lastTxnId !== this.ownTxnId) this.openGuard.checkFree();
  }

  /** Compares every row with its sum and every table with its totals, but for tables that cannot be read. */
  audit(unreadable: ReadonlySet<string> = new Set(), onRows?: OnDone): Iterable<RowDamage> {
    return this.lmdbTables.audit(this.openGuard.pinnedTxnId, unreadable, onRows);
  }

  /** Reads all pages, and tells what is wrong with them. */
  survey(onPages?: OnDone): CommitSurvey {
    return this.openGuard.survey(onPages);
  }

  sizeBytes(): number {
    return this.newestCommit().sizeBytes;
  }

  private newestCommit(): { readonly lastTxnId: number; readonly sizeBytes: number } {
    const { lastTxnId, lastPageNumber, pageSize } = this.root.getStats();
    return { lastTxnId, sizeBytes: (lastPageNumber + 1) * pageSize };
  }

  close(): void {
    this.snapshot.transaction?.done();
    delete this.snapshot.transaction;
    // The promise is settled at once, as nothing is written in the background.
    void this.environment?.root.close();
    this.environment?.hold.close();
    this.environment = undefined;
    this.guard?.close();
    this.guard = undefined;
    this.ownTxnId = undefined;
  }
}
