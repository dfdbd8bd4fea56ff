// A set of page ids of one file, one bit each.

export class PageSet {
  private readonly bits: Uint8Array;
  private size = 0;

  /** For ids below `limit`, which must not come from the file unchecked: it is what the set takes up. */
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
