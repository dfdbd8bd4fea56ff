// Writes messages to stderr. They may quote arguments, paths and keys: here nothing gets to a terminal that steers it, and
// nothing gets into a log that would when it is shown.

import { fromUtf8, utf8 } from '../../bytes/byte-string.js';
import { escapeMessage } from './text.js';
import { Writer } from './writer.js';

export class MessageWriter extends Writer {
  override async write(bytes: string): Promise<void> {
    await super.write(utf8(escapeMessage(fromUtf8(bytes))));
  }
}
