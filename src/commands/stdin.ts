// Reads standard input, as bytes or as lines.

import type { Bytes } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import { MAX_RECORD_BYTES } from '../requests/put-request.js';
import { linesOf } from '../storage/lines.js';
import type { Io } from './io.js';

/** Returns all bytes of stdin. If there are more than `maxBytes`, it returns more than `maxBytes`, but not all. */
export async function readStdin({ stdin }: Io, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

/** The largest record fits in a line of so many bytes, even with each byte as an escape of four characters. */
const MAX_LINE_BYTES = 4 * MAX_RECORD_BYTES + 64 * 1024;

/**
 * Yields the lines of stdin, each as soon as it is whole. Text behind the last newline is a line too. Throws USAGE for a
 * line that is too long to be a request.
 */
export function stdinLines({ stdin }: Io): AsyncIterable<Bytes> {
  return linesOf(stdin, MAX_LINE_BYTES, tooLong);
}

function tooLong(): MvccwError {
  return new MvccwError('USAGE', `a line of stdin has more than ${MAX_LINE_BYTES} bytes`, {
    hint: 'a request and its value are one line; put KEY reads a value of any bytes from stdin',
  });
}
