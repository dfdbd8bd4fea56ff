// Reads every page that the tree of a file reaches, checks it, and counts. It follows bbolt's `check`, `stats` and
// `pages`: each page is reached once, and a page that is neither reached nor listed as free is lost.

import { MvccwError } from '../errors.js';
import type { BoltFile } from './bolt-file.js';
import type { BranchPage } from './branch-page.js';
import { type Bucket, bucketAt } from './bucket.js';
import { FreelistCheck } from './check-freelist.js';
import { corruptAt, type Place } from './damage.js';
import { LeafPage } from './leaf-page.js';
import { decodePageHeader, PAGE_HEADER_BYTES, type PageKind } from './page-header.js';
import type { PageReader } from './page-reader.js';
import { ReachedPages } from './reached-pages.js';
import type { KeyBounds } from './tree-walk.js';

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

/** What a survey comes to on its way. */
export type SurveyStep =
  | {
      readonly kind: 'leaf';
      /** The name of the bucket, below those of the buckets around it. */
      readonly path: readonly string[];
      readonly page: LeafPage;
      /** Whether its keys lie behind those of the leaves of the bucket before. */
      readonly isInOrder: boolean;
    }
  /** A page from which elements were taken off, before what it holds. */
  | { readonly kind: 'cleared'; readonly path: readonly string[]; readonly place: Place }
  | {
      readonly kind: 'damage';
      readonly path: readonly string[];
      readonly error: MvccwError;
      /** Whether keys of the bucket that may have been here are not read in order. */
      readonly isHole: boolean;
      /** Where the keys belong that are not read; undefined if they are all of a bucket. */
      readonly bounds: KeyBounds | undefined;
    };

/** What a survey comes to in the end. Where there is damage, the counts are of what was reached. */
export interface SurveyEnd {
  readonly survey: FileSurvey;
  readonly freelist: FreelistCheck;
}

/** Called after each page of a tree with the number of pages that have been reached. */
type OnPage = (pages: number) => void;

/** Reads the whole file, and counts. Throws CORRUPT at the first damage of the tree. */
export function surveyFile(file: BoltFile, onPage?: OnPage): FileSurvey {
  const steps = surveySteps(file, onPage);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value.survey;
    if (step.value.kind === 'damage') throw step.value.error;
  }
}

/** Reads the whole file once, yields what it comes to, and behind damage goes on with the next page. */
export function* surveySteps(file: BoltFile, onPage?: OnPage): Generator<SurveyStep, SurveyEnd, undefined> {
  const { meta } = file;
  // Each page is read once, so that none is worth keeping.
  const pages = file.pages.scanning();
  const reached = new ReachedPages(onPage);
  const root = yield* surveyBucket(pages, [], Buffer.alloc(0), file.root.in(pages), reached);
  const total = addUp(root);
  const treePages = reached.all.count;
  const freelist = new FreelistCheck(pages, reached.all);
  const { ownPages, freePages, lostPages } = freelist;
  const survey: FileSurvey = {
    fileSizeBytes: pages.source.sizeBytes,
    pageSize: meta.pageSize,
    txid: meta.txid,
    highWaterMark: meta.highWaterMark,
    txSizeBytes: meta.highWaterMark * meta.pageSize,
    pagesByType: {
      meta: META_PAGES,
      branch: total.branchPages,
      leaf: total.leafPages,
      overflow: total.branchOverflowPages + total.leafOverflowPages + Math.max(ownPages - 1, 0),
      freelist: Math.min(ownPages, 1),
      free: freePages ?? meta.highWaterMark - META_PAGES - treePages - ownPages,
    },
    freelistChecked: freePages !== undefined,
    lostPages,
    problems: [...metaHeaderProblems(file), ...freelist.problems()],
    buckets: root.buckets,
  };
  return { survey, freelist };
}

/** Checks the page headers of the metas. Their checksums do not cover them, and only bbolt's `check` reads them. */
export function metaHeaderProblems({ pages, metas }: BoltFile): string[] {
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

function* surveyBucket(
  pages: PageReader,
  path: readonly string[],
  name: Buffer,
  bucket: Bucket,
  reached: ReachedPages,
): Generator<SurveyStep, BucketSurvey, undefined> {
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
  for (const step of bucket.walk(reached)) {
    if (step.kind === 'damage') {
      yield { ...step, path };
      continue;
    }
    const { page, depth, isInOrder, isFirst } = step;
    if (isFirst && !page.place.inline) countPage(survey, page, depth, pages.meta.pageSize);
    if (page.isCleared && isFirst) yield { kind: 'cleared', path, place: page.place };
    if (!(page instanceof LeafPage)) continue;
    yield { kind: 'leaf', path, page, isInOrder };
    if (!isFirst) continue;
    for (let i = 0; i < page.count; i++) {
      if (page.isBucket(i)) yield* surveyChild(pages, path, survey, page, i, reached);
      else countPair(survey, page, i);
    }
  }
  return survey;
}

function* surveyChild(
  pages: PageReader,
  parents: readonly string[],
  { buckets }: BucketSurvey,
  page: LeafPage,
  index: number,
  reached: ReachedPages,
): Generator<SurveyStep, void, undefined> {
  const path = [...parents, page.key(index).toString('latin1')];
  let child: Bucket;
  try {
    if (parents.length >= MAX_NESTING) {
      throw corruptAt(page.place, `buckets are nested more than ${MAX_NESTING} deep`);
    }
    child = bucketAt(pages, page, index);
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    yield { kind: 'damage', path, error, isHole: true, bounds: undefined };
    return;
  }
  buckets.push(yield* surveyBucket(pages, path, page.key(index), child, reached));
}

function countPage(survey: BucketSurvey, page: BranchPage | LeafPage, depth: number, pageSize: number): void {
  const overflow = page.bytes.length / pageSize - 1;
  survey.depth = Math.max(survey.depth, depth);
  if (page instanceof LeafPage) {
    survey.leafPages++;
    survey.leafOverflowPages += overflow;
  } else {
    survey.branchPages++;
    survey.branchOverflowPages += overflow;
  }
}

function countPair(survey: BucketSurvey, page: LeafPage, index: number): void {
  const valueBytes = page.valueSize(index);
  survey.keys++;
  survey.keyBytes += page.keySize(index);
  survey.valueBytes += valueBytes;
  survey.maxValueBytes = Math.max(survey.maxValueBytes, valueBytes);
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
