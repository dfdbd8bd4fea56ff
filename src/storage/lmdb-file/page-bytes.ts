// PageBytes is room for pages, seen as bytes and as the 2-byte numbers of which LMDB's pages are made. Such numbers are
// read in a single step, which counts: a scan looks at millions of them.

export interface PageBytes {
  readonly bytes: Buffer;
  /** The same memory. LMDB writes numbers in the order of the machine, as this view reads them. */
  readonly words: Uint16Array;
}

export function roomForPages(pages: number, pageSize: number): PageBytes {
  const memory = new ArrayBuffer(pages * pageSize);
  return { bytes: Buffer.from(memory), words: new Uint16Array(memory) };
}
