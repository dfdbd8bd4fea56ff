// Shows on one line of a terminal how far something has come. When stderr is no terminal it shows nothing.

import type { Writable } from 'node:stream';
import { escapeText } from './text.js';

const ERASE_LINE = '\r\x1b[K';

export class ProgressLine {
  private shown = '';

  constructor(private readonly stream: Writable & { readonly isTTY?: boolean }) {}

  /** Draws the line when the percentage has changed, so that it can be called for every record. */
  show(what: string, done: number, total: number): void {
    if (this.stream.isTTY !== true) return;
    const text = `${what}: ${Math.floor((100 * done) / Math.max(total, 1))}%`;
    if (text === this.shown) return;
    this.shown = text;
    this.stream.write(`${ERASE_LINE}${escapeText(text)}`);
  }

  /** Runs `body`, and clears the line however it ends. */
  async during<T>(body: () => T | Promise<T>): Promise<T> {
    try {
      return await body();
    } finally {
      this.clear();
    }
  }

  private clear(): void {
    if (this.shown !== '') this.stream.write(ERASE_LINE);
    this.shown = '';
  }
}
