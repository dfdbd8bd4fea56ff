// The options by which commands show when revisions were committed, and choose revisions by time.

import { type Command, Option } from 'commander';
import { MvccwError } from '../errors.js';
import { exactness } from '../inspect/clock/exactness.js';
import type { WallClock } from '../inspect/clock/wall-clock.js';
import { firstRevisionFrom, lastRevisionUntil, timeOfMoment, whichRevision } from '../inspect/clock/when.js';
import type { StoreReader } from '../mvcc/store.js';
import type { RevisionClocks } from '../output/committed.js';
import { type ClockSource, parseClockSource } from '../requests/clock-source.js';
import { type Moment, parseMoment } from '../requests/moment.js';
import type { Database } from '../storage/database.js';
import { argText } from './arg-bytes.js';
import type { Context } from './context.js';
import { hinting } from './read-database.js';

export interface TimesOption {
  /** Where times are from; kubernetes if it is not said. */
  readonly times?: ClockSource | undefined;
}

export interface TimeSpan {
  readonly fromTime?: Moment | undefined;
  readonly toTime?: Moment | undefined;
}

export interface ClockOptions extends TimesOption, TimeSpan {
  readonly clock?: boolean;
}

const BYTES_HINT = 'name a file by a path of text';

export const timesOption = (): Option =>
  new Option(
    '--times <source>',
    'where times of revisions are from, see "mvccw help clocks"; default: kubernetes',
  ).argParser((text) => parseClockSource(argText(text, BYTES_HINT)));

const moment = (name: string) => (text: string) => parseMoment(argText(text, 'a time has no other bytes'), name);

/** Adds the options that choose revisions by time; `other` names those that choose them by number. */
export function addTimeSpan(command: Command, from: string, to: string, other: readonly [string, string]): Command {
  return command
    .addOption(new Option('--from-time <time>', from).argParser(moment('--from-time')).conflicts(other[0]))
    .addOption(new Option('--to-time <time>', to).argParser(moment('--to-time')).conflicts(other[1]));
}

/** Adds the options that show times. */
export function addClockOptions(command: Command): Command {
  return command.option('--clock', 'show when each revision was committed').addOption(timesOption());
}

export const KUBERNETES: ClockSource = { from: 'kubernetes' };

/** Returns the clock of a store. Throws NO_CLOCK, FORMAT, CORRUPT or IO. */
export async function openTimes({ times = KUBERNETES }: TimesOption, database: Database): Promise<WallClock> {
  // Most runs ask for no clock.
  const { openClock } = await import('../storage/open-clock.js');
  return openClock(times, database);
}

/** Returns the clock of a store, and tells how exact it is; undefined if none is asked for. Throws as openTimes does. */
export async function askedClock(
  context: Pick<Context, 'err'>,
  options: ClockOptions,
  database: Database,
): Promise<WallClock | undefined> {
  const { clock, times, fromTime, toTime } = options;
  if (!clock && fromTime === undefined && toTime === undefined) {
    if (times === undefined) return undefined;
    throw new MvccwError('USAGE', '--times says where times are from, and none are asked for', {
      hint: 'ask for them with --clock, --from-time or --to-time',
    });
  }
  const opened = await openTimes(options, database);
  await hinting(context)(exactness(opened, database.store));
  return opened;
}

/** Returns the revisions between two times; undefined where no time is given. Throws COMPACTED or FUTURE_REVISION. */
export function revisionsBetween(
  clock: WallClock | undefined,
  store: StoreReader,
  { fromTime, toTime }: TimeSpan,
): { readonly fromRev?: number; readonly toRev?: number } {
  if (clock === undefined) return {};
  return {
    ...(fromTime !== undefined && { fromRev: firstRevisionFrom(clock, store, fromTime) }),
    ...(toTime !== undefined && { toRev: lastRevisionUntil(clock, store, toTime) }),
  };
}

/** Returns what printers show times by; undefined if they are not to. */
export const shownClock = (clock: WallClock | undefined, options: ClockOptions): RevisionClocks =>
  options.clock && clock !== undefined ? (revision) => clock.times.at(revision) : undefined;

export interface AtTime extends TimesOption {
  readonly atTime?: Moment;
}

/** Adds the options that choose one revision by time; `revision` is the option that chooses it by number. */
export function addAtTime(command: Command, description: string, revision: string): Command {
  return command
    .addOption(new Option('--at-time <time>', description).argParser(moment('--at-time')).conflicts(revision))
    .addOption(timesOption());
}

/** Returns the newest revision at a time, and tells which others it may have been; undefined if no time is given. */
export async function revisionAtTime(
  context: Pick<Context, 'err'>,
  { atTime, times }: AtTime,
  database: Database,
): Promise<number | undefined> {
  const clock = await askedClock(context, { times, toTime: atTime }, database);
  if (clock === undefined || atTime === undefined) return undefined;
  const { store } = database;
  const { revision, fromRev, toRev } = whichRevision(clock, store, timeOfMoment(clock, atTime));
  const range = `${fromRev ?? store.compactRev} to ${toRev ?? store.currentRev}`;
  await hinting(context)(`revision ${revision} was most likely the newest then; it may have been any from ${range}`);
  return revision;
}
