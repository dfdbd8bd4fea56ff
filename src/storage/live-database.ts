// A LiveDatabase is a database of mvccw that is read again and again while others write to it. Between two reads it
// holds nothing of the database, so that writers may use the pages again, however long the next read takes to come.
// Leases that run out are revoked in time if this process may write. Only for that moment is the database open for
// writing.

import { MvccwError } from '../errors.js';
import { Store, StoreReader } from '../mvcc/store.js';
import { ChangeSignal } from './change-signal.js';
import { canWrite, holdsEnvironment } from './check-lmdb-directory.js';
import { databaseId } from './database-format.js';
import { noDatabase, notADatabase, statOf } from './database-path.js';
import { LmdbBackend } from './lmdb-backend.js';
import { lmdbError } from './lmdb-error.js';
import { LockNudge } from './lock-nudge.js';
import { onlyReadKind } from './only-read.js';
import type { WatchedDatabase } from './watched-database.js';

/** The longest time between two looks. The kernel does not report everything, for example a clock that was set. */
const MAX_REST_MS = 1000;

export class LiveDatabase implements WatchedDatabase {
  private readonly signal: ChangeSignal;
  private readonly nudge = new LockNudge();
  private readonly id: string | undefined;
  private backend: LmdbBackend | undefined;
  private nextDeadlineMs = Number.POSITIVE_INFINITY;
  private closed = false;

  /** Throws the errors that withDatabase throws, and USAGE for an etcd file, to which nobody writes. */
  constructor(
    private readonly path: string,
    private readonly now: () => number,
  ) {
    this.backend = openReader(path);
    this.id = databaseId(this.backend.tables.meta);
    this.signal = new ChangeSignal(path);
  }

  /** Runs `body` on what is committed now. The store may be used only inside `body`. */
  read<T>(body: (store: StoreReader) => T): T {
    try {
      this.backend ??= openReader(this.path);
      this.backend.refresh();
      this.checkIdentity(this.backend);
      const store = new StoreReader(this.backend);
      this.nextDeadlineMs = store.leases.nextDeadline() ?? Number.POSITIVE_INFINITY;
      return body(store);
    } catch (error) {
      if (!holdsEnvironment(this.path)) throw removed(this.path, error);
      throw lmdbError(error, `cannot read ${this.path}`);
    } finally {
      this.backend?.release();
    }
  }

  /** Resolves when something may be new, after `ms`, or after a second. Revokes leases that run out meanwhile. */
  async rest(ms: number): Promise<void> {
    const untilDeadlineMs = this.nextDeadlineMs - this.now();
    if (untilDeadlineMs <= 0 && this.expireLeases()) return;
    await this.signal.wait(Math.min(ms, MAX_REST_MS, untilDeadlineMs > 0 ? untilDeadlineMs : MAX_REST_MS));
  }

  /** Waits for `work` and returns its result. Revokes leases that run out until then, new ones included. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const end = () => {
      isOver = true;
      this.wake();
    };
    work.then(end, end);
    while (!isOver && !this.closed) {
      await this.rest(Number.POSITIVE_INFINITY);
      if (!isOver && !this.closed) this.read(() => undefined);
    }
    return work;
  }

  /** Opens the database for writing for as long as `body` runs. */
  write<T>(body: (store: Store) => T): T {
    return this.nudge.during(() => this.writeNow(body));
  }

  private writeNow<T>(body: (store: Store) => T): T {
    // In one process, a database that is open only for reading cannot be opened for writing, so nothing may be read
    // until this is done.
    this.backend?.close();
    this.backend = undefined;
    this.nextDeadlineMs = Number.POSITIVE_INFINITY;
    checkIsThere(this.path);
    const backend = new LmdbBackend(this.path);
    try {
      this.checkIdentity(backend);
      const store = new Store(backend);
      store.expireLeases(this.now());
      return body(store);
    } catch (error) {
      throw lmdbError(error, `cannot write to ${this.path}`);
    } finally {
      backend.close();
    }
  }

  private checkIdentity({ tables }: LmdbBackend): void {
    if (databaseId(tables.meta) === this.id) return;
    throw new MvccwError('CORRUPT', `another database has taken the place of ${this.path}`, {
      hint: 'it is not the one that was there when this command began, and has revisions of its own',
    });
  }

  /** Revokes leases. Returns false if they stay: this process may not write, or there is no space or no revision. */
  private expireLeases(): boolean {
    if (!canWrite(this.path)) return false;
    try {
      return this.write((store) => !store.isFull);
    } catch (error) {
      if (error instanceof MvccwError && error.code === 'IO') return false;
      throw error;
    }
  }

  /** Ends a rest. */
  wake(): void {
    this.signal.wake();
  }

  close(): void {
    this.closed = true;
    this.signal.wake();
    this.signal.close();
    this.nudge.close();
    this.backend?.close();
    this.backend = undefined;
  }
}

function removed(path: string, cause: unknown): MvccwError {
  return new MvccwError('IO', `the database at ${path} has been removed`, {
    hint: 'it was there when this command began; a new one has to be watched anew',
    cause,
  });
}

/** Opens a database of mvccw for reading. */
function openReader(path: string): LmdbBackend {
  checkIsThere(path);
  return new LmdbBackend(path, { readOnly: true });
}

/** Throws if the path does not name a database that others can write to. */
function checkIsThere(path: string): void {
  const stats = statOf(path);
  if (stats === undefined) throw noDatabase(path);
  const what = onlyReadKind(path);
  if (what !== undefined) {
    throw new MvccwError('USAGE', `${path} is ${what}: only a database of mvccw can be watched while it changes`, {
      hint: 'its history shows with --rev N; what its watchers would receive shows: mvccw replay --from-rev N',
    });
  }
  if (!holdsEnvironment(path)) throw notADatabase(path);
}
