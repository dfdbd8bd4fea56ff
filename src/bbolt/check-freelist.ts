// Checks the freelist of a file: each page below the high-water mark is either in use or listed once. This is a part of
// bbolt's `check`, which etcd runs before it restores a snapshot.

import { MvccwError } from '../errors.js';
import { describePlace } from './damage.js';
import { type Freelist, readFreelist } from './freelist.js';
import { FIRST_PAGE_BEHIND_METAS } from './meta.js';
import type { PageReader } from './page-reader.js';
import type { PageSet } from './page-set.js';

/** The number of pages that one sentence of `problems` names. */
const NAMED_PAGES = 10;

type StrayKind = 'own' | 'twice' | 'used' | 'none' | 'lost';

/** Pages of which the freelist says something wrong: those in [from, to). */
interface Stray {
  readonly kind: StrayKind;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with pages, and the first of them. */
interface FreelistProblem {
  readonly kind: StrayKind;
  readonly page: number;
  readonly problem: string;
}

export class FreelistCheck {
  /** The number of pages that the list itself takes up. */
  readonly ownPages: number;
  /** The number of free pages; undefined if no freelist is stored, or it cannot be read. */
  readonly freePages: number | undefined;
  /** The number of pages that are neither in use nor listed; 0 if `freePages` is undefined. */
  readonly lostPages: number;
  /** Says why the freelist cannot be read. */
  readonly unreadable: string | undefined;
  private readonly freelist: Freelist | undefined;

  /** Checks the freelist against `reached`, the pages that the tree uses. */
  constructor(
    private readonly pages: PageReader,
    private readonly reached: PageSet,
  ) {
    const read = readOrProblem(pages);
    this.unreadable = typeof read === 'string' ? `the freelist cannot be read: ${read}` : undefined;
    this.freelist = typeof read === 'string' ? undefined : read;
    this.ownPages = this.freelist === undefined ? 0 : this.freelist.run.header.overflow + 1;
    let listed = 0;
    let lost = 0;
    for (const { kind, from, to } of this.strays()) {
      if (kind === 'lost') lost += to - from;
      else if (kind === 'twice' || kind === 'none') listed += to - from;
    }
    this.freePages = this.freelist === undefined ? undefined : this.freelist.ids.length - listed;
    this.lostPages = lost;
  }

  /** Yields a sentence for each kind of what is wrong, with the first pages of which it is so. */
  *problems(): Iterable<string> {
    if (this.unreadable !== undefined) yield this.unreadable;
    const lists = { own: new PageList(), twice: new PageList(), used: new PageList(), none: new PageList() };
    const lost = new PageList();
    for (const { kind, from, to } of this.strays()) (kind === 'lost' ? lost : lists[kind]).addRun(from, to);
    for (const [kind, list] of Object.entries({ ...lists, lost })) {
      if (list.count > 0) yield this.tell(kind as StrayKind, list.text());
    }
  }

  /** Yields a sentence for each page of which something is wrong; for a run of pages that are lost, it is one. */
  *eachProblem(): Iterable<FreelistProblem> {
    for (const { kind, from, to } of this.strays()) {
      const which = to - from === 1 ? `page ${from}` : `pages ${from} to ${to - 1}`;
      yield { kind, page: from, problem: this.tell(kind, which) };
    }
  }

  private tell(kind: StrayKind, which: string): string {
    const list = `the freelist on ${describePlace(this.freelist!.run.place)}`;
    const last = this.pages.meta.highWaterMark - 1;
    return {
      own: `${list} lies on ${which}, which the tree uses`,
      twice: `${list} has ${which} twice`,
      used: `${list} has ${which}, which the file uses: the next write may overwrite what is there`,
      none: `${list} has ${which}, but pages go from ${FIRST_PAGE_BEHIND_METAS} to ${last}`,
      lost: `neither the tree nor ${list} has ${which}`,
    }[kind];
  }

  private *strays(): Iterable<Stray> {
    const { freelist, reached } = this;
    if (freelist === undefined) return;
    const { highWaterMark } = this.pages.meta;
    const { ids, run } = freelist;
    const own = { from: run.place.pgid, to: run.place.pgid + this.ownPages };
    for (let id = own.from; id < own.to; id++) if (reached.has(id)) yield stray('own', id);
    let expected = FIRST_PAGE_BEHIND_METAS;
    for (const [i, id] of ids.entries()) {
      if (id < FIRST_PAGE_BEHIND_METAS || id >= highWaterMark) yield stray('none', id);
      else if (i > 0 && ids[i - 1] === id) yield stray('twice', id);
      else {
        yield* this.lost(expected, id, own);
        if (reached.has(id) || (id >= own.from && id < own.to)) yield stray('used', id);
        expected = id + 1;
      }
    }
    yield* this.lost(expected, highWaterMark, own);
  }

  /** Yields the runs of pages in [from, to) that are not in use. The list itself lies on those of `own`. */
  private *lost(from: number, to: number, own: { from: number; to: number }): Iterable<Stray> {
    for (const run of this.reached.missing(from, to)) {
      const parts = [
        { from: run.from, to: Math.min(run.to, own.from) },
        { from: Math.max(run.from, own.to), to: run.to },
      ];
      for (const part of parts) if (part.from < part.to) yield { kind: 'lost', ...part };
    }
  }
}

function stray(kind: StrayKind, id: number): Stray {
  return { kind, from: id, to: id + 1 };
}

/** Returns the freelist, or what is wrong with it. */
function readOrProblem(pages: PageReader): Freelist | string | undefined {
  try {
    return readFreelist(pages);
  } catch (error) {
    if (!(error instanceof MvccwError) || error.code !== 'CORRUPT') throw error;
    return error.message;
  }
}

/** A list of pages that counts all of them and names the first few. */
class PageList {
  private readonly named: number[] = [];
  count = 0;

  addRun(from: number, to: number): void {
    for (let id = from; id < to && this.named.length < NAMED_PAGES; id++) this.named.push(id);
    this.count += to - from;
  }

  text(): string {
    const more = this.count > this.named.length ? ` and ${this.count - this.named.length} more` : '';
    return `page${this.count === 1 ? '' : 's'} ${this.named.join(', ')}${more}`;
  }
}
