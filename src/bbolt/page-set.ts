// A PageSet is a set of page ids of one file, with one bit for each id.

export class PageSet {
  private readonly bits: Uint8Array;
  private size = 0;

  /** Makes a set for ids below `limit`. It takes memory for all of them, so check a limit that comes from a file. */
  constructor(readonly limit: number) {
    this.bits = new Uint8Array(Math.ceil(limit / 8));
  }

  get count(): number {
    return this.size;
  }

  has(id: number): boolean {
    return ((this.bits[Math.floor(id / 8)] ?? 0) & (1 << (id % 8))) !== 0;
  }

  add(id: number): void {
    if (this.has(id)) return;
    this.bits[Math.floor(id / 8)]! |= 1 << (id % 8);
    this.size++;
  }
}
