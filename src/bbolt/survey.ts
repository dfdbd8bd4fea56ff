// Reads every page that a file's tree reaches and checks it, counting as it goes. Follows bbolt's `check`, `stats` and
// `pages`: each page is reached once, and what is neither reached nor listed as free is lost.

import type { BoltFile } from './bolt-file.js';
import { type Bucket, bucketAt } from './bucket.js';
import { corruptAt, type Place } from './damage.js';
import { readFreelist } from './freelist.js';
import { LeafPage } from './leaf-page.js';
import { decodePageHeader, PAGE_HEADER_BYTES, type PageKind } from './page-header.js';
import type { PageReader } from './page-reader.js';
import { PageSet } from './page-set.js';

/** Buckets within buckets; etcd has one level. */
const MAX_NESTING = 32;

export interface BucketSurvey {
  readonly name: Buffer;
  /** Pairs; buckets are not counted. */
  keys: number;
  keyBytes: number;
  valueBytes: number;
  /** The longest value. */
  maxValueBytes: number;
  readonly sequence: bigint;
  /** 1 for a bucket of one leaf, or an inline one. */
  depth: number;
  branchPages: number;
  branchOverflowPages: number;
  leafPages: number;
  leafOverflowPages: number;
  readonly inline: boolean;
  readonly buckets: BucketSurvey[];
}

export interface FileSurvey {
  readonly fileSizeBytes: number;
  readonly pageSize: number;
  readonly txid: number;
  readonly highWaterMark: number;
  /** The bytes below the high-water mark; a snapshot has no more but its digest. */
  readonly txSizeBytes: number;
  /** Together as many as the high-water mark, but for the lost pages. */
  readonly pagesByType: Record<PageKind | 'overflow' | 'free', number>;
  /** Neither in use nor listed as free; 0 when no freelist is stored, since bbolt then takes all others as free. */
  readonly lostPages: number;
  readonly buckets: readonly BucketSurvey[];
}

/** Throws CORRUPT at the first damage. */
export function surveyFile(file: BoltFile): FileSurvey {
  const { pages, meta } = file;
  const { sizeBytes } = pages.source;
  checkMetaHeaders(file);
  const reached = new PageSet(Math.ceil(sizeBytes / meta.pageSize));
  const root = surveyBucket(pages, Buffer.alloc(0), file.root, reached);
  const total = addUp(root);

  const freelist = readFreelist(pages);
  const freelistPages = freelist === undefined ? 0 : freelist.run.header.overflow + 1;
  const inUse = 2 + reached.count + freelistPages;
  if (freelist !== undefined) {
    markRun(reached, freelist.run.place, freelistPages);
    for (const id of freelist.ids()) {
      if (reached.has(id)) throw corruptAt(freelist.run.place, `it lists page ${id} as free, which is in use`);
    }
  }
  const free = freelist?.count ?? meta.highWaterMark - inUse;
  return {
    fileSizeBytes: sizeBytes,
    pageSize: meta.pageSize,
    txid: meta.txid,
    highWaterMark: meta.highWaterMark,
    txSizeBytes: meta.highWaterMark * meta.pageSize,
    pagesByType: {
      meta: 2,
      branch: total.branchPages,
      leaf: total.leafPages,
      overflow: total.branchOverflowPages + total.leafOverflowPages + Math.max(freelistPages - 1, 0),
      freelist: Math.min(freelistPages, 1),
      free,
    },
    lostPages: meta.highWaterMark - inUse - free,
    buckets: root.buckets,
  };
}

/** A meta's checksum leaves out its page header. */
function checkMetaHeaders({ pages, metas }: BoltFile): void {
  for (const { place, meta } of metas) {
    if (place === undefined || meta === undefined) continue;
    decodePageHeader(pages.source.read(place.offset, PAGE_HEADER_BYTES), place, place.pgid, ['meta']);
  }
}

function surveyBucket(pages: PageReader, name: Buffer, bucket: Bucket, reached: PageSet, nesting = 0): BucketSurvey {
  const survey: BucketSurvey = {
    name,
    keys: 0,
    keyBytes: 0,
    valueBytes: 0,
    maxValueBytes: 0,
    sequence: bucket.sequence,
    depth: 1,
    branchPages: 0,
    branchOverflowPages: 0,
    leafPages: 0,
    leafOverflowPages: 0,
    inline: bucket.inline,
    buckets: [],
  };
  const leaves = bucket.leaves((page, depth) => {
    const overflow = page.bytes.length / pages.meta.pageSize - 1;
    markRun(reached, page.place, overflow + 1);
    survey.depth = Math.max(survey.depth, depth);
    if (page instanceof LeafPage) {
      survey.leafPages++;
      survey.leafOverflowPages += overflow;
    } else {
      survey.branchPages++;
      survey.branchOverflowPages += overflow;
    }
  });
  for (const page of leaves) {
    for (let i = 0; i < page.count; i++) {
      if (page.isBucket(i)) {
        if (nesting >= MAX_NESTING) throw corruptAt(page.place, `buckets are nested more than ${MAX_NESTING} deep`);
        survey.buckets.push(surveyBucket(pages, page.key(i), bucketAt(pages, page, i), reached, nesting + 1));
      } else {
        countPair(survey, page, i);
      }
    }
  }
  return survey;
}

function countPair(survey: BucketSurvey, page: LeafPage, index: number): void {
  const valueBytes = page.value(index).length;
  survey.keys++;
  survey.keyBytes += page.key(index).length;
  survey.valueBytes += valueBytes;
  survey.maxValueBytes = Math.max(survey.maxValueBytes, valueBytes);
}

function markRun(reached: PageSet, place: Place, pages: number): void {
  for (let id = place.pgid; id < place.pgid + pages; id++) {
    if (reached.has(id)) throw corruptAt(place, `page ${id} is reached a second time`);
    reached.add(id);
  }
}

type PageCounts = Pick<BucketSurvey, 'branchPages' | 'branchOverflowPages' | 'leafPages' | 'leafOverflowPages'>;

/** The pages of a bucket and of all buckets within. */
function addUp(survey: BucketSurvey): PageCounts {
  return survey.buckets.map(addUp).reduce(
    (sum, part) => ({
      branchPages: sum.branchPages + part.branchPages,
      branchOverflowPages: sum.branchOverflowPages + part.branchOverflowPages,
      leafPages: sum.leafPages + part.leafPages,
      leafOverflowPages: sum.leafOverflowPages + part.leafOverflowPages,
    }),
    survey,
  );
}
