// A PageReader reads branch and leaf pages with their overflow pages. It checks them against the high-water mark, the
// end of the file, and their own headers and elements. How many pages a run has is judged by what its header and the
// table of its elements say, before memory is taken for it: a file with holes may be much longer than what it holds.

import { BranchPage } from './branch-page.js';
import { corrupt, corruptAt, describePlace, type Place } from './damage.js';
import { type KeyPage, tableEnd } from './key-page.js';
import { LeafPage } from './leaf-page.js';
import { FIRST_PAGE_BEHIND_METAS, type Meta } from './meta.js';
import { PageCache } from './page-cache.js';
import { decodePageHeader, type PageHeader, type PageKind } from './page-header.js';
import type { PageSource } from './page-source.js';
import { ReadAhead } from './read-ahead.js';

/** etcd refuses requests above 1.5 MiB by default, and advises against more than 10 MiB. A run holds few large values. */
const MAX_RUN_BYTES = 128 * 1024 * 1024;

/** The element that points to a page. Where there is none, the meta points to it. */
export interface Reference {
  readonly page: KeyPage;
  readonly index: number;
}

/** The first page of a run, whose other pages lie within the file. */
export interface FirstPage {
  readonly place: Place;
  readonly header: PageHeader;
  readonly bytes: Buffer;
}

/** A page with its overflow pages. */
export interface PageRun {
  readonly place: Place;
  readonly header: PageHeader;
  readonly bytes: Buffer;
}

type Page = BranchPage | LeafPage;

export class PageReader {
  private loadedBytes = 0;

  constructor(
    readonly source: PageSource,
    readonly meta: Meta,
    private readonly cache: PageCache<Page>,
    /** The pages that were read so far and from which elements were cleared. */
    readonly cleared = new Set<number>(),
  ) {}

  /** Returns a reader for one who goes through the whole file, and reads each page once. */
  scanning(): PageReader {
    return new PageReader(new ReadAhead(this.source), this.meta, new PageCache(0), this.cleared);
  }

  /** Returns a reader for one who goes from page to page, be it through a few of them or through the whole file. */
  following(): PageReader {
    return new PageReader(new ReadAhead(this.source), this.meta, this.cache, this.cleared);
  }

  /** Returns the branch or leaf page `pgid`. A message says that `from` points to it. Throws CORRUPT. */
  load(pgid: number, from?: Reference): Page {
    const kept = this.cache.get(pgid);
    if (kept !== undefined) return kept;

    const { place, header, bytes } = this.readRun(pgid, ['branch', 'leaf'], (first) => this.contentBytes(first), from);
    const page = new (header.kind === 'branch' ? BranchPage : LeafPage)(place, bytes, header.count);
    if (page.isCleared) this.cleared.add(pgid);
    this.keep(pgid, page);
    return page;
  }

  /** A scan that goes on for long does not drive out what was kept before: it would drive out its own pages as well. */
  private keep(pgid: number, page: Page): void {
    const { cache } = this;
    const { length } = page.bytes;
    this.loadedBytes += length;
    const goesOn = this.source instanceof ReadAhead && this.loadedBytes > cache.limitBytes / 4;
    if (!goesOn || cache.hasRoom(length)) cache.add(pgid, page, length);
  }

  /** Reads a run of pages. `maxContentBytes` says how much the first page lets expect; more pages are refused unread. */
  readRun(
    pgid: number,
    kinds: readonly [PageKind, ...PageKind[]],
    maxContentBytes: (first: FirstPage) => number,
    from?: Reference,
  ): PageRun {
    const { pageSize } = this.meta;
    const place: Place = { pgid, offset: pgid * pageSize, inline: false };
    this.checkPointer(place, from);
    const first = this.source.read(place.offset, pageSize);
    const header = decodePageHeader(first, place, pgid, kinds);
    const { overflow } = header;
    if (overflow === 0) return { place, header, bytes: first };

    this.checkOverflow(place, overflow);
    const contentBytes = maxContentBytes({ place, header, bytes: first });
    if (contentBytes < overflow * pageSize) {
      throw corruptAt(place, `${overflow} overflow pages for ${contentBytes} bytes of content`);
    }
    return { place, header, bytes: this.source.read(place.offset, (overflow + 1) * pageSize) };
  }

  /** Adds up what the table of elements says, which may go on behind the first page of a run. */
  private contentBytes({ place, header, bytes }: FirstPage): number {
    const Page = header.kind === 'branch' ? BranchPage : LeafPage;
    const { count, overflow } = header;
    const tableBytes = Math.min(tableEnd(count), (overflow + 1) * this.meta.pageSize);
    const table = tableBytes <= bytes.length ? bytes : this.source.read(place.offset, tableBytes);
    return Page.contentBytes(table, count);
  }

  private checkPointer(place: Place, from: Reference | undefined): void {
    const problem = place.pgid < FIRST_PAGE_BEHIND_METAS ? 'which is a meta page' : this.outside(place, 0);
    if (problem === undefined) return;
    const by = from === undefined ? describePlace(this.meta.place) : from.page.describeElement(from.index);
    throw corrupt(`${by}: points to page ${place.pgid}, ${problem}`);
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
