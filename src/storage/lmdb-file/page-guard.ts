// A PageGuard looks at the pages of data.mdb before LMDB meets them. LMDB trusts its file: a page with a wrong bit makes
// it answer wrongly, write into pages that are in use, or end the process with a signal.
//
// What LMDB will read belongs to a commit. While a read transaction or the write lock keeps the pages of that commit from
// being overwritten, the guard is pinned to it. If nothing does, each look is at the newest commit; what then seems
// damaged is looked at again if another commit came meanwhile.

import assert from 'node:assert/strict';
import type { ByteRange } from '../../bytes/byte-range.js';
import type { Entry } from '../../mvcc/backend.js';
import type { OnDone } from '../listener.js';
import { Commit } from './commit.js';
import { DataFile } from './data-file.js';
import { isAbove, isBelow, keyBytes } from './key-order.js';
import { checkMetas, type Metas, readMetaPages } from './meta-page.js';
import { type CommitUsage, measureCommit } from './page-usage.js';
import { type CommitSurvey, surveyCommit } from './survey-commit.js';
import type { Path, TreeReader } from './tree-reader.js';

/** The number of looks at pages that others overwrite, before damage is believed. */
const MAX_LOOKS = 1000;
/** The most leaves that are checked before LMDB goes through them. */
const MAX_LEAVES_AHEAD = 64;
/** A file up to this size is checked as a whole before the first write. */
const SMALL_FILE_BYTES = 1024 * 1024;

interface Position {
  readonly tree: TreeReader;
  readonly path: Path;
}

export class PageGuard {
  private readonly file: DataFile;
  private commit: Commit | undefined;
  /** The newest transaction at the last look. */
  private newestTxnId: number | undefined;
  private isPinned = false;
  private isSurveyed = false;

  /** Opens the file at `path` and checks what LMDB reads when it opens it. Throws IO, FORMAT or CORRUPT. */
  constructor(path: string) {
    this.file = DataFile.open(path);
    try {
      this.look(() => undefined);
    } catch (error) {
      this.file.close();
      throw error;
    }
  }

  close(): void {
    this.file.close();
  }

  /**
   * Pins the guard to the commit of a transaction, or to the newest. Returns false if the file no longer has the meta
   * of that transaction. Throws CORRUPT.
   */
  pin(txnId?: number): boolean {
    const { newer, older } = this.stableMetas();
    this.newestTxnId = newer.txnId;
    const meta = txnId === undefined ? newer : [newer, older].find((each) => each.txnId === txnId);
    if (meta === undefined) return false;
    if (this.commit?.meta.txnId === meta.txnId) this.commit.checkSize();
    else this.commit = new Commit(this.file, meta);
    this.isPinned = true;
    return true;
  }

  unpin(): void {
    this.isPinned = false;
  }

  /** The transaction of the commit that the guard is pinned to. */
  get pinnedTxnId(): number {
    assert(this.isPinned && this.commit !== undefined);
    return this.commit.meta.txnId;
  }

  /** Checks, at the begin of a write transaction, the pages that LMDB would take for new data. Throws CORRUPT. */
  checkFree(): void {
    assert(this.isPinned && this.commit !== undefined);
    this.commit.checkFree();
    if (this.isSurveyed || this.file.sizeBytes() > SMALL_FILE_BYTES) return;
    this.isSurveyed = true;
    for (const { error } of surveyCommit(this.commit).damages) throw error;
  }

  /** Surveys the commit that the guard is pinned to, or else the newest. */
  survey(onPages?: OnDone): CommitSurvey {
    if (this.isPinned) return surveyCommit(this.commit!, onPages);
    for (let looks = 1; ; looks++) {
      this.pin();
      this.unpin();
      const survey = surveyCommit(this.commit!, onPages);
      // Pages may have been overwritten meanwhile.
      if (looks === MAX_LOOKS || this.newestTxnId === this.stableMetas().newer.txnId) return survey;
    }
  }

  /** Accounts for all bytes of the file, as of the commit that the guard is pinned to. Throws CORRUPT. */
  measure(onPages?: OnDone): CommitUsage {
    assert(this.isPinned && this.commit !== undefined);
    return measureCommit(this.commit, onPages);
  }

  /** Checks what LMDB reads to look up a key. Throws CORRUPT. */
  reach(table: string, key: Buffer): void {
    this.look((commit) => commit.tables.get(table)?.reach(key));
  }

  /** Checks what LMDB reads and changes to write a key, or to find the key before it. Throws CORRUPT. */
  reachAround(table: string, key: Buffer): void {
    this.look((commit) => commit.tables.get(table)?.reachAround(key));
  }

  /** Checks the last page of a table. Throws CORRUPT. */
  reachLast(table: string): void {
    this.look((commit) => commit.tables.get(table)?.reachLast());
  }

  /** Yields the range in parts, each when LMDB can go through it. Throws CORRUPT at the part that is damaged. */
  *parts(table: string, { gte = Buffer.alloc(0), lt }: ByteRange): Iterable<ByteRange> {
    let from = gte;
    let position: Position | undefined;
    for (let leaves = 1; ; leaves = Math.min(2 * leaves, MAX_LEAVES_AHEAD)) {
      position = this.look((commit) => ahead(commit.tables.get(table), from, lt, leaves, position));
      if (position === undefined) break;
      const to = keyBytes(position.path.leaf.lower!);
      yield { gte: from, lt: to };
      from = to;
    }
    yield { gte: from, ...(lt !== undefined && { lt }) };
  }

  /**
   * Yields the rows of a range in the commit that the guard is pinned to, read from the file. `valueIn` returns the value
   * in the bytes of a row, when that is asked for. Throws CORRUPT.
   */
  *rows(
    table: string,
    { gte = Buffer.alloc(0), lt }: ByteRange,
    valueIn: (bytes: Buffer) => Buffer,
  ): Generator<Entry, void, undefined> {
    const { commit } = this;
    assert(this.isPinned && commit !== undefined);
    const tree = commit.tables.get(table);
    if (tree === undefined) return;
    for (const leaf of tree.leavesFrom(gte)) {
      const { lower, upper } = leaf.place;
      const mayBeBefore = lower === undefined || isAbove(gte, lower);
      const mayBeBehind = lt !== undefined && (upper === undefined || isBelow(lt, upper));
      // The leaf is read into memory that is used again.
      const page = leaf.copy();
      for (let index = 0; index < leaf.count; index++) {
        if (mayBeBefore && isAbove(gte, leaf.key(index))) continue;
        if (mayBeBehind && !isAbove(lt, leaf.key(index))) return;
        const { key, data } = leaf.entryIn(page, index, commit.meta.lastPage);
        yield { key, value: valueIn(data) };
        assert(this.isPinned && this.commit === commit, 'a range is read at one moment');
      }
      if (lt !== undefined && upper !== undefined && !isAbove(lt, upper)) return;
    }
  }

  /** Throws CORRUPT if the file was cut since the last look. A mapped page that is gone ends the process. */
  checkSize(): void {
    this.commit?.checkSize();
  }

  private look<T>(body: (commit: Commit) => T): T {
    if (this.isPinned) return body(this.commit!);
    for (let looks = 1; ; looks++) {
      try {
        this.pin();
        return body(this.commit!);
      } catch (error) {
        this.commit = undefined;
        if (looks === MAX_LOOKS || this.newestTxnId === this.stableMetas().newer.txnId) throw error;
      } finally {
        this.unpin();
      }
    }
  }

  /** Reads the metas. While others write, half of one may be read, or the page that it names be overwritten. */
  private stableMetas(): Metas {
    for (let looks = 1; ; looks++) {
      const bytes = readMetaPages(this.file);
      try {
        return checkMetas(this.file, bytes);
      } catch (error) {
        if (looks === MAX_LOOKS || readMetaPages(this.file).equals(bytes)) throw error;
      }
    }
  }
}

/**
 * Checks the next leaves, and returns the way to the last of them, up to whose first key LMDB can go; undefined if it can
 * go through the rest of the range.
 */
function ahead(
  tree: TreeReader | undefined,
  from: Buffer,
  lt: Buffer | undefined,
  leaves: number,
  position: Position | undefined,
): Position | undefined {
  if (tree === undefined || tree.isEmpty) return undefined;
  let path = position?.tree === tree ? position.path : tree.pathTo(from);
  for (let count = 0; count < leaves; count++) {
    const next = leaves === 1 ? tree.neighbour(path, 1) : tree.nextOfMany(path);
    if (next === undefined) return undefined;
    path = next;
    if (lt !== undefined && !isAbove(lt, path.leaf.lower!)) return undefined;
  }
  return { tree, path };
}
