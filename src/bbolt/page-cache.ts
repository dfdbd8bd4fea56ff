// A PageCache keeps the decoded pages that were used last, up to a limit of bytes. A page is checked when it is
// decoded, so keeping it saves the checks too. The order of use is a ring of links. Taking a page out of a Map and
// putting it in again would keep the order as well, but costs a hundred times as much for the few pages that every
// search goes through.

interface Kept<Page> {
  readonly pgid: number;
  readonly page: Page;
  readonly sizeBytes: number;
  older: Kept<Page>;
  newer: Kept<Page>;
}

export class PageCache<Page> {
  private readonly kept = new Map<number, Kept<Page>>();
  private oldest: Kept<Page> | undefined;
  private usedBytes = 0;

  constructor(readonly limitBytes: number) {}

  get sizeBytes(): number {
    return this.usedBytes;
  }

  /** Tells whether a page can be kept for which no other has to go. */
  hasRoom(sizeBytes: number): boolean {
    return this.usedBytes + sizeBytes <= this.limitBytes;
  }

  get(pgid: number): Page | undefined {
    const found = this.kept.get(pgid);
    if (found === undefined) return undefined;
    this.takeOut(found);
    this.putNewest(found);
    return found.page;
  }

  /** Keeps a page that is not kept yet, unless too many others would have to go for it. */
  add(pgid: number, page: Page, sizeBytes: number): void {
    if (sizeBytes > this.limitBytes / 4) return;
    const added = { pgid, page, sizeBytes } as Kept<Page>;
    this.kept.set(pgid, added);
    this.putNewest(added);
    this.usedBytes += sizeBytes;
    while (this.usedBytes > this.limitBytes) this.dropOldest();
  }

  private dropOldest(): void {
    const dropped = this.oldest!;
    this.takeOut(dropped);
    this.kept.delete(dropped.pgid);
    this.usedBytes -= dropped.sizeBytes;
  }

  private takeOut(page: Kept<Page>): void {
    page.older.newer = page.newer;
    page.newer.older = page.older;
    if (this.oldest === page) this.oldest = page.newer === page ? undefined : page.newer;
  }

  /** Puts a page in front of the oldest, which is where the newest is in the ring. */
  private putNewest(page: Kept<Page>): void {
    const { oldest } = this;
    if (oldest === undefined) {
      page.older = page;
      page.newer = page;
      this.oldest = page;
      return;
    }
    page.older = oldest.older;
    page.newer = oldest;
    page.older.newer = page;
    oldest.older = page;
  }
}
