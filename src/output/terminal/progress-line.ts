// Shows on the last line of a terminal how far long work has come. Work reports as often as it likes; a report that is
// not due costs a look at the clock. When stderr is no terminal, nothing is shown.
//
// The line gives way to all other output: it is cleared before anything else is written to the terminal, and drawn again
// with the next report that is due. A process that a signal ends within one step of work leaves the line behind.

import type { Writable } from 'node:stream';
import { escapeText } from './text.js';
import { cutText, textWidth } from './width.js';

const ERASE_LINE = '\r\x1b[K';
/** Work that is done sooner shows nothing. */
const DELAY_MS = 1000;
const REPORT_MS = 100;
const BAR_COLUMNS = 24;
const DEFAULT_COLUMNS = 80;

export class ProgressLine {
  private readonly startMs: number;
  private dueMs: number;
  /** What is shown; '' for nothing. */
  private shown = '';
  /** Whether something else has been written to the terminal that did not end its line. */
  private isInLine = false;

  /** `now` returns the time in ms; `onReport` is called with each report that is due, whether or not it is shown. */
  constructor(
    private readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number },
    private readonly now: () => number,
    private readonly onReport: () => void = () => undefined,
  ) {
    this.startMs = now();
    this.dueMs = this.startMs + REPORT_MS;
  }

  /** Reports that `done` of `total` are done. `what` names the work: `reading snapshot.db`. */
  show(what: string, done: number, total: number): void {
    const nowMs = this.now();
    if (nowMs < this.dueMs) return;
    this.dueMs = nowMs + REPORT_MS;
    this.onReport();
    if (this.stream.isTTY !== true || this.isInLine || nowMs - this.startMs < DELAY_MS) return;
    const text = this.text(escapeText(what), Math.min(done / Math.max(total, 1), 1));
    if (text !== this.shown) this.stream.write(`${ERASE_LINE}${text}`);
    this.shown = text;
  }

  /** Clears the line, since `bytes` are about to be written to the same terminal. */
  giveWay(bytes: string): void {
    this.clear();
    this.isInLine = !bytes.endsWith('\n');
  }

  clear(): void {
    if (this.shown !== '') this.stream.write(ERASE_LINE);
    this.shown = '';
  }

  private text(what: string, part: number): string {
    const full = Math.floor(part * BAR_COLUMNS);
    const bar = `  ${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)} ${String(Math.floor(part * 100)).padStart(3)}%`;
    // A terminal that does not know its width says 0. A line that fills its last column would be wrapped by some terminals, and could not be erased then.
    const room = (this.stream.columns || DEFAULT_COLUMNS) - 1 - textWidth(bar);
    return room > 0 ? `${cutText(what, room)}${bar}` : '';
  }
}
