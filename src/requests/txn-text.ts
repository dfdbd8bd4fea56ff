// A transaction is written as comparisons, success requests and failure requests, one a line. An empty line ends each part.
// The lines are taken one by one, so that they can come from a terminal.

import type { Bytes } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError, naming } from '../errors.js';
import { parseCompareLine } from './compare-line.js';
import { parseRequestLine } from './request-line.js';
import type { Compare } from './txn-compare.js';
import type { TxnOp, TxnRequest } from './txn-request.js';
import { trimBlanks } from './words.js';

const TXN_PARTS = ['compares', 'success requests', 'failure requests'] as const;
export type TxnPart = (typeof TXN_PARTS)[number];

/** The most lines of a transaction, and the most bytes of them: all are held until the last one is there. */
const MAX_LINES = 500_000;
const MAX_BYTES = 256 * 1024 * 1024;

export class TxnText {
  private readonly compares: Compare[] = [];
  private readonly success: TxnOp[] = [];
  private readonly failure: TxnOp[] = [];
  private partIndex = 0;
  private lineNumber = 0;
  private bytes = 0;

  constructor(private readonly maxLines = MAX_LINES) {}

  /** The part that the next line belongs to; undefined behind the last part. */
  get part(): TxnPart | undefined {
    return TXN_PARTS[this.partIndex];
  }

  /** Whether the next line is more than a transaction may have. */
  get isFull(): boolean {
    return this.lineNumber >= this.maxLines || this.bytes >= MAX_BYTES;
  }

  /** Takes a line without its newline. Throws USAGE, and then forgets the line. */
  addLine(line: Bytes): void {
    if (this.isFull) {
      throw new MvccwError('USAGE', `the transaction has more than ${this.maxLines} lines or ${MAX_BYTES} bytes`, {
        hint: 'write several transactions',
      });
    }
    this.lineNumber++;
    this.bytes += line.length;
    const text = trimBlanks(line);
    naming(`line ${this.lineNumber}`, () => this.addText(text));
  }

  private addText(text: Bytes): void {
    const { part } = this;
    if (part === undefined) {
      if (text === '') return;
      throw new MvccwError('USAGE', `the transaction has ended, but goes on with ${quoteKey(text)}`, {
        hint: 'an empty line ends a part: leave none within a part',
      });
    }
    if (text === '') this.partIndex++;
    else if (part === 'compares') this.compares.push(parseCompareLine(text));
    else if (part === 'success requests') this.success.push({ ...parseRequestLine(text), line: this.lineNumber });
    else this.failure.push({ ...parseRequestLine(text), line: this.lineNumber });
  }

  /** Returns the transaction. Throws USAGE when a part has no end, as the text may have been cut short. */
  request(): TxnRequest {
    const { part, compares, success, failure } = this;
    if (part !== undefined) {
      throw new MvccwError('USAGE', `the input ends within the ${part}; nothing was done`, {
        hint: 'compares, success requests and failure requests each end with an empty line',
      });
    }
    return { compares, success, failure };
  }
}
