// Keys and values from the command line, as byte strings.

import { MvccwError } from '../errors.js';
import { utf8 } from '../output/writer.js';

/** What node puts in the place of bytes of an argument that are not UTF-8. */
const LOST_BYTES = '\ufffd';

/** Throws USAGE where the bytes that were typed can no longer be known. */
export function argBytes(text: string): string {
  if (!text.includes(LOST_BYTES)) return utf8(text);
  throw new MvccwError('USAGE', 'an argument is not UTF-8', {
    hint: 'give other bytes as "\\xNN" in the lines of "mvccw txn", or a value on stdin',
  });
}
