// What to watch, from the arguments of a command: KEY [RANGE_END] [-- COMMAND [ARGUMENTS]], where environment variables
// may stand in for the key. Follows parseWatchArgs in etcdctl's watch_command.go.

import { fromUtf8 } from '../bytes/byte-string.js';
import { quoteKey, quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { type EventFilter, parseFilter } from '../watch/event-filter.js';
import type { WatchRequest } from '../watch/watcher.js';
import { parseWholeNumber } from './option-values.js';
import { watchRangeOf } from './range-options.js';
import { flag, type Parsers, readOptions } from './word-options.js';
import { splitWords } from './words.js';

/** A watch as a client asks for it. */
export interface ClientWatchRequest extends WatchRequest {
  readonly prevKv?: boolean | undefined;
  /** Sends a progress response after each interval without a response. */
  readonly progressNotify?: boolean | undefined;
}

export interface WatchOptions {
  readonly prefix?: boolean | undefined;
  readonly fromKey?: boolean | undefined;
  readonly rev?: number | undefined;
  readonly prevKv?: boolean | undefined;
  /** Events to leave out. */
  readonly filter?: readonly EventFilter[] | undefined;
  readonly progressNotify?: boolean | undefined;
}

export interface WatchArguments {
  /** Byte strings: KEY and RANGE_END. */
  readonly words: readonly string[];
  /** What stands behind `--`, as text; undefined without one. */
  readonly command: readonly string[] | undefined;
}

/** Byte strings; '' and undefined are the same. */
export interface EnvironmentRange {
  readonly key: string | undefined;
  readonly end: string | undefined;
}

export interface CommandedWatch {
  readonly request: ClientWatchRequest;
  /** To be run for each event, as text; empty for none. */
  readonly command: readonly string[];
}

/** Throws USAGE. */
export function watchRequest(
  { words, command }: WatchArguments,
  options: WatchOptions,
  environment: EnvironmentRange,
): CommandedWatch {
  if (command?.length === 0) throw badNumber(' (found separator --, but no commands)');
  if (command !== undefined) checkCommand(command);
  const [key, end] = keyAndEnd(words, environment);
  const range = watchRangeOf(key, { ...options, end });
  const { rev: startRev, prevKv, filter: filters, progressNotify } = options;
  return { request: { ...range, startRev, prevKv, filters, progressNotify }, command: command ?? [] };
}

/** What no system can run. */
function checkCommand(command: readonly string[]): void {
  if (command[0] === '') throw new MvccwError('USAGE', 'the command behind -- is empty');
  const broken = command.find((word) => word.includes('\0'));
  if (broken === undefined) return;
  throw new MvccwError('USAGE', `a word of the command holds a NUL byte: ${quoteText(broken)}`);
}

function keyAndEnd(words: readonly string[], environment: EnvironmentRange): [key: string, end: string | undefined] {
  if (environment.key) {
    if (words.length > 0) throw badNumber(' (found conflicting environment key)');
    return [environment.key, environment.end || undefined];
  }
  if (environment.end) {
    throw new MvccwError(
      'USAGE',
      `MVCCW_WATCH_KEY is empty but got MVCCW_WATCH_RANGE_END=${quoteKey(environment.end)}`,
    );
  }
  const [key, end] = words;
  if (key === undefined || words.length > 2) throw badNumber('');
  return [key, end];
}

function badNumber(detail: string): MvccwError {
  return new MvccwError('USAGE', `bad number of arguments${detail}`, {
    hint: 'a watch has the form: watch KEY [RANGE_END] [-- COMMAND [ARGUMENTS]]',
  });
}

const LINE_OPTIONS: Parsers<WatchOptions> = {
  prefix: flag,
  fromKey: flag,
  rev: parseWholeNumber,
  prevKv: flag,
  filter: (text) => [parseFilter(text)],
  progressNotify: flag,
};

/** One line of the interactive mode, a byte string. Throws USAGE. */
export function parseWatchLine(line: string, environment: EnvironmentRange): CommandedWatch | 'progress' {
  const [name, ...rest] = splitWords(line);
  if (name === 'progress' && rest.length === 0) return 'progress';
  if (name !== 'watch') {
    throw new MvccwError('USAGE', `invalid command: ${quoteKey(line)}`, {
      hint: 'a line is: watch [OPTIONS] KEY [RANGE_END] [-- COMMAND [ARGUMENTS]], or: progress',
    });
  }
  const separator = rest.indexOf('--');
  const { positional, options } = readOptions(separator < 0 ? rest : rest.slice(0, separator), LINE_OPTIONS);
  const command = separator < 0 ? undefined : rest.slice(separator + 1).map(fromUtf8);
  return watchRequest({ words: positional, command }, options as WatchOptions, environment);
}
