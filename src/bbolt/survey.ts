// Reads every page that the tree of a file reaches, checks it, and counts. It follows bbolt's `check`, `stats` and
// `pages`: each page is reached once, and a page that is neither reached nor listed as free is lost.

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

/** The most levels of buckets within buckets that are read; etcd has one. */
const MAX_NESTING = 32;

export interface BucketSurvey {
  readonly name: Buffer;
  /** The number of pairs; buckets are not counted. */
  keys: number;
  keyBytes: number;
  valueBytes: number;
  /** The length of the longest value. */
  maxValueBytes: number;
  readonly sequence: bigint;
  /** The number of levels of the tree: 1 for a single leaf page, inline or not. */
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
  /** The number of bytes below the high-water mark. A snapshot has as many, and its digest. */
  readonly txSizeBytes: number;
  /** The number of pages of each type. With the lost pages they add up to the high-water mark. */
  readonly pagesByType: Record<PageKind | 'overflow' | 'free', number>;
  /** Whether a freelist was there to be checked. Without one, bbolt takes all pages that are not in use as free. */
  readonly freelistChecked: boolean;
  /** The number of pages that are neither in use nor listed as free; 0 if no freelist was checked. */
  readonly lostPages: number;
  /** One sentence for each thing that is wrong outside the tree, where reading does not depend on it. */
  readonly problems: readonly string[];
  readonly buckets: readonly BucketSurvey[];
}

/** Called after each page of a tree with the number of pages that have been reached. */
type OnPage = (pages: number) => void;

/** Reads the whole file. Throws CORRUPT at the first damage of the tree. */
export function surveyFile(file: BoltFile, onPage: OnPage = () => undefined): FileSurvey {
  const { pages, meta } = file;
  const { sizeBytes } = pages.source;
  const reached = new PageSet();
  const root = surveyBucket(pages, Buffer.alloc(0), file.root, (place, run) => {
    markRun(reached, place, run);
    onPage(reached.count);
  });
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

/** Checks the page headers of the metas. Their checksums do not cover them, and only bbolt's `check` reads them. */
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

/** Called with each run of pages. */
type OnRun = (place: Place, pages: number) => void;

function surveyBucket(pages: PageReader, name: Buffer, bucket: Bucket, onRun: OnRun, nesting = 0): BucketSurvey {
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
    onRun(page.place, overflow + 1);
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
        survey.buckets.push(surveyBucket(pages, page.key(i), bucketAt(pages, page, i), onRun, nesting + 1));
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

/** Adds up the pages of a bucket and of all buckets within it. */
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
