// ReachedPages knows which pages a walk through the trees of a file has come to. Each page belongs in one place. A page
// to which a wrong pointer leads has two: there, and where it belongs. It is looked at in both, and counted once.

import type { Place } from './damage.js';
import { PageSet } from './page-set.js';

export class ReachedPages {
  /** All pages that were reached. */
  readonly all = new PageSet();
  /** The pages that were reached where they belong, as far as their keys tell. */
  private readonly placed = new PageSet();

  /** `onReached` is called after each run of pages with the number of pages that have been reached. */
  constructor(private readonly onReached: (pages: number) => void = () => undefined) {}

  /** Tells whether a run was reached before, wherever that was. */
  hasAny(place: Place, pages: number): boolean {
    return firstIn(this.all, place, pages) !== undefined;
  }

  /** Adds a run of pages. Returns the first of them that was reached before in such a place; undefined if none was. */
  add(place: Place, pages: number, isPlaced: boolean): number | undefined {
    const again = firstIn(isPlaced ? this.placed : this.all, place, pages);
    for (let id = place.pgid; id < place.pgid + pages; id++) {
      this.all.add(id);
      if (isPlaced) this.placed.add(id);
    }
    this.onReached(this.all.count);
    return again;
  }
}

function firstIn(set: PageSet, { pgid }: Place, pages: number): number | undefined {
  for (let id = pgid; id < pgid + pages; id++) if (set.has(id)) return id;
  return undefined;
}
