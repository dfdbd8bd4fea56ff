// Accounts for every byte of an LMDB file as of one commit: the pages of each table, what they leave empty, and the free
// pages. Pages of large entries are not read. The room that branch pages leave is counted with what they hold.

import type { OnDone } from '../listener.js';
import { type Commit, META_PAGES } from './commit.js';
import { pagesOf } from './table-record.js';
import type { TreeReader } from './tree-reader.js';

interface TablePages {
  readonly name: string;
  readonly entries: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  /** The bytes of keys and values as they lie in the file, with their sums. */
  readonly pairBytes: number;
  /** The bytes of its pages that hold nothing. */
  readonly slackBytes: number;
  /** Those of its leaf pages. */
  readonly leafSlackBytes: number;
}

export interface CommitUsage {
  readonly fileBytes: number;
  readonly pageSize: number;
  readonly metaPages: number;
  /** The pages of the tree of the tables, which holds where each table is. */
  readonly listPages: number;
  /** The pages of the list of free pages. */
  readonly freelistPages: number;
  readonly freePages: number;
  /** The number of pages that are neither in use nor listed as free. */
  readonly lostPages: number;
  /** The number of pages up to the last of the commit. The file may lack some at its end that are free. */
  readonly pages: number;
  readonly tables: readonly TablePages[];
}

/**
 * Measures a commit. Nobody may overwrite its pages meanwhile. `onPages` is called with how many leaf pages were read.
 * Throws CORRUPT.
 */
export function measureCommit(commit: Commit, onPages: OnDone = () => undefined): CommitUsage {
  const { file, meta } = commit;
  const leafPages = [...commit.tables.values()].reduce((sum, tree) => sum + tree.options.record.leafPages, 0);
  let done = 0;
  const onLeaf = () => onPages(++done, leafPages);
  const tables = [...commit.tables].map(([name, tree]) => measureTable(name, tree, file.pageSize, onLeaf));
  const pages = meta.lastPage + 1;
  const listPages = pagesOf(meta.main);
  const freelistPages = pagesOf(meta.free);
  const freePages = commit.listFree().count;
  const tablePages = tables.reduce((sum, table) => sum + pagesOf(table), 0);
  return {
    fileBytes: file.sizeBytes(),
    pageSize: file.pageSize,
    metaPages: META_PAGES,
    listPages,
    freelistPages,
    freePages,
    lostPages: pages - META_PAGES - listPages - freelistPages - freePages - tablePages,
    pages,
    tables,
  };
}

function measureTable(name: string, tree: TreeReader, pageSize: number, onLeaf: () => void): TablePages {
  const { branchPages, leafPages, overflowPages, entries } = tree.options.record;
  let pairBytes = 0;
  let leafSlackBytes = 0;
  let overflowBytes = 0;
  for (const leaf of tree.leavesFrom(Buffer.alloc(0))) {
    onLeaf();
    const usage = leaf.usage();
    pairBytes += usage.pairBytes;
    leafSlackBytes += usage.freeBytes;
    overflowBytes += usage.overflowBytes;
  }
  const slackBytes = leafSlackBytes + overflowPages * pageSize - overflowBytes;
  return { name, entries, branchPages, leafPages, overflowPages, pairBytes, slackBytes, leafSlackBytes };
}
