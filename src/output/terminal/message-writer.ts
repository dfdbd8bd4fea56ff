// Writes messages to stderr. A message may quote arguments, paths and keys. Its control characters are escaped, so that
// it steers no terminal, now or when a log is shown.

import { fromUtf8, utf8 } from '../../bytes/byte-string.js';
import { escapeMessage } from './text.js';
import { Writer } from './writer.js';

export class MessageWriter extends Writer {
  override async write(bytes: string): Promise<void> {
    await super.write(utf8(escapeMessage(fromUtf8(bytes))));
  }
}
