// Reads every page that a commit reaches, and accounts for all pages of the file: each is reached once, or free, or
// lost, which wastes its room but harms nothing. What is wrong is collected, and what lies beside it is still read.

import { PageSet } from '../../bbolt/page-set.js';
import { MvccwError } from '../../errors.js';
import type { OnDone } from '../listener.js';
import { type Commit, META_PAGES } from './commit.js';
import { addListed } from './free-pages.js';
import type { TableRecord } from './table-record.js';
import type { PagePlace, TreePage } from './tree-page.js';
import type { TreeReader } from './tree-reader.js';

export interface CommitSurvey {
  /** The number of pages that are neither in use nor free; undefined if damage keeps it from being known. */
  readonly lostPages: number | undefined;
  /** What is wrong, each with its place. */
  readonly damages: readonly Damage[];
}

interface Damage {
  /** The tree that it is in: that of a table, by its name, that of the tables, or that of free pages. */
  readonly tree: string;
  readonly error: MvccwError;
}

/** The names of the trees that are of no table. */
const TREE_OF_TABLES = '(tables)';
export const FREE_TREE = '(free)';

type Counts = Pick<TableRecord, 'branchPages' | 'leafPages' | 'overflowPages' | 'entries'>;
const COUNTED = ['branchPages', 'leafPages', 'overflowPages', 'entries'] as const;

/** Surveys a commit. Nobody may overwrite its pages meanwhile. `onPages` is called with how many pages were reached. */
export function surveyCommit(commit: Commit, onPages?: OnDone): CommitSurvey {
  return new Survey(commit, onPages).run();
}

class Survey {
  private readonly damages: Damage[] = [];
  private tree = TREE_OF_TABLES;
  private readonly reached = new PageSet();
  private readonly free = new PageSet();

  constructor(
    private readonly commit: Commit,
    private readonly onPages: OnDone = () => undefined,
  ) {}

  run(): CommitSurvey {
    const { meta, main, free, tables } = this.commit;
    this.surveyTree('of the tables', main);
    for (const [name, tree] of tables) {
      this.tree = name;
      this.surveyTree(`of table ${name}`, tree);
    }
    this.tree = FREE_TREE;
    this.surveyTree('of free pages', free, (leaf, index) => addListed(free, leaf, index, this.free));
    const isWhole = this.damages.length === 0;
    let lost = 0;
    for (let page = META_PAGES; page <= meta.lastPage; page++) {
      const isFree = this.free.has(page);
      if (isFree && this.reached.has(page))
        this.add(this.commit.file.damage(page, 0, 'it is in use, but listed as free'));
      if (!isFree && !this.reached.has(page)) lost++;
    }
    return { lostPages: isWhole ? lost : undefined, damages: this.damages };
  }

  private add(error: MvccwError): void {
    this.damages.push({ tree: this.tree, error });
  }

  /** Runs `body`, and keeps the damage that it throws. */
  private keeping(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (!(error instanceof MvccwError) || error.code !== 'CORRUPT') throw error;
      this.add(error);
    }
  }

  private surveyTree(
    what: string,
    tree: TreeReader,
    onEntry: (leaf: TreePage, index: number) => void = () => {},
  ): void {
    const counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
    const before = this.damages.length;
    if (!tree.isEmpty) this.surveyPage(tree, tree.rootPlace(), 0, counts, onEntry);
    if (this.damages.length > before) return;
    const { record } = tree.options;
    const wrong = COUNTED.filter((name) => counts[name] !== record[name]);
    if (wrong.length === 0) return;
    const said = wrong.map((name) => `${record[name]} ${WORDS[name]}, where there are ${counts[name]}`).join(', ');
    this.add(this.commit.file.damage(record.root, 0, `the record of the tree ${what} says ${said}`));
  }

  private surveyPage(
    tree: TreeReader,
    place: PagePlace,
    level: number,
    counts: { -readonly [K in keyof Counts]: number },
    onEntry: (leaf: TreePage, index: number) => void,
  ): void {
    this.keeping(() => {
      this.reach(place.page);
      this.onPages(this.reached.count, this.commit.meta.lastPage + 1);
      const page = tree.read(place);
      if (place.isLeaf) {
        counts.leafPages++;
        counts.entries += page.count;
        for (let index = 0; index < page.count; index++) {
          this.keeping(() => {
            counts.overflowPages += this.reachOverflow(tree, page, index);
            onEntry(page, index);
          });
        }
        return;
      }
      counts.branchPages++;
      for (let index = 0; index < page.count; index++) {
        this.surveyPage(tree, tree.childPlace(page, index, level + 1), level + 1, counts, onEntry);
      }
    });
  }

  /** Returns the number of pages that hold the data of a node. */
  private reachOverflow(tree: TreeReader, leaf: TreePage, index: number): number {
    const run = leaf.overflow(index, tree.options.lastPage);
    if (run === undefined) return 0;
    for (let page = run.firstPage; page < run.firstPage + run.pages; page++) this.reach(page);
    return run.pages;
  }

  private reach(page: number): void {
    if (this.reached.has(page)) throw this.commit.file.damage(page, 0, 'more than one page points to it');
    this.reached.add(page);
  }
}

const WORDS: Readonly<Record<keyof Counts, string>> = {
  branchPages: 'branch pages',
  leafPages: 'leaf pages',
  overflowPages: 'pages of large entries',
  entries: 'entries',
};
