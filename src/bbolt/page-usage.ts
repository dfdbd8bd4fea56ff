// Accounts for every byte of a file: what is in the pages of each bucket, what they leave empty, free pages, and what
// lies behind the last page. The parts add up to the length of the file:
//
//   metas | pages in use: pairs, headers and tables, slack | freelist | free | lost   below the high-water mark
//   pages that were never used | stray bytes | digest                                 behind it

import type { BoltFile } from './bolt-file.js';
import { type Bucket, bucketAt } from './bucket.js';
import { FreelistCheck } from './check-freelist.js';
import { corruptAt } from './damage.js';
import { type KeyPage, tableEnd } from './key-page.js';
import type { PageVisitor } from './leaf-cursor.js';
import { LeafPage } from './leaf-page.js';
import { PageSet } from './page-set.js';

const META_PAGES = 2;

/** The most levels of buckets within buckets that are read; etcd has one. */
const MAX_NESTING = 32;

/** A part of a file. */
interface PagePart {
  /** The number of pages; undefined for what is a part of pages, or none. */
  readonly pages?: number;
  readonly bytes: number;
}

interface BucketPages {
  /** One char a byte. */
  readonly name: string;
  /** Whether the bucket is so small that it lies within the page that lists the buckets. */
  readonly inline: boolean;
  keys: number;
  /** The bytes of all keys and values. */
  pairBytes: number;
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  /** The bytes of its pages that hold nothing. */
  slackBytes: number;
}

export interface FileUsage {
  readonly pageSize: number;
  /** The parts add up to the length of the file. */
  readonly parts: {
    readonly meta: PagePart;
    /** The keys and values of the bucket whose name was given: etcd's records. */
    readonly records: PagePart;
    /** The keys and values of all other buckets. */
    readonly otherBuckets: PagePart;
    /** Headers, tables of elements, branch pages, and the list of buckets. */
    readonly structure: PagePart;
    /** What pages in use do not fill. */
    readonly slack: PagePart;
    readonly freelist: PagePart;
    readonly free: PagePart;
    /** Pages that are neither in use nor listed as free. */
    readonly lost: PagePart;
    /** Pages that bbolt took from the disk in advance. */
    readonly neverUsed: PagePart;
    readonly stray: PagePart;
    readonly digest: PagePart;
  };
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly buckets: readonly BucketPages[];
  /** One sentence for each thing that is wrong with the list of free pages. */
  readonly problems: readonly string[];
}

/** Reads all pairs of a bucket, and hands each of its pages to the visitor. */
type ReadBucket = (onPage: PageVisitor) => void;

/**
 * Measures a file. `readMain` reads the bucket `main`, so that whoever needs its pairs reads the file only once.
 * `digestBytes` is the length of the digest at the end. `onPair` is called with the size of each pair of other buckets.
 */
export function measurePages(
  file: BoltFile,
  main: string,
  readMain: ReadBucket,
  digestBytes: number,
  onPair: OnPair = () => undefined,
): FileUsage {
  return new PageTally(file, onPair).measure(main, readMain, digestBytes);
}

/** Called with the name of a bucket and the bytes of a pair. */
export type OnPair = (bucket: string, keyBytes: number, valueBytes: number) => void;

class PageTally {
  private readonly reached = new PageSet();
  private readonly problems: string[] = [];
  private contentBytes = 0;
  private readonly pageSize: number;

  constructor(
    private readonly file: BoltFile,
    private readonly onPair: OnPair,
  ) {
    this.pageSize = file.meta.pageSize;
  }

  measure(main: string, readMain: ReadBucket, digestBytes: number): FileUsage {
    const { file, pageSize } = this;
    const root = newBucket('', false);
    const buckets: BucketPages[] = [];
    for (const page of file.root.leaves(this.visitor(root))) {
      for (let i = 0; i < page.count; i++) {
        const bucket = bucketAt(file.pages, page, i);
        const name = page.key(i).toString('latin1');
        const usage = newBucket(name, bucket.inline);
        buckets.push(usage);
        if (name === main) {
          if (bucket.inline) for (const inline of bucket.leaves()) addPairs(usage, inline);
          readMain(this.visitor(usage));
        } else {
          this.readOther(bucket, usage, 0);
        }
      }
    }
    const all = [root, ...buckets];
    const sum = (name: 'branchPages' | 'leafPages' | 'overflowPages') => all.reduce((n, one) => n + one[name], 0);
    const usedBytes = this.reached.count * pageSize;
    const recordBytes = buckets.find(({ name }) => name === main)?.pairBytes ?? 0;
    const pairBytes = buckets.reduce((bytes, bucket) => bytes + bucket.pairBytes, 0);
    return {
      pageSize,
      parts: {
        meta: { pages: META_PAGES, bytes: META_PAGES * pageSize },
        records: { bytes: recordBytes },
        otherBuckets: { bytes: pairBytes - recordBytes },
        structure: { bytes: this.contentBytes - pairBytes },
        slack: { bytes: usedBytes - this.contentBytes },
        ...this.unused(digestBytes),
      },
      branchPages: sum('branchPages'),
      leafPages: sum('leafPages'),
      overflowPages: sum('overflowPages'),
      buckets,
      problems: this.problems,
    };
  }

  private visitor(bucket: BucketPages): PageVisitor {
    return (page) => {
      const pages = page.bytes.length / this.pageSize;
      const { pgid } = page.place;
      for (let id = pgid; id < pgid + pages; id++) {
        if (this.reached.has(id)) throw corruptAt(page.place, `page ${id} is reached a second time`);
        this.reached.add(id);
      }
      this.contentBytes += page.contentBytes;
      bucket.overflowPages += pages - 1;
      bucket.slackBytes += page.bytes.length - page.contentBytes;
      if (page instanceof LeafPage) {
        bucket.leafPages++;
        addPairs(bucket, page);
      } else {
        bucket.branchPages++;
      }
    };
  }

  private readOther(bucket: Bucket, usage: BucketPages, nesting: number): void {
    for (const page of bucket.leaves(this.visitor(usage))) {
      if (bucket.inline) addPairs(usage, page);
      for (let i = 0; i < page.count; i++) {
        this.onPair(usage.name, page.keySize(i), page.valueSize(i));
        if (!page.isBucket(i)) continue;
        if (nesting >= MAX_NESTING) throw corruptAt(page.place, `buckets are nested more than ${MAX_NESTING} deep`);
        const inner = bucketAt(this.file.pages, page, i);
        // What an inline bucket holds is counted as the value that it is.
        if (!inner.inline) this.readOther(inner, usage, nesting + 1);
      }
    }
  }

  /** Returns what is not in the tree. */
  private unused(
    digestBytes: number,
  ): Pick<FileUsage['parts'], 'freelist' | 'free' | 'lost' | 'neverUsed' | 'stray' | 'digest'> {
    const { pageSize } = this;
    const { pages } = this.file;
    const { highWaterMark } = pages.meta;
    const treePages = this.reached.count;
    const freelist = new FreelistCheck(pages, this.reached);
    const { lostPages } = freelist;
    const unreached = highWaterMark - META_PAGES - treePages;
    // The list of a damaged file may lie on pages that the tree uses.
    const ownPages = Math.min(freelist.ownPages, unreached - lostPages);
    const freePages = unreached - ownPages - lostPages;
    const markBytes = highWaterMark * pageSize;
    const pageBytes = pages.source.sizeBytes - digestBytes;
    // A file that was cut short may lack pages at its end, of which none is in use.
    const missingBytes = Math.max(0, markBytes - pageBytes);
    const strayBytes = pageBytes % pageSize;
    const behind = Math.max(0, pageBytes - markBytes);
    const neverUsed = Math.floor(behind / pageSize);
    this.problems.push(...freelist.problems());
    return {
      freelist: { pages: ownPages, bytes: ownPages * pageSize },
      free: { pages: freePages, bytes: freePages * pageSize - missingBytes },
      lost: { pages: lostPages, bytes: lostPages * pageSize },
      neverUsed: { pages: neverUsed, bytes: neverUsed * pageSize },
      stray: { bytes: behind === 0 ? 0 : strayBytes },
      digest: { bytes: digestBytes },
    };
  }
}

function newBucket(name: string, inline: boolean): BucketPages {
  return { name, inline, keys: 0, pairBytes: 0, branchPages: 0, leafPages: 0, overflowPages: 0, slackBytes: 0 };
}

function addPairs(bucket: BucketPages, page: KeyPage): void {
  bucket.keys += page.count;
  bucket.pairBytes += page.contentBytes - tableEnd(page.count + page.clearedElements);
}
