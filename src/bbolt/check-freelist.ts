// Checks the freelist of a file: each page below the high-water mark is either in use or listed once. This is a part of
// bbolt's `check`, which etcd runs before it restores a snapshot.

import { MvccwError } from '../errors.js';
import { describePlace } from './damage.js';
import { type Freelist, readFreelist } from './freelist.js';
import { FIRST_PAGE_BEHIND_METAS } from './meta.js';
import type { PageReader } from './page-reader.js';
import type { PageSet } from './page-set.js';

/** The number of pages that one problem names. */
const NAMED_PAGES = 10;

export interface FreelistCheck {
  /** The number of pages that the list itself takes up. */
  readonly ownPages: number;
  /** The number of free pages; undefined if no freelist is stored, or it cannot be read. */
  readonly freePages: number | undefined;
  /** The number of pages that are neither in use nor listed; 0 if `freePages` is undefined. */
  readonly lostPages: number;
  /** One sentence for each thing that is wrong. */
  readonly problems: readonly string[];
}

/** Checks the freelist against `reached`, the pages that the tree uses. Adds the pages of the freelist to them. */
export function checkFreelist(pages: PageReader, reached: PageSet): FreelistCheck {
  const unknown = { ownPages: 0, freePages: undefined, lostPages: 0 };
  let freelist: Freelist | undefined;
  try {
    freelist = readFreelist(pages);
  } catch (error) {
    if (!(error instanceof MvccwError) || error.code !== 'CORRUPT') throw error;
    return { ...unknown, problems: [`the freelist cannot be read: ${error.message}`] };
  }
  return freelist === undefined ? { ...unknown, problems: [] } : checkIds(freelist, pages.meta.highWaterMark, reached);
}

function checkIds({ run, ids }: Freelist, highWaterMark: number, reached: PageSet): FreelistCheck {
  const ownPages = run.header.overflow + 1;
  const [own, twice, used, none, lost] = Array.from({ length: 5 }, () => new PageList());
  for (let id = run.place.pgid; id < run.place.pgid + ownPages; id++) {
    if (reached.has(id)) own!.add(id);
    else reached.add(id);
  }
  let freePages = 0;
  let expected = FIRST_PAGE_BEHIND_METAS;
  for (const [i, id] of ids.entries()) {
    if (id < FIRST_PAGE_BEHIND_METAS || id >= highWaterMark) none!.add(id);
    else if (i > 0 && ids[i - 1] === id) twice!.add(id);
    else {
      freePages++;
      if (reached.has(id)) used!.add(id);
      addLost(lost!, expected, id, reached);
      expected = id + 1;
    }
  }
  addLost(lost!, expected, highWaterMark, reached);
  const list = `the freelist on ${describePlace(run.place)}`;
  const problems = [
    own!.tell((which) => `${list} lies on ${which}, which the tree uses`),
    twice!.tell((which) => `${list} has ${which} twice`),
    used!.tell((which) => `${list} has ${which}, which the file uses: the next write may overwrite what is there`),
    none!.tell((which) => `${list} has ${which}, but pages go from ${FIRST_PAGE_BEHIND_METAS} to ${highWaterMark - 1}`),
    lost!.tell((which) => `neither the tree nor ${list} has ${which}`),
  ].filter((problem) => problem !== undefined);
  return { ownPages, freePages, lostPages: lost!.count, problems };
}

/** Adds the pages in [from, to) that are not in use. */
function addLost(lost: PageList, from: number, to: number, reached: PageSet): void {
  for (const run of reached.missing(from, to)) lost.addRun(run.from, run.to);
}

/** A list of pages that counts all of them and names the first few. */
class PageList {
  private readonly named: number[] = [];
  count = 0;

  add(id: number): void {
    this.addRun(id, id + 1);
  }

  addRun(from: number, to: number): void {
    for (let id = from; id < to && this.named.length < NAMED_PAGES; id++) this.named.push(id);
    this.count += Math.max(0, to - from);
  }

  tell(sentence: (which: string) => string): string | undefined {
    if (this.count === 0) return undefined;
    const more = this.count > this.named.length ? ` and ${this.count - this.named.length} more` : '';
    return sentence(`page${this.count === 1 ? '' : 's'} ${this.named.join(', ')}${more}`);
  }
}
