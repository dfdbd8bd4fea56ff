// A line of text as the words of a command, as etcdctl's interactive modes split it (argify in its util.go): words stand
// between blanks, 'single quotes' keep what is in them, and "double quotes" take Go's escapes.
//
// Differs from etcdctl: a quote without its partner is an error; etcdctl drops it.

import { MvccwError } from '../errors.js';
import { quoteKey } from './key-text.js';
import { unquoteGo } from './unquote.js';

/** Blanks are those of ASCII: lines are byte strings, and a char above is a part of some UTF-8 sequence. */
const WORD = /[ \t\r\n\v\f]*(?:("(?:[^"\\]|\\.)*")|'([^']*)'|([^'" \t\r\n\v\f][^ \t\r\n\v\f]*)|$)/y;

/** Takes and gives byte strings. Throws USAGE. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  WORD.lastIndex = 0;
  for (let at = 0; at < line.length; at = WORD.lastIndex) {
    const match = WORD.exec(line);
    if (match === null) throw new MvccwError('USAGE', `a quote is not closed: ${quoteKey(line)}`);
    const [, double, single, plain] = match;
    const word = double === undefined ? (single ?? plain) : unquoteGo(double);
    if (word === undefined && double !== undefined) {
      throw new MvccwError('USAGE', `bad escape in ${quoteKey(double)}`, { hint: 'a byte is written \\xNN' });
    }
    if (word !== undefined) words.push(word);
  }
  return words;
}

const ENDS = /^[ \t\r\n\v\f]+|[ \t\r\n\v\f]+$/g;

/** A byte string without blanks at its ends. */
export function trimBlanks(line: string): string {
  return line.replace(ENDS, '');
}
