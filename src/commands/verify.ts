// mvccw verify: did a recorded watch get what the database says it should have got?

import type { Command } from 'commander';
import type { Bytes } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import type { KnownRequest } from '../inspect/verify/recorded.js';
import { VerifyTotals } from '../inspect/verify/totals.js';
import type { VerifiedWatch } from '../inspect/verify/verified-watch.js';
import { Verifier } from '../inspect/verify/verify.js';
import { intervalOf } from '../mvcc/key-range.js';
import { intervalText } from '../output/formats/interval-text.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { escapeText } from '../output/terminal/text.js';
import { VERIFY_PRINTERS } from '../output/verify/verify-printer.js';
import type { WatchOptions } from '../requests/client-watch.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { watchRangeOf } from '../requests/range-options.js';
import { WATCH_OPTIONS } from '../requests/request-options.js';
import type { Database } from '../storage/database.js';
import { guessWatches, type RecordedStream, readItems, recordedStream } from '../storage/recorded-stream.js';
import { argPath, keyBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { hinting, readDatabase } from './read-database.js';
import { addRequestOptions } from './request-options.js';

const HELP = `
Holds what a watch has received against what the database says that it should have received: the guarantees of "mvccw
help guarantees". All that is wrong is printed, with the line of the stream: what was lost, repeated, out of order, split,
or other than it was.

STREAM is a file of JSON, also packed with gzip; - is stdin. Each object in it says what it is:
  {"Header":…,"Events":…}     of "etcdctl watch -w json" or "mvccw watch -w json"
  {"result":{"header":…}}     of etcd's gateway: curl …/v3/watch
  {"schema":…,"kind":…}       of "mvccw replay -w json"; with --trace it says what its watchers had asked for, and where a
                              restore from a backup begins another history
  {"Request":…,"Responses":…}  watch.json of etcd's robustness tests, which have values from 20 bytes on only as a hash

The first two do not say what was watched. Give KEY, --prefix and the other options as the watch had them. Without
KEY, only what is certain is judged, and a hint says what was taken as given: the range is that from the lowest to the
highest key of the stream, deletions (or puts) may be filtered if none came, and the watch begins with its first event.

A watch is held to the guarantees across reconnections, as etcd's client resumes it. A created answer, or what follows a
cancel, is a new watch: what it may have missed in between is a gap, which is told, and what it sees again is none of a
fault. What comes behind the last response is not missed: a recording can stop at any time, even within a line.

The database may have compacted what the stream tells of, or may have been copied before; behind a restore, revisions are
given anew. That is not judged, and said. The exit status is 1 if anything is wrong or missed in a gap; else 4 if not
all could be judged; else 0.

Examples:
  etcdctl watch /registry/ --prefix --rev 1200 -w json > watch.json    record
  mvccw verify watch.json /registry/ --prefix --rev 1200 --db snapshot.db
  mvccw verify watch.json --db snapshot.db
  mvccw verify client-1/watch.json --db server-data-dir      its write-ahead log too
  mvccw replay --from-rev 100 --trace -w json | mvccw verify -
  mvccw verify watch.json -w json |
    jq -r 'select(.kind == "verify-watch") | .lost.first[].key | @base64d'`;

type Options = SharedOptions & Omit<WatchOptions, 'progressNotify'>;

const { progressNotify: _, ...REQUEST_OPTIONS } = WATCH_OPTIONS;

export function defineVerify(command: Command, context: Context): void {
  command
    .argument('<stream>', 'the recorded stream; - is stdin', argPath)
    .argument('[key]', 'the key that was watched, or where the watched range begins')
    .argument('[range_end]', 'where the watched range ends; this key is no longer in it');
  addRequestOptions(command, REQUEST_OPTIONS)
    .addHelpText('after', helpText(HELP))
    .action(async (path: string, key: string | undefined, end: string | undefined) => {
      const options = command.optsWithGlobals<Options>();
      await run(context, path, requestOf(options, keyBytes(key), keyBytes(end)), options);
    });
}

function requestOf(options: Options, key: Bytes | undefined, end: Bytes | undefined): KnownRequest {
  const { prefix, fromKey, keyHex, rev, filter, prevKv } = options;
  if (key === undefined && (prefix || fromKey || keyHex)) {
    throw new MvccwError('USAGE', 'the options of a range need its key', { hint: "an empty KEY is allowed: ''" });
  }
  const range = key === undefined ? undefined : watchRangeOf(key, { ...options, end }, ETCDCTL_WORDS);
  return { range, startRev: rev || undefined, filters: filter, prevKv: prevKv || undefined };
}

async function run(context: Context, path: string, request: KnownRequest, options: Options): Promise<void> {
  const { out, outStyle, io } = context;
  const printer = choosePrinter(VERIFY_PRINTERS, options.writeOut)(outStyle);
  const totals = new VerifyTotals();
  await readDatabase(context, options, async (database) => {
    await verifyStream(context, database, recordedStream(path, io.stdin), request, printer, totals);
    await out.write(printer.end(totals, database.store));
  });
  if (totals.hasFindings) context.exitCode = EXIT.found;
  else if (!totals.isComplete) context.exitCode = EXIT.notThere;
}

type Printer = ReturnType<(typeof VERIFY_PRINTERS)[string]>;

async function verifyStream(
  context: Context,
  { store, log }: Database,
  stream: RecordedStream,
  request: KnownRequest,
  printer: Printer,
  totals: VerifyTotals,
): Promise<void> {
  const { out } = context;
  const guess = request.range === undefined ? await guessWatches(stream) : undefined;
  const verifier = new Verifier(store, {
    request,
    guess: (watch) => guess?.requestOf(watch),
    compactedRev: Math.max(store.compactRev, log?.window.compactedRev ?? 0),
  });
  const print = async () => {
    for (const finding of verifier.takeFindings()) {
      totals.addFinding(finding);
      await out.write(printer.finding(stream.name, finding));
    }
    for (const watch of verifier.takeWatches()) {
      totals.addWatch(watch);
      await out.write(printer.watch(stream.name, watch));
      for (const text of assumptions(watch)) await hinting(context)(`${stream.name}: ${text}`);
    }
  };
  const items = readItems(stream);
  let next = await items.next();
  for (; !next.done; next = await items.next()) {
    for (const item of next.value) {
      verifier.add(item);
      await print();
    }
  }
  verifier.finish();
  await print();
  totals.hiddenValues += verifier.hiddenValues;
  totals.behindRestore = verifier.behindRestore;
  if (next.value === undefined) return;
  await hinting(context)(`${stream.name}: what begins on line ${next.value} was cut short, and is not judged`);
}

/** Says what was taken as given, as nothing says it. */
function assumptions({ watch, assumed, range, fromRev }: VerifiedWatch): string[] {
  const name = `watcher ${escapeText(watch)}`;
  if (range === undefined) return [`nothing tells what ${name} watched, and none of its events does`];
  const parts = [
    ...(assumed.includes('range')
      ? [`the keys that it watched are taken to be ${intervalText(intervalOf(range))}`]
      : []),
    ...(assumed.includes('filters') ? ['events of a type that never came may have been filtered'] : []),
    ...(assumed.includes('start') && fromRev !== undefined ? [`it is taken to begin at revision ${fromRev}`] : []),
  ];
  return parts.length === 0 ? [] : [`${name}: ${parts.join('; ')}`];
}
