// A line of `watch -i` is a watch with its options, or a request for progress.

import { type Bytes, fromUtf8 } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { type CommandedWatch, type EnvironmentRange, type WatchOptions, watchRequest } from './client-watch.js';
import { WATCH_OPTIONS } from './request-options.js';
import { readOptions } from './word-options.js';
import { splitWords } from './words.js';

/** Reads a line. Throws USAGE. */
export function parseWatchLine(line: Bytes, environment: EnvironmentRange): CommandedWatch | 'progress' {
  const [name, ...rest] = splitWords(line);
  if (name === 'progress' && rest.length === 0) return 'progress';
  if (name !== 'watch') {
    throw new MvccwError('USAGE', `invalid command: ${quoteKey(line)}`, {
      hint: 'a line is: watch [OPTIONS] KEY [RANGE_END] [-- COMMAND [ARGUMENTS]], or: progress',
    });
  }
  const { positional, behindSeparator, options } = readOptions(rest, WATCH_OPTIONS);
  const words = positional.slice(0, positional.length - (behindSeparator?.length ?? 0));
  const command = behindSeparator?.map(fromUtf8);
  return watchRequest({ words, command }, options as WatchOptions, environment);
}
