// Reads every page that a file's tree reaches and checks it, counting as it goes. Follows bbolt's `check`, `stats` and
// `pages`: each page is reached once, and what is neither reached nor listed as free is lost.

import { MvccwError } from '../errors.js';
import type { BoltFile } from './bolt-file.js';
import { type Bucket, bucketAt } from './bucket.js';
import { checkFreelist } from './check-freelist.js';
import { corruptAt, type Place } from './damage.js';
import { LeafPage } from './leaf-page.js';
import { decodePageHeader, PAGE_HEADER_BYTES, type PageKind } from './page-header.js';
import type { PageReader } from './page-reader.js';
import { PageSet } from './page-set.js';

const META_PAGES = 2;

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
  /** Whether a freelist is stored that could be read; where none is, bbolt takes all other pages as free. */
  readonly freelistChecked: boolean;
  /** Neither in use nor listed as free; 0 where there is no freelist to say so. */
  readonly lostPages: number;
  /** What is wrong beside the tree, which reading does not depend on: a sentence each. */
  readonly problems: readonly string[];
  readonly buckets: readonly BucketSurvey[];
}

/** Throws CORRUPT at the first damage of the tree. */
export function surveyFile(file: BoltFile): FileSurvey {
  const { pages, meta } = file;
  const { sizeBytes } = pages.source;
  const reached = new PageSet(Math.ceil(sizeBytes / meta.pageSize));
  const root = surveyBucket(pages, Buffer.alloc(0), file.root, reached);
  const total = addUp(root);
  const treePages = reached.count;
  const freelist = checkFreelist(pages, reached);
  return {
    fileSizeBytes: sizeBytes,
    pageSize: meta.pageSize,
    txid: meta.txid,
    highWaterMark: meta.highWaterMark,
    txSizeBytes: meta.highWaterMark * meta.pageSize,
    pagesByType: {
      meta: META_PAGES,
      branch: total.branchPages,
      leaf: total.leafPages,
      overflow: total.branchOverflowPages + total.leafOverflowPages + Math.max(freelist.ownPages - 1, 0),
      freelist: Math.min(freelist.ownPages, 1),
      free: freelist.freePages ?? meta.highWaterMark - META_PAGES - treePages - freelist.ownPages,
    },
    freelistChecked: freelist.freePages !== undefined,
    lostPages: freelist.lostPages,
    problems: [...metaHeaderProblems(file), ...freelist.problems],
    buckets: root.buckets,
  };
}

/** A meta's checksum leaves out its page header, which bbolt does not read but in its own check. */
function metaHeaderProblems({ pages, metas }: BoltFile): string[] {
  return metas.flatMap(({ place, meta }) => {
    if (place === undefined || meta === undefined) return [];
    try {
      decodePageHeader(pages.source.read(place.offset, PAGE_HEADER_BYTES), place, place.pgid, ['meta']);
      return [];
    } catch (error) {
      if (!(error instanceof MvccwError)) throw error;
      return [error.message];
    }
  });
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
