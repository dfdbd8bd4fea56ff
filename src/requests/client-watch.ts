// A client asks for a watch with the arguments KEY [RANGE_END] [-- COMMAND [ARGUMENTS]]. Environment variables may stand
// in for the key. Follows parseWatchArgs in etcdctl's watch_command.go.

import type { Bytes } from '../bytes/byte-string.js';
import { quoteKey, quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { EventFilter } from '../watch/event-filter.js';
import type { WatchRequest } from '../watch/watcher.js';
import { ETCDCTL_WORDS } from './etcdctl-words.js';
import { type RangeOptions, watchRangeOf } from './range-options.js';

/** A watch as a client asks for it. */
export interface ClientWatchRequest extends WatchRequest {
  readonly prevKv?: boolean | undefined;
  /** Sends a progress response after each interval without a response. */
  readonly progressNotify?: boolean | undefined;
}

export interface WatchOptions extends Omit<RangeOptions, 'end'> {
  readonly rev?: number | undefined;
  readonly prevKv?: boolean | undefined;
  /** The events to leave out. */
  readonly filter?: readonly EventFilter[] | undefined;
  readonly progressNotify?: boolean | undefined;
}

export interface WatchArguments {
  /** KEY and RANGE_END. */
  readonly words: readonly Bytes[];
  /** The words behind `--`, as text; undefined without `--`. */
  readonly command: readonly string[] | undefined;
}

/** The range that environment variables give; '' and undefined mean the same. */
export interface EnvironmentRange {
  readonly key: Bytes | undefined;
  readonly end: Bytes | undefined;
}

export interface CommandedWatch {
  readonly request: ClientWatchRequest;
  /** The command that runs for each event, as text; empty when there is none. */
  readonly command: readonly string[];
}

/** Returns the watch that the arguments ask for. Throws USAGE. */
export function watchRequest(
  { words, command }: WatchArguments,
  options: WatchOptions,
  environment: EnvironmentRange,
): CommandedWatch {
  if (command?.length === 0) throw badNumber(' (found separator --, but no commands)');
  if (command !== undefined) checkCommand(command);
  const [key, end] = keyAndEnd(words, environment);
  const range = watchRangeOf(key, { ...options, end }, ETCDCTL_WORDS);
  const { rev: startRev, prevKv, filter: filters, progressNotify } = options;
  return { request: { ...range, startRev, prevKv, filters, progressNotify }, command: command ?? [] };
}

/** Throws USAGE for a command that no system can run. */
function checkCommand(command: readonly string[]): void {
  if (command[0] === '') throw new MvccwError('USAGE', 'the command behind -- is empty');
  const broken = command.find((word) => word.includes('\0'));
  if (broken === undefined) return;
  throw new MvccwError('USAGE', `a word of the command holds a NUL byte: ${quoteText(broken)}`);
}

function keyAndEnd(words: readonly Bytes[], environment: EnvironmentRange): [key: Bytes, end: Bytes | undefined] {
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
