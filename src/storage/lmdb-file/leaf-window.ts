// A LeafWindow holds leaves that were read at once, ahead of being checked: leaves that follow each other in a tree often
// follow each other in the file.

import type { DataFile } from './data-file.js';
import { type PageBytes, roomForPages } from './page-bytes.js';
import type { TreePage } from './tree-page.js';

const MAX_PAGES = 16;

export class LeafWindow {
  /** Room for leaves that follow each other, and for one that stands alone. Most windows need no room, or little. */
  private all: PageBytes | undefined;
  private one: PageBytes | undefined;
  private first = 0;
  private pages = 0;

  constructor(private readonly file: DataFile) {}

  private has(page: number): boolean {
    return page >= this.first && page < this.first + this.pages;
  }

  /** Reads children of a branch from `index` on, as far as they follow each other. */
  readAhead(branch: TreePage, index: number): void {
    const first = branch.child(index);
    if (this.has(first)) return;
    let pages = 1;
    while (pages < MAX_PAGES && index + pages < branch.count && branch.child(index + pages) === first + pages) pages++;
    this.pages = 0;
    this.all ??= roomForPages(MAX_PAGES, this.file.pageSize);
    this.file.readPages(this.all.bytes, first, pages * this.file.pageSize);
    this.first = first;
    this.pages = pages;
  }

  /** Returns the bytes of a page, and where in them it begins. They are good until the window is used again. */
  bytesOf(page: number): { readonly room: PageBytes; readonly at: number } {
    if (this.has(page)) return { room: this.all!, at: (page - this.first) * this.file.pageSize };
    this.one ??= roomForPages(1, this.file.pageSize);
    this.file.readPages(this.one.bytes, page);
    return { room: this.one, at: 0 };
  }
}
