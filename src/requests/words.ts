// Splits a line into words as etcdctl's interactive modes do (argify in its util.go). Words stand between blanks, 'single
// quotes' keep their text as it is, and "double quotes" take Go's escapes.
//
// Differs from etcdctl: a quote without its partner is an error; etcdctl drops it.

import { type Bytes, sliceBytes } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { endOfQuoted, unquoteGo } from '../bytes/unquote.js';
import { MvccwError } from '../errors.js';

/** Matches a word. Only ASCII has blanks: in a byte string, a char above is a part of a UTF-8 sequence. */
const WORD = /[ \t\r\n\v\f]*(?:(")|'([^']*)'|([^'" \t\r\n\v\f][^ \t\r\n\v\f]*)|$)/y;

/** Returns the words of a line. Throws USAGE. */
export function splitWords(line: Bytes): Bytes[] {
  const words: Bytes[] = [];
  WORD.lastIndex = 0;
  for (let at = 0; at < line.length; at = WORD.lastIndex) {
    const match = WORD.exec(line);
    const begin = WORD.lastIndex - 1;
    const [, double, single, plain] = match ?? [];
    const end = double === undefined ? WORD.lastIndex : endOfQuoted(line, begin);
    if (match === null || end === undefined) throw new MvccwError('USAGE', `a quote is not closed: ${quoteKey(line)}`);
    const word =
      double === undefined ? ((single ?? plain) as Bytes | undefined) : unquoted(sliceBytes(line, begin, end));
    if (word !== undefined) words.push(word);
    WORD.lastIndex = end;
  }
  return words;
}

function unquoted(quoted: Bytes): Bytes {
  const word = unquoteGo(quoted);
  if (word !== undefined) return word;
  throw new MvccwError('USAGE', `bad escape in ${quoteKey(quoted)}`, { hint: 'a byte is written \\xNN' });
}

const BLANKS = ' \t\r\n\v\f';

/** Returns a line without the blanks at its ends. */
export function trimBlanks(line: Bytes): Bytes {
  let begin = 0;
  let end = line.length;
  while (begin < end && BLANKS.includes(line[begin]!)) begin++;
  while (end > begin && BLANKS.includes(line[end - 1]!)) end--;
  return sliceBytes(line, begin, end);
}
