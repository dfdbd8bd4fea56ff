// A Commit is what an LMDB file holds as of one transaction: the trees of its tables, and the pages that are free.

import type { PageSet } from '../../bbolt/page-set.js';
import type { DataFile } from './data-file.js';
import { readFreePages } from './free-pages.js';
import { compareBytes, compareNumbers, keyBytes } from './key-order.js';
import type { Meta } from './meta-page.js';
import { pagesOf, readTableRecord, TABLE_RECORD_BYTES, type TableRecord, wrongInRecord } from './table-record.js';
import type { TreeKind, TreePage } from './tree-page.js';
import { type Path, TreeReader } from './tree-reader.js';

const ROWS: TreeKind = { compare: compareBytes };
const TABLES: TreeKind = { compare: compareBytes, holdsTables: true };
const FREE: TreeKind = { compare: compareNumbers, keyBytes: 8, mayHaveThinBranches: true };

export const META_PAGES = 2;

/** The byte that lmdb puts behind the name of a table. */
const NAME_END = /\0$/;

/** The most free pages that a file may lack at its end: as many as a transaction can drop before they are written. */
const MAX_MISSING_PAGES = 2 ** 17;

export class Commit {
  /** The tree that holds the records of the tables. */
  readonly main: TreeReader;
  /** The tree that lists the free pages. */
  readonly free: TreeReader;
  /** The trees of the tables, by name. */
  readonly tables: ReadonlyMap<string, TreeReader>;
  private freePages: PageSet | undefined;
  private neededBytes: number | undefined;

  /** Throws CORRUPT if the tree of the tables is damaged, or the file is cut short. */
  constructor(
    readonly file: DataFile,
    readonly meta: Meta,
  ) {
    this.main = this.tree(TABLES, meta.main, meta.txnId);
    this.free = this.tree(FREE, meta.free, meta.txnId);
    this.checkSize();
    this.tables = this.readTables();
  }

  private tree(kind: TreeKind, record: TableRecord, maxTxnId: number): TreeReader {
    return new TreeReader({ file: this.file, kind, record, maxTxnId, lastPage: this.meta.lastPage });
  }

  private readTables(): Map<string, TreeReader> {
    const trees = new Map<string, TreeReader>();
    if (this.main.isEmpty) return trees;
    for (let path: Path | undefined = this.main.pathToFirst(); path !== undefined; ) {
      const leaf = this.main.read(path.leaf);
      for (let index = 0; index < leaf.count; index++) this.addTable(leaf, index, trees);
      path = this.main.neighbour(path, 1);
    }
    return trees;
  }

  private addTable(leaf: TreePage, index: number, trees: Map<string, TreeReader>): void {
    const name = keyBytes(leaf.key(index)).toString('latin1').replace(NAME_END, '');
    const wrong = (what: string) => this.file.damage(leaf.place.page, 0, `in the record of table ${name}, ${what}`);
    const bytes = leaf.data(index)!;
    if (bytes.length !== TABLE_RECORD_BYTES) throw wrong(`there are ${bytes.length} bytes`);
    const record = readTableRecord(bytes, 0);
    const problem = wrongInRecord(record, this.meta.lastPage);
    if (problem !== undefined) throw wrong(problem);
    if (record.flags !== 0 || record.pad !== 0)
      throw wrong(`the flags are ${record.flags}, the key size ${record.pad}`);
    trees.set(name, this.tree(ROWS, record, leaf.txnId));
  }

  /** Returns the free pages. Throws CORRUPT if their tree is damaged, or lists a page twice. */
  listFree(): PageSet {
    this.freePages ??= readFreePages(this.free);
    return this.freePages;
  }

  /** Throws CORRUPT if the file has lost pages that are in use: it may only lack free ones, at its end. */
  checkSize(): void {
    const { lastPage } = this.meta;
    const { pageSize } = this.file;
    this.neededBytes ??= (lastPage + 1) * pageSize;
    const sizeBytes = this.file.sizeBytes();
    if (sizeBytes >= this.neededBytes) return;
    const kept = Math.floor(sizeBytes / pageSize);
    if (lastPage + 1 - kept <= MAX_MISSING_PAGES && this.areFree(kept, lastPage)) {
      this.neededBytes = kept * pageSize;
      return;
    }
    throw this.file.cutShort(`its pages take ${this.neededBytes}`);
  }

  private areFree(first: number, last: number): boolean {
    const free = this.listFree();
    for (let page = first; page <= last; page++) {
      if (!free.has(page)) return false;
    }
    return true;
  }

  /** Throws CORRUPT unless writers can trust the free pages: none is listed twice, and there are not too many. */
  checkFree(): void {
    const { lastPage, free, main } = this.meta;
    let used = META_PAGES + pagesOf(free) + pagesOf(main);
    for (const { options } of this.tables.values()) used += pagesOf(options.record);
    const { count: size } = this.listFree();
    if (used + size <= lastPage + 1) return;
    throw this.file.damage(
      this.meta.page,
      0,
      `${used} pages are in use and ${size} are free, but there are ${lastPage + 1}`,
    );
  }
}
