// A PageSet is a set of page ids of one file, with one bit for each id. It takes memory only for the regions in which
// there are any: a file with holes may have far more pages than it holds.

const REGION_IDS = 1 << 16;

export class PageSet {
  private readonly regions = new Map<number, Uint8Array>();
  private size = 0;

  get count(): number {
    return this.size;
  }

  has(id: number): boolean {
    const region = this.regions.get(Math.floor(id / REGION_IDS));
    return region !== undefined && (region[(id % REGION_IDS) >> 3]! & (1 << (id % 8))) !== 0;
  }

  add(id: number): void {
    if (this.has(id)) return;
    const index = Math.floor(id / REGION_IDS);
    const region = this.regions.get(index) ?? new Uint8Array(REGION_IDS / 8);
    this.regions.set(index, region);
    region[(id % REGION_IDS) >> 3]! |= 1 << (id % 8);
    this.size++;
  }

  /** Yields the runs [from, to) of ids in [from, to) that are not in the set, in order. */
  *missing(from: number, to: number): Iterable<{ from: number; to: number }> {
    let start = from;
    for (let id = from; id < to; ) {
      if (!this.regions.has(Math.floor(id / REGION_IDS))) {
        id = this.nextRegion(id, to);
        continue;
      }
      if (this.has(id)) {
        if (start < id) yield { from: start, to: id };
        start = id + 1;
      }
      id++;
    }
    if (start < to) yield { from: start, to };
  }

  /** Returns the first id behind `id` in a region that has any; `to` if there is none below it. */
  private nextRegion(id: number, to: number): number {
    const index = Math.floor(id / REGION_IDS);
    let next = Number.POSITIVE_INFINITY;
    for (const known of this.regions.keys()) if (known > index) next = Math.min(next, known);
    return Math.min(next * REGION_IDS, to);
  }
}
