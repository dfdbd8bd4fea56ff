// mvccw watch: print changes as they are committed, by this process or another.

import type { Command } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { checkRevision } from '../mvcc/window.js';
import { checkHex, choosePrinter } from '../output/formats/registry.js';
import { decodingOf, valueOptions } from '../output/kube/choose-teller.js';
import { helpText } from '../output/terminal/help-text.js';
import { WATCH_PRINTERS, type WatchPrinter } from '../output/watch-printer.js';
import {
  type CommandedWatch,
  type EnvironmentRange,
  type WatchArguments,
  type WatchOptions,
  watchRequest,
} from '../requests/client-watch.js';
import { flagName } from '../requests/option-table.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { WATCH_OPTIONS } from '../requests/request-options.js';
import { parseWatchLine } from '../requests/watch-line.js';
import { trimBlanks } from '../requests/words.js';
import { LiveDatabase } from '../storage/live-database.js';
import { LiveWatch } from '../storage/live-watch.js';
import { onlyReadKind } from '../storage/only-read.js';
import { FixedDatabase, type WatchedDatabase } from '../storage/watched-database.js';
import { argText, keyBytes, variableBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT, EXIT_BY_SIGNAL } from './exit-code.js';
import { readDatabase } from './read-database.js';
import { addRequestOptions } from './request-options.js';
import { stdinLines } from './stdin.js';
import { WatchSession } from './watch-session.js';

/** The most watches of one run. */
const MAX_WATCHES = 25_000;

const HELP = `
Shows every change from --rev on, or from now on: in order, once, in whole revisions, whichever
process makes it. Ends with Ctrl-C (status 130), when its reader goes away (0), or when compaction
drops revisions that it has not read yet (4). Leases that run out meanwhile are revoked.
An etcd file or data directory does not change: with --rev, its history is shown, and that is all.

COMMAND runs for each event, one after the other, with the event in $ETCD_WATCH_KEY,
$ETCD_WATCH_VALUE, $ETCD_WATCH_EVENT_TYPE (these in quotes, with escapes) and $ETCD_WATCH_REVISION;
when it fails, the watch ends with status 1. $MVCCW_WATCH_KEY and $MVCCW_WATCH_RANGE_END, or those of
etcdctl ($ETCDCTL_WATCH_KEY …), stand in for KEY and RANGE_END.

With -i, each line of stdin is "watch [OPTIONS] KEY [RANGE_END] [-- COMMAND]" or "progress". At the
end of stdin, what is committed by then is still shown, and the status is 0.

Examples:
  mvccw watch /config/colour
  mvccw watch /config/ --prefix --rev 1 --prev-kv     all that is still known, then what comes
  mvccw watch '' --prefix -w json | jq '.Events[].kv.mod_revision'
  mvccw watch job/ --prefix --filter delete -- sh -c 'echo "$ETCD_WATCH_KEY"'
  mvccw watch --prefix --key-hex 62ff                 keys that begin with these two bytes
  mvccw watch '' --prefix --rev 2 --db /var/lib/etcd  all that a member's log still holds
  timeout 60 mvccw watch ready | head -1              wait for a key, a minute at most`;

interface Options extends SharedOptions, WatchOptions {
  readonly interactive?: boolean;
  readonly progressInterval: number;
}

export function defineWatch(command: Command, context: Context): void {
  command
    .usage('[options] [KEY] [RANGE_END] [-- COMMAND [ARGUMENTS]]')
    .argument('[words...]', 'KEY and RANGE_END, and behind -- a command to run for each event')
    .option('-i, --interactive', 'read watches from stdin');
  addRequestOptions(command, WATCH_OPTIONS)
    .option(
      '--progress-interval <seconds>',
      'how long that is',
      (text) => parseNumberFlag(text, '--progress-interval', 1),
      600,
    )
    .addHelpText('after', helpText(HELP))
    .action(async (words: string[]) => {
      await run(context, command.optsWithGlobals<Options>(), words);
    });
}

async function run(context: Context, options: Options, words: readonly string[]): Promise<void> {
  const { io, outStyle } = context;
  const { writeOut } = options;
  const values = valueOptions(options, 'raw');
  const hex = values.decode === 'hex';
  checkHex(writeOut, hex);
  const printer = choosePrinter(WATCH_PRINTERS, writeOut)({ ...outStyle, hex, decoding: await decodingOf(values) });
  const environment = environmentRange(context);
  if (options.interactive) refuseInLines(words, options);
  const watch = options.interactive ? undefined : watchRequest(splitWords(context, words), options, environment);
  const play = (database: WatchedDatabase, isFixed: boolean) =>
    playWatches(context, options, printer, { database, isFixed, watch, environment });
  if (watch === undefined || !isHistory(options, watch)) {
    await play(new LiveDatabase(options.db, io.now), false);
    return;
  }
  await readDatabase(context, options, async ({ store }) => {
    checkRevision(watch.request.startRev!, { ...store.state, compactRev: 0 });
    await play(new FixedDatabase(store), true);
  });
}

/** Whether a watch is of a file that does not change: with a first revision, its history can be shown. */
function isHistory({ db }: Options, { request }: CommandedWatch): boolean {
  return (request.startRev ?? 0) > 0 && onlyReadKind(db) !== undefined;
}

interface Watching {
  readonly database: WatchedDatabase;
  /** Whether nobody writes to the database: the watch ends with its newest revision. */
  readonly isFixed: boolean;
  /** Undefined if the watches are read from stdin. */
  readonly watch: CommandedWatch | undefined;
  readonly environment: EnvironmentRange;
}

async function playWatches(
  context: Context,
  { progressInterval }: Options,
  printer: WatchPrinter,
  { database, isFixed, watch, environment }: Watching,
): Promise<void> {
  const { io, out } = context;
  const live = new LiveWatch(database, {
    isWanted: out.followReader(),
    progressIntervalMs: progressInterval * 1000,
  });
  const ending = new AbortController();
  const stopListening = io.onInterrupt((signal) => {
    context.exitCode = EXIT_BY_SIGNAL[signal];
    live.stop();
    ending.abort();
  });
  const interrupted = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve()));
  const session = new WatchSession(context, live, printer, ending.signal, async (error) => {
    if (watch !== undefined) throw error;
    context.exitCode = EXIT.notThere;
    await complain(context, error);
  });
  try {
    if (watch !== undefined) session.start(watch);
    if (isFixed) live.finish();
    const lines = watch === undefined ? readLines(context, live, session, environment) : undefined;
    const failure = lines?.then(() => new Promise<never>(() => undefined)) ?? interrupted;
    await Promise.race([session.run(), interrupted, failure]);
  } finally {
    stopListening();
    ending.abort();
    if (watch === undefined) io.stdin.destroy();
    live.close();
  }
}

/** Throws USAGE for arguments and options that belong into the lines of stdin. */
function refuseInLines(words: readonly string[], options: Options): void {
  const field = Object.keys(WATCH_OPTIONS).find((name) => options[name as keyof WatchOptions] !== undefined);
  if (field === undefined && words.length === 0) return;
  const given = field === undefined ? quoteText(words[0]!) : flagName(field);
  throw new MvccwError('USAGE', `${given} is not for -i, which reads watches from stdin`, {
    hint: 'each line there has options and words of its own: watch [OPTIONS] KEY [RANGE_END] [-- COMMAND]',
  });
}

const COMMAND_HINT = 'put the command into a script, and name that';

/** Separates the words of the watch from the command. commander drops the separator, but the command line has it. */
function splitWords({ argv }: Context, words: readonly string[]): WatchArguments {
  const separator = argv.indexOf('--');
  const commandLength = separator < 0 ? 0 : argv.length - separator - 1;
  const end = words.length - commandLength;
  return {
    words: words.slice(0, end).map((word) => keyBytes(word)),
    command: separator < 0 ? undefined : words.slice(end).map((word) => argText(word, COMMAND_HINT)),
  };
}

function environmentRange({ io: { env } }: Context): EnvironmentRange {
  return {
    key: variableBytes(env.MVCCW_WATCH_KEY || env.ETCDCTL_WATCH_KEY),
    end: variableBytes(env.MVCCW_WATCH_RANGE_END || env.ETCDCTL_WATCH_RANGE_END),
  };
}

async function readLines(
  context: Context,
  live: LiveWatch,
  session: WatchSession,
  environment: EnvironmentRange,
): Promise<void> {
  const { io, err } = context;
  if (io.stdin.isTTY) {
    await err.line('Type: watch [OPTIONS] KEY [RANGE_END] [-- COMMAND], or: progress. Ctrl-D ends.');
    await err.flush();
  }
  let started = 0;
  for await (const line of stdinLines(io)) {
    if (trimBlanks(line) === '') continue;
    if (started === MAX_WATCHES) {
      throw new MvccwError('USAGE', `there are more than ${MAX_WATCHES} watches`, {
        hint: 'watch a prefix or a range',
      });
    }
    try {
      const parsed = parseWatchLine(line, environment);
      if (parsed === 'progress') {
        live.requestProgress();
      } else {
        session.start(parsed);
        started++;
      }
    } catch (error) {
      if (!(error instanceof MvccwError) || error.code !== 'USAGE') throw error;
      await complain(context, error);
    }
  }
  live.finish();
}

async function complain({ err }: Context, { message, hint }: MvccwError): Promise<void> {
  await err.line(utf8(hint === undefined ? message : `${message} (${hint})`));
  await err.flush();
}
