// A PageReader reads branch and leaf pages with their overflow pages. It checks them against the high-water mark, the
// end of the file, and their own headers and elements. A length from the file is used only once it is known to fit.

import { BranchPage } from './branch-page.js';
import { corrupt, corruptAt, describePlace, type Place } from './damage.js';
import type { KeyPage } from './key-page.js';
import { LeafPage } from './leaf-page.js';
import type { Meta } from './meta.js';
import { PageCache } from './page-cache.js';
import { decodePageHeader, type PageHeader, type PageKind } from './page-header.js';
import type { PageSource } from './page-source.js';

const FIRST_PAGE_BEHIND_METAS = 2;
/** The largest value that bbolt takes; no etcd server takes one near it. */
const MAX_RUN_BYTES = 0x8000_0000;

/** The element that points to a page. Where there is none, the meta points to it. */
export interface Reference {
  readonly page: KeyPage;
  readonly index: number;
}

/** A page with its overflow pages. */
export interface PageRun {
  readonly place: Place;
  readonly header: PageHeader;
  readonly bytes: Buffer;
}

export class PageReader {
  /** The pages that were read so far and from which elements were cleared. */
  readonly cleared = new Set<number>();
  private readonly cache: PageCache<BranchPage | LeafPage>;

  constructor(
    readonly source: PageSource,
    readonly meta: Meta,
    cacheBytes: number,
  ) {
    this.cache = new PageCache(cacheBytes);
  }

  /** Returns the branch or leaf page `pgid`. A message says that `from` points to it. Throws CORRUPT. */
  load(pgid: number, from?: Reference): BranchPage | LeafPage {
    const kept = this.cache.get(pgid);
    if (kept !== undefined) return kept;

    const { place, header, bytes } = this.readRun(pgid, ['branch', 'leaf'], from);
    const page = new (header.kind === 'branch' ? BranchPage : LeafPage)(place, bytes, header.count);
    if (page.contentBytes < header.overflow * this.meta.pageSize) {
      throw corruptAt(place, `${header.overflow} overflow pages for ${page.contentBytes} bytes of content`);
    }
    if (page.clearedElements > 0 || (page instanceof LeafPage && page.isCleared())) this.cleared.add(pgid);
    this.cache.add(pgid, page, bytes.length);
    return page;
  }

  readRun(pgid: number, kinds: readonly [PageKind, ...PageKind[]], from?: Reference): PageRun {
    const { pageSize } = this.meta;
    const place: Place = { pgid, offset: pgid * pageSize, inline: false };
    this.checkPointer(place, from);
    const first = this.source.read(place.offset, pageSize);
    const header = decodePageHeader(first, place, pgid, kinds);
    if (header.overflow === 0) return { place, header, bytes: first };

    this.checkOverflow(place, header.overflow);
    return { place, header, bytes: this.source.read(place.offset, (header.overflow + 1) * pageSize) };
  }

  private checkPointer(place: Place, from: Reference | undefined): void {
    const by = from === undefined ? describePlace(this.meta.place) : from.page.describeElement(from.index);
    const problem = place.pgid < FIRST_PAGE_BEHIND_METAS ? 'which is a meta page' : this.outside(place, 0);
    if (problem !== undefined) throw corrupt(`${by}: points to page ${place.pgid}, ${problem}`);
  }

  private checkOverflow(place: Place, overflow: number): void {
    const problem = this.outside(place, overflow);
    if (problem !== undefined) throw corruptAt(place, `it has ${overflow} overflow pages, ${problem}`);
    if ((overflow + 1) * this.meta.pageSize > MAX_RUN_BYTES) {
      throw corruptAt(place, `it has ${overflow} overflow pages, which is beyond reason`);
    }
  }

  /** Says why a run of pages cannot be there; undefined if it can. */
  private outside({ pgid, offset }: Place, overflow: number): string | undefined {
    const { highWaterMark, pageSize } = this.meta;
    if (pgid + overflow >= highWaterMark) return `beyond the high-water mark ${highWaterMark}`;
    const endOffset = offset + (overflow + 1) * pageSize;
    if (endOffset <= this.source.sizeBytes) return undefined;
    return `beyond the end of the file: it would end at byte ${endOffset}, and the file at ${this.source.sizeBytes}`;
  }
}
