// Chooses the tree that a salvage reads: of all roots that the file has, the newest one that leads to records. A meta says
// where a root is. Where the newer meta is lost, or both are, a root is found by its page, which names etcd's buckets; of
// several the one with the highest consistent_index is the newest, since etcd writes it with each commit.

import type { BranchPage } from '../../bbolt/branch-page.js';
import { PageSet } from '../../bbolt/page-set.js';
import { bucketsIn, type FoundBuckets, type LooseFile } from '../../bbolt/salvage/loose-file.js';
import { BRANCH_FLAG, LEAF_FLAG, readHead } from '../../bbolt/salvage/page-head.js';
import { PieceSource } from '../../bbolt/salvage/piece-source.js';
import { decodeRevisionKey, isRevisionKey } from '../../mvcc/revision.js';
import type { Loss } from './loss.js';
import type { LooseMetas } from './metas.js';
import { soundRecords } from './sound-records.js';

export interface Root extends FoundBuckets {
  /** Where it is from, in words. */
  readonly from: string;
  readonly pgid: number;
  readonly freelist: number | undefined;
  /** Whether no meta leads to it. */
  readonly isStray: boolean;
  /** Whether it may be a part of a tree, with records before and behind it. */
  readonly isPart: boolean;
}

export interface Roots {
  /** The root that is read; undefined if the file has none. */
  readonly newest: Root | undefined;
  /** The root of the meta before it. */
  readonly older: Root | undefined;
  /** Whether it is sure that nothing was committed after it. */
  readonly isNewest: boolean;
  readonly losses: readonly Loss[];
}

interface Found {
  readonly root: Root;
  readonly index: number;
}

/** Finds the roots of a file. Unless both metas are well, all its pages are looked at. */
export function findRoots(file: LooseFile, { metas, problems, isNewest }: LooseMetas): Roots {
  const losses: Loss[] = problems.map((problem) => ({ kind: 'meta', problem, harmless: isNewest }));
  const roots = metas.map(({ meta, from }) => rootAt(file, meta.root, from, meta.freelist));
  const readable = roots.filter((root) => leadsToRecords(file, root));
  if (isNewest && readable.length > 0 && readable[0] === roots[0]) {
    return { newest: readable[0], older: readable[1], isNewest: true, losses };
  }
  for (const root of roots) {
    if (readable.includes(root)) continue;
    losses.push({
      kind: 'page',
      page: root.pgid,
      problem: `page ${root.pgid}, the root of ${root.from}, leads to no records`,
    });
  }
  const known = Math.max(-1, ...roots.map((root) => consistentIndex(file, root)));
  const strays = strayRoots(file).sort((a, b) => b.index - a.index);
  const newer = strays.find(({ index }) => index > known)?.root;
  const newest = newer ?? readable[0] ?? strays[0]?.root ?? strayTree(file);
  if (newest !== undefined && newest !== readable[0]) {
    losses.push({ kind: 'meta', problem: `no meta leads to the newest records: they are read from ${newest.from}` });
  }
  const older = newest === readable[0] ? readable[1] : readable[0];
  const isKnown = newest !== newer && roots[0]?.buckets.has('meta');
  return { newest: isKnown ? withSmallBuckets(newest, roots[0]!) : newest, older, isNewest: false, losses };
}

/** Tells whether the page to which a root leads for the records is one of records, or leads to some. */
function leadsToRecords(file: LooseFile, { buckets }: Root): boolean {
  const key = buckets.get('key');
  if (key === undefined || 'inline' in key) return key !== undefined;
  if (key.pgid < 2 || key.pgid >= file.pageCount) return false;
  const shape = file.shapeAt(key.pgid);
  if (shape.head.fits && shape.head.flags === BRANCH_FLAG) return branchAt(file, key.pgid) !== undefined;
  return (shape.isWhole && shape.count === 0) || soundRecords(shape).records.length > 0;
}

/** Returns a root that leads to the records of one root, and to all else of another one, which is newer. */
function withSmallBuckets(root: Root | undefined, newer: Root): Root | undefined {
  const key = root?.buckets.get('key');
  if (root === undefined || key === undefined || root === newer) return root;
  return { ...root, isWhole: newer.isWhole, buckets: new Map([...newer.buckets, ['key', key]]) };
}

function rootAt(file: LooseFile, pgid: number, from: string, freelist: number | undefined): Root {
  return { from, pgid, ...file.bucketsAt(pgid), freelist, isStray: false, isPart: false };
}

const CONSISTENT_INDEX = Buffer.from('consistent_index');

function consistentIndex(file: LooseFile, { buckets }: Root): number {
  const meta = buckets.get('meta');
  const entries = meta === undefined ? [] : file.entriesAt(meta).entries;
  const found = entries.find(({ key, value }) => key.equals(CONSISTENT_INDEX) && value.length === 8);
  return found === undefined ? 0 : Number(found.value.readBigUInt64BE(0));
}

/** Returns the roots among the leaf pages: they name the buckets `key` and `meta`. */
function strayRoots(file: LooseFile): Found[] {
  const found: Found[] = [];
  const pages = new PieceSource(file.source);
  for (const pgid of pagesOf(file, pages, LEAF_FLAG)) {
    const shape = file.shapeAt(pgid, () => false, pages);
    const buckets = new Map(bucketsIn(shape));
    const isWhole = shape.isWhole && buckets.size === shape.count;
    const root: Root = {
      from: `page ${pgid}, which names the buckets`,
      pgid,
      buckets,
      isWhole,
      freelist: undefined,
      isStray: true,
      isPart: false,
    };
    if (buckets.has('meta') && leadsToRecords(file, root)) found.push({ root, index: consistentIndex(file, root) });
  }
  return found;
}

/**
 * Returns the tree of records with the highest revision, where no root is left: that of a branch page to which no other
 * one leads, or a single leaf.
 */
function strayTree(file: LooseFile): Root | undefined {
  const pages = new PieceSource(file.source);
  const led = new PageSet();
  const tops = new Map<number, number>();
  for (const pgid of pagesOf(file, pages, BRANCH_FLAG)) {
    const branch = branchAt(file, pgid);
    if (branch === undefined) continue;
    for (let i = 0; i < branch.count; i++) led.add(branch.child(i));
    tops.set(pgid, decodeRevisionKey(branch.key(branch.count - 1)).main);
  }
  for (const pgid of pagesOf(file, pages, LEAF_FLAG)) {
    const last = soundRecords(file.shapeAt(pgid, () => false, pages)).records.at(-1);
    if (last !== undefined) tops.set(pgid, last.main);
  }
  const [top] = [...tops].filter(([pgid]) => !led.has(pgid)).sort(([a, atA], [b, atB]) => atB - atA || b - a);
  if (top === undefined) return undefined;
  const [pgid] = top;
  const what = `page ${pgid}, which leads to the highest revision`;
  return {
    from: what,
    pgid,
    buckets: new Map([['key', { pgid }]]),
    isWhole: false,
    freelist: undefined,
    isStray: true,
    isPart: true,
  };
}

/** Yields the pages whose headers have this flag and fit their places. */
function* pagesOf(file: LooseFile, pages: PieceSource, flag: number): Iterable<number> {
  for (let pgid = 2; pgid < file.pageCount; pgid++) {
    const head = readHead(file.pageAt(pgid, pages), pgid);
    if (head.fits && head.flags === flag) yield pgid;
  }
}

/** Returns a branch page of the bucket of records; undefined for any other page. */
function branchAt(file: LooseFile, pgid: number): BranchPage | undefined {
  const page = file.branchAt(pgid);
  return page !== undefined && isRevisionKey(page.key(page.count - 1)) ? page : undefined;
}
