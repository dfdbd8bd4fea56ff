// The options of the commands that print the revisions of keys: which ones, and in what order.

import { type Command, Option } from 'commander';
import { MvccwError } from '../errors.js';
import type { WallClock } from '../inspect/clock/wall-clock.js';
import { nothingRetained } from '../inspect/history/key-history.js';
import type { StoreReader } from '../mvcc/store.js';
import { checkRevision } from '../mvcc/window.js';
import { parseNumberFlag } from '../requests/option-values.js';
import type { RangeOptions } from '../requests/range-options.js';
import { RANGE_OPTIONS } from '../requests/request-options.js';
import { addClockOptions, addTimeSpan, type ClockOptions, revisionsBetween } from './clock-options.js';
import { addRequestOptions } from './request-options.js';

export interface RevisionOptions extends RangeOptions, ClockOptions {
  readonly fromRev?: number;
  readonly toRev?: number;
  readonly limit: number;
  readonly reverse?: boolean;
}

const number = (name: string) => (text: string) => parseNumberFlag(text, name);

/** Adds the key, the end of its range, and the options. */
export function addRevisionOptions(command: Command): Command {
  addRequestOptions(command, RANGE_OPTIONS)
    .argument('<key>', 'the key, or where the range begins')
    .argument('[range_end]', 'where the range ends; this key is no longer in it')
    .option('--reverse', 'the newest first')
    .addOption(
      new Option('--limit <n>', 'print that many revisions at most; 0 is all').argParser(number('--limit')).default(0),
    )
    .option('--from-rev <n>', 'the first revision; default: the oldest that is retained', number('--from-rev'))
    .option('--to-rev <n>', 'the last revision; default: the newest', number('--to-rev'));
  addTimeSpan(command, 'the first revision at this time or later', 'the last revision by this time', [
    'fromRev',
    'toRev',
  ]);
  return addClockOptions(command);
}

/** Returns the first and the last revision. Throws FUTURE_REVISION, COMPACTED or USAGE. */
export function revisionsOf(store: StoreReader, options: RevisionOptions, clock: WallClock | undefined) {
  const { fromRev = 0, toRev = store.currentRev } = { ...options, ...revisionsBetween(clock, store, options) };
  checkRevision(toRev, store);
  if (fromRev > store.currentRev) checkRevision(fromRev, store);
  if (fromRev > toRev) throw new MvccwError('USAGE', `the first revision, ${fromRev}, is above the last, ${toRev}`);
  return { fromRev, toRev };
}

type Span = ReturnType<typeof revisionsOf>;

export function noHistory(store: StoreReader, options: RevisionOptions, { fromRev, toRev }: Span): MvccwError {
  const so = 'there is no history';
  const { fromRev: first, toRev: last, fromTime, toTime } = options;
  if ([first, last, fromTime, toTime].every((bound) => bound === undefined)) return nothingRetained(store, so);
  return new MvccwError(
    'KEY_NOT_FOUND',
    `${so}: no revision of the key or range lies between ${fromRev} and ${toRev}`,
    {
      hint: 'without bounds (--from-rev, --to-rev, --from-time, --to-time), all revisions that are retained are printed',
    },
  );
}

export function compactedText(compactRev: number): string {
  return `revisions below ${compactRev} are compacted: only what the compaction has left of them is printed, and lives that had ended are not counted`;
}
