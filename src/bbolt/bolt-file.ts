// A BoltFile is a bbolt database file that is open for reading: its metas, its pages and the bucket that holds all
// other buckets. It follows bbolt's db.go, but reads through a PageSource and trusts nothing that it finds.

import { MvccwError } from '../errors.js';
import { Bucket } from './bucket.js';
import { findMeta, type MetaSlot } from './find-meta.js';
import { judgeMetas, type MetaRemark } from './judge-metas.js';
import type { Meta } from './meta.js';
import { PageCache } from './page-cache.js';
import { PageReader } from './page-reader.js';
import type { PageSource } from './page-source.js';

const DEFAULT_CACHE_BYTES = 32 * 1024 * 1024;

export interface BoltOptions {
  /** The number of bytes of pages that are kept in memory. */
  readonly cacheBytes?: number;
}

export class BoltFile {
  /** The meta that is in use: the valid one with the higher txid. */
  readonly meta: Meta;
  /** Both metas; one of them may be damaged. */
  readonly metas: readonly [MetaSlot, MetaSlot];
  /** What a reader has to know about the metas; undefined if both are as bbolt leaves them. */
  readonly metaRemark: MetaRemark | undefined;
  readonly pages: PageReader;
  readonly root: Bucket;

  /** Opens the file. Throws FORMAT or CORRUPT. */
  constructor(
    private readonly source: PageSource,
    { cacheBytes = DEFAULT_CACHE_BYTES }: BoltOptions = {},
  ) {
    const pair = findMeta(source);
    const { current } = pair;
    this.meta = current;
    this.metas = pair.slots;
    this.metaRemark = judgeMetas(pair);
    this.pages = new PageReader(source, current, new PageCache(cacheBytes));
    this.root = new Bucket(this.pages, { pgid: current.root, from: undefined }, current.sequence);
  }

  bucket(name: string): Bucket | undefined {
    return this.root.bucket(Buffer.from(name));
  }

  /**
   * Tells whether nobody has committed to the file since it was opened. Until then, all pages of the commit that is read
   * here are as they were: bbolt overwrites only those that the newest commit does not use.
   */
  isUnchanged(): boolean {
    try {
      const { txid, root, highWaterMark } = findMeta(this.source).current;
      return txid === this.meta.txid && root === this.meta.root && highWaterMark === this.meta.highWaterMark;
    } catch (error) {
      if (error instanceof MvccwError) return false;
      throw error;
    }
  }
}
