// An EtcdFile is an etcd database file or snapshot (bbolt) as a backend that can only be read. Nothing is written to
// the file, no lock is taken, and only the pages that are asked for are read.

import { BoltFile } from '../bbolt/bolt-file.js';
import type { MetaSlot } from '../bbolt/find-meta.js';
import type { MetaRemark } from '../bbolt/judge-metas.js';
import { CLEARED } from '../bbolt/key-page.js';
import type { PageVisitor } from '../bbolt/leaf-cursor.js';
import type { Meta } from '../bbolt/meta.js';
import { type FileUsage, measurePages, type OnPair } from '../bbolt/page-usage.js';
import { type FileSurvey, type SurveyEnd, type SurveyStep, surveyFile, surveySteps } from '../bbolt/survey.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { RaftRecords } from '../inspect/check/check-raft.js';
import type { Entry, ReadBackend, ReadTable, TableName } from '../mvcc/backend.js';
import { MemoryTable } from '../mvcc/memory-table.js';
import { BucketTable } from './bucket-table.js';
import { checkNames, nameProblems } from './etcd-names.js';
import type { FileRemark } from './file-remark.js';
import type { OnProgress } from './listener.js';
import { MeteredTable } from './metered-table.js';
import { ReadOnlyFile } from './read-only-file.js';
import { DIGEST_BYTES, hasTrailer, type OnBytes, verifyTrailer } from './sha256-trailer.js';

export interface EtcdFileOptions {
  /** The file, where it is open already. It is closed with the EtcdFile, or if this throws. */
  readonly file?: ReadOnlyFile;
  /** The number of bytes of pages that are kept in memory; the default is 32 MiB. */
  readonly cacheBytes?: number | undefined;
  /** Makes the `index` table, which etcd's files lack, from the `key` table. It is called at the first use. */
  readonly buildIndex?: (key: ReadTable) => ReadTable;
  /** Makes the table of attached keys, which etcd's files lack too. It is called at the first use. */
  readonly buildAttachments?: () => ReadTable;
  /** Whether a file is opened of which only the metas can be read: what else is wrong is asked for. */
  readonly anyContents?: boolean;
  /** Called with how far the reading of records and pages has come. */
  readonly onProgress?: OnProgress | undefined;
}

/** The number of pages that one remark names. */
const NAMED_PAGES = 10;

/** What the fields of bbolt say about the file. */
export interface BoltInfo {
  readonly pageSize: number;
  readonly txid: number;
  /** The number of pages; times the page size, it is the database size that etcd reports. */
  readonly highWaterMark: number;
  readonly freelistStored: boolean;
  /** Whether a SHA-256 follows the pages, as `etcdctl snapshot save` writes. */
  readonly hasTrailer: boolean;
  /** One sentence for each meta page that is damaged and therefore not in use, or for two that contradict each other. */
  readonly metaProblems: readonly string[];
  /** Says why the file, or the packed one, cannot have the length it was written with; undefined if it can. */
  readonly lengthProblem: string | undefined;
}

const CLUSTER_VERSION_KEY = Buffer.from('clusterVersion');
const STORAGE_VERSION_KEY = Buffer.from('storageVersion');

export class EtcdFile implements ReadBackend {
  private lazyAttachments: ReadTable | undefined;

  constructor(
    private readonly file: ReadOnlyFile,
    readonly bolt: BoltFile,
    readonly tables: Readonly<Record<TableName, ReadTable>>,
    private readonly options: EtcdFileOptions,
  ) {}

  get attachments(): ReadTable | undefined {
    this.lazyAttachments ??= this.options.buildAttachments?.();
    return this.lazyAttachments;
  }

  get path(): string {
    return this.file.path;
  }

  boltInfo(): BoltInfo {
    const { meta, metas, metaRemark } = this.bolt;
    return {
      pageSize: meta.pageSize,
      txid: meta.txid,
      highWaterMark: meta.highWaterMark,
      freelistStored: meta.freelist !== undefined,
      hasTrailer: hasTrailer(this.sizeBytes()),
      metaProblems: metaProblems(metas, metaRemark),
      lengthProblem: this.lengthProblem(meta),
    };
  }

  private lengthProblem(meta: Meta): string | undefined {
    const problems = [this.file.unpacked?.remark, lengthProblem(this.sizeBytes(), meta)];
    const told = problems.filter((problem) => problem !== undefined);
    return told.length === 0 ? undefined : told.join('; ');
  }

  /** Returns the version that the file names, X.Y.0: that of its cluster or, from 3.6 on, that of its own layout. */
  etcdVersion(): string | undefined {
    const named =
      this.bolt.bucket('cluster')?.get(CLUSTER_VERSION_KEY) ?? this.bolt.bucket('meta')?.get(STORAGE_VERSION_KEY);
    const text = named?.toString('latin1');
    if (text === undefined || /^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(text)) return text;
    throw new MvccwError('CORRUPT', `record of the version of etcd: ${quoteKey(text)} is no version`, {
      hint: 'the file is damaged: etcd writes X.Y.0 there',
    });
  }

  /** Says which names beside the records are damaged. */
  nameProblems(): string[] {
    return nameProblems(this.bolt);
  }

  /** Returns the entries of any bucket; none if there is no such bucket. */
  entriesOf(bucket: string): Iterable<Entry> {
    return this.bolt.bucket(bucket)?.entries() ?? [];
  }

  /** Returns the names of the buckets in the file, in order. */
  bucketNames(): string[] {
    return [...this.bolt.root.children()].map(({ name }) => name);
  }

  /** Reads and checks all pages in use. Throws CORRUPT at the first damage of the tree. */
  survey(): FileSurvey {
    return surveyFile(this.bolt, (pages) => this.tellPages(pages));
  }

  /** Reads all pages in use, and goes on behind damage. */
  surveySteps(): Generator<SurveyStep, SurveyEnd, undefined> {
    return surveySteps(this.bolt, (pages) => this.tellPages(pages));
  }

  private tellPages(pages: number): void {
    this.options.onProgress?.(`checking ${this.path}`, pages, this.bolt.meta.highWaterMark);
  }

  /** Returns what is recorded of the log and the cluster. Throws CORRUPT if it cannot be read. */
  raftRecords(): RaftRecords {
    const [meta, cluster] = [this.bolt.bucket('meta'), this.bolt.bucket('cluster')];
    return {
      consistentIndex: meta?.get(Buffer.from('consistent_index')),
      term: meta?.get(Buffer.from('term')),
      confState: meta?.get(Buffer.from('confState')),
      storageVersion: meta?.get(STORAGE_VERSION_KEY),
      clusterVersion: cluster?.get(CLUSTER_VERSION_KEY),
    };
  }

  /**
   * Accounts for all bytes of the file. `readRecords` is given the same file, and reads its whole `key` table once: so
   * records and pages take one reading. `onPair` is called with each pair of other buckets.
   */
  measure(readRecords: (file: ReadBackend) => void, onPair?: OnPair): FileUsage {
    const digestBytes = hasTrailer(this.sizeBytes()) ? DIGEST_BYTES : 0;
    const { meta, lease, watch } = this.tables;
    const readKeys = (onPage: PageVisitor) => {
      const key = metered(new BucketTable(this.bolt.bucket('key'), onPage), this.path, this.options);
      readRecords({
        // Nobody asks for the index, which would have to be built.
        tables: { key, meta, lease, watch, index: new MemoryTable() },
        sizeBytes: () => this.sizeBytes(),
        close: () => undefined,
      });
    };
    return measurePages(this.bolt, 'key', readKeys, digestBytes, onPair);
  }

  /** What its reader should know before anything else is read. */
  openingRemarks(): FileRemark[] {
    const { metaRemark } = this.bolt;
    const { lengthProblem: length } = this.boltInfo();
    return [
      ...(metaRemark === undefined
        ? []
        : [{ text: metaRemark.text, missing: metaRemark.mayBeOlder ? ('newestRevisions' as const) : undefined }]),
      ...(length === undefined ? [] : [{ text: length, missing: undefined }]),
    ];
  }

  /** What its reader should know of the pages that were read so far. */
  readingRemarks(): FileRemark[] {
    const { cleared } = this.bolt.pages;
    return cleared.size === 0 ? [] : [{ text: clearedText([...cleared]), missing: 'clearedElements' }];
  }

  /** What its reader should know so far. */
  remarks(): FileRemark[] {
    return [...this.openingRemarks(), ...this.readingRemarks()];
  }

  /** Reads the whole file, in order. Throws CORRUPT if the digest is not that of the bytes. */
  verifyTrailer(onProgress?: OnBytes): 'ok' | 'absent' {
    const { hasTrailer: isSnapshot, highWaterMark, pageSize } = this.boltInfo();
    const endOfPages = highWaterMark * pageSize;
    // A file with a hole may be much longer than what it holds, and need not be read to be refused.
    if (isSnapshot && this.sizeBytes() - DIGEST_BYTES > endOfPages) {
      throw new MvccwError(
        'CORRUPT',
        `${this.path}: it has ${this.sizeBytes()} bytes, but a snapshot with these pages ends in its SHA-256 at byte ${endOfPages + DIGEST_BYTES}`,
        { hint: 'something was added to the file: take a new snapshot, or copy it again' },
      );
    }
    return verifyTrailer(this.file, onProgress);
  }

  sizeBytes(): number {
    return this.file.sizeBytes;
  }

  /** The size of the packed file; undefined if it is not packed. */
  packedBytes(): number | undefined {
    return this.file.unpacked?.packedBytes;
  }

  /**
   * Runs `body`, which reads the file. Throws IO if a server has committed to it meanwhile, whether or not what `body` has
   * read seemed damaged. `matters` tells behind it whether what was read of the file is part of the result.
   */
  async whileUnchanged<T>(body: () => Promise<T> | T, matters: () => boolean = () => true): Promise<T> {
    try {
      const result = await body();
      if (matters()) this.checkUnchanged();
      return result;
    } catch (error) {
      if (error instanceof MvccwError && error.code === 'CORRUPT' && matters()) this.checkUnchanged();
      throw error;
    }
  }

  /** Throws IO if a server has committed to the file since it was opened. */
  checkUnchanged(): void {
    if (this.bolt.isUnchanged()) return;
    throw new MvccwError(
      'IO',
      `${this.path} was written to while it was read: what was read is not all of one moment, and may be wrong`,
      { hint: 'a server runs on it: read a snapshot instead, which `etcdctl snapshot save` makes' },
    );
  }

  close(): void {
    this.file.close();
  }
}

/** Opens an etcd file. Throws IO, FORMAT or CORRUPT. */
export function openEtcdFile(path: string, options: EtcdFileOptions = {}): EtcdFile {
  const { cacheBytes, file = new ReadOnlyFile(path), anyContents = false } = options;
  try {
    const bolt = new BoltFile(file, { ...(cacheBytes !== undefined && { cacheBytes }) });
    checkBuckets(bolt, anyContents);
    return new EtcdFile(file, bolt, tablesOf(bolt, path, options), options);
  } catch (error) {
    file.close();
    throw withPath(error, path);
  }
}

/** Makes the table of records report how far its reader has come, if anybody listens. */
function metered(records: ReadTable, path: string, { onProgress }: EtcdFileOptions): ReadTable {
  return onProgress === undefined ? records : new MeteredTable(records, `reading ${path}`, onProgress);
}

/** Throws FORMAT if it is no file of etcd. Throws CORRUPT if that cannot be told, or names are damaged. */
function checkBuckets(bolt: BoltFile, anyContents: boolean): void {
  try {
    // etcd makes these two buckets in one transaction, before anything else.
    for (const name of ['key', 'meta']) {
      if (bolt.bucket(name) !== undefined) continue;
      throw new MvccwError('FORMAT', `not an etcd database: no bucket '${name}'`, {
        hint: 'it is a bbolt file of some other program, or of an etcd that never started',
      });
    }
    if (!anyContents) checkNames(bolt);
  } catch (error) {
    if (anyContents && error instanceof MvccwError && error.code === 'CORRUPT') return;
    throw error;
  }
}

function tablesOf(bolt: BoltFile, path: string, options: EtcdFileOptions): Record<TableName, ReadTable> {
  const { buildIndex } = options;
  const key = metered(new BucketTable(() => bolt.bucket('key')), path, options);
  let index: ReadTable | undefined;
  return {
    key,
    meta: new BucketTable(() => bolt.bucket('meta')),
    lease: new BucketTable(() => bolt.bucket('lease')),
    watch: new MemoryTable(),
    get index(): ReadTable {
      index ??= buildIndex === undefined ? new MemoryTable() : buildIndex(key);
      return index;
    },
  };
}

/** Checks the length: a server's file is all pages in use and often more, a snapshot is those in use and a digest. */
function lengthProblem(sizeBytes: number, { highWaterMark, pageSize }: Meta): string | undefined {
  const pageBytes = hasTrailer(sizeBytes) ? sizeBytes - DIGEST_BYTES : sizeBytes;
  const usedBytes = highWaterMark * pageSize;
  if (pageBytes < usedBytes) {
    return `the file was cut short: its pages end at byte ${pageBytes}, but those in use go up to byte ${usedBytes}`;
  }
  const strayBytes = pageBytes % pageSize;
  if (strayBytes === 0) return undefined;
  const follow = strayBytes === 1 ? '1 byte follows' : `${strayBytes} bytes follow`;
  const guess =
    strayBytes < DIGEST_BYTES && pageBytes - strayBytes === usedBytes
      ? 'it is a snapshot that was cut short'
      : 'it was cut short, or something was added to it';
  return `${follow} the last page, where a snapshot has a SHA-256 of ${DIGEST_BYTES} bytes and a server's file nothing: ${guess}`;
}

function clearedText(pages: readonly number[]): string {
  const named = pages.slice(0, NAMED_PAGES).join(', ') + (pages.length > NAMED_PAGES ? ', …' : '');
  return `page${pages.length === 1 ? '' : 's'} ${named}: ${CLEARED}`;
}

function metaProblems(metas: readonly [MetaSlot, MetaSlot], remark: MetaRemark | undefined): string[] {
  const damaged = metas.flatMap(({ problem }, i) => (problem === undefined ? [] : [`meta ${i}: ${problem}`]));
  return damaged.length === 0 && remark !== undefined ? [remark.text] : damaged;
}

function withPath(error: unknown, path: string): unknown {
  return error instanceof MvccwError && error.code !== 'IO' ? error.under(path) : error;
}
