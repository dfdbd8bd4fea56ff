// Writes messages to stderr. A message may quote arguments, paths and keys. Its control characters are escaped, so that
// it steers no terminal, now or when a log is shown. On a terminal, lines are broken between words.

import type { Writable } from 'node:stream';
import { fromUtf8, utf8 } from '../../bytes/byte-string.js';
import { fill } from './fill.js';
import { escapeMessage } from './text.js';
import { Writer } from './writer.js';

/** The lines after the first one of a message begin with so many spaces. */
const HANG = 2;

export class MessageWriter extends Writer {
  /** Lines are at most as wide as the terminal; in a pipe, which has no columns, they stay whole. */
  constructor(
    stream: Writable & { readonly fd?: number },
    private readonly columns: number | undefined,
    beforeWrite?: (bytes: string) => void,
  ) {
    super(stream, beforeWrite);
  }

  override async write(bytes: string): Promise<void> {
    const lines = escapeMessage(fromUtf8(bytes)).split('\n');
    await super.write(utf8(lines.map((line) => fill(line, this.columns, HANG)).join('\n')));
  }
}
