// mvccw blame: who wrote each revision of a key or of a range of keys.

import type { Command } from 'commander';
import { MvccwError } from '../errors.js';
import { blame } from '../inspect/blame/blame.js';
import { fieldBlame } from '../inspect/blame/field-blame.js';
import type { KeyRange } from '../mvcc/key-range.js';
import { BLAME_PRINTERS } from '../output/blame/blame-printer.js';
import { FIELD_PRINTERS } from '../output/blame/field-printer.js';
import { checkHex, choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { rangeOf, usage } from '../requests/range-options.js';
import { provenanceOf } from '../storage/provenance.js';
import { keyBytes } from './arg-bytes.js';
import { askedClock, shownClock } from './clock-options.js';
import type { Context, SharedOptions } from './context.js';
import { hinting, readDatabase } from './read-database.js';
import { addRevisionOptions, noHistory, type RevisionOptions, revisionsOf } from './revision-options.js';

const HELP = `
Prints each put and each deletion that is retained, the oldest first, with what is known of who made it:

- from etcd's write-ahead log, which lies in a data directory: the request, its user, the member that it was sent to,
  since when that member was up, and the index and term of the entry. The user is known where authentication was on.
  A server with authentication on ends leases that have run out as root. The time is that of the member's start, late
  by a millisecond for each 256 requests it had taken since; no time of the request itself is in the log.
- from an object of Kubernetes: the manager whose entry in managedFields this put has changed. Where the value before
  is compacted, it is only the latest manager: no other entry has a later time. Some writes leave no entry.
- from the id of a lease: the member through which it was granted, if the server chose the id; from the log the user, too.

With --fields, the value of a key is printed field by field (text line by line): the put since which each field has been
what it is, its user or member, and the managers that own it. <= stands before a put whose predecessor is compacted.

A snapshot or database file alone has no log, so only the last two can be told. Which of two entries of a log made a
revision cannot always be told if the log begins in the middle; then both are printed.

Examples:
  mvccw blame /registry/pods/default/web-3 --db /var/lib/etcd
  mvccw blame /registry/pods/default/web-3 --db /var/lib/etcd --fields
  mvccw blame /config/ --prefix --db /var/lib/etcd --from-rev 100 --to-rev 200
  mvccw blame / --prefix --db /var/lib/etcd --reverse --limit 20 -w table    the newest changes
  mvccw blame /config/ --prefix --db /var/lib/etcd -w json |
    jq -r '[.revision.main, .type, .origin.user, .origin.memberName] | @tsv'`;

interface Options extends SharedOptions, RevisionOptions {
  readonly fields?: boolean;
}

export function defineBlame(command: Command, context: Context): void {
  addRevisionOptions(command)
    .option('--fields', 'the value of one key, field by field: since when each has been so, and who owns it')
    .addHelpText('after', helpText(HELP))
    .action(async (key: string, end: string | undefined) => {
      await run(context, command.optsWithGlobals<Options>(), key, end);
    });
}

function noLog({ compacted }: Pick<Options, 'compacted'>): string {
  const [why, what] = compacted
    ? ['with --compacted, the log is not read', 'Leave --compacted away']
    : [
        'there is no log beside the records',
        'Name the data directory of a server with --db DATA-DIR, whose member/wal is the log',
      ];
  return `nobody recorded who wrote: ${why}, and only managedFields and the ids of leases tell something. ${what}`;
}

/** Prints the fields of the value that a key has at --to-rev. Throws USAGE for what makes no sense with one value. */
async function runFields(context: Context, options: Options, { key, end: rangeEnd }: KeyRange): Promise<void> {
  const { out, outStyle, io } = context;
  if (rangeEnd !== undefined) throw usage('--fields is for one key, and this is a range of keys');
  if (options.reverse || options.limit > 0 || options.fromRev !== undefined || options.fromTime !== undefined) {
    throw usage('--fields shows one value, so that --reverse, --limit, --from-rev and --from-time do not go with it');
  }
  if (options.clock) throw usage('--fields shows who wrote each field, and --clock does not go with it');
  if (options.hex) throw usage('--fields shows values decoded, so that --hex does not go with it');
  const print = choosePrinter(FIELD_PRINTERS, options.writeOut);
  await readDatabase(context, options, async (database) => {
    const { store, lmdb } = database;
    const { toRev } = revisionsOf(store, options, await askedClock(context, options, database));
    const value = fieldBlame({ store, indexed: lmdb !== undefined }, key, toRev, options);
    if (value === undefined) {
      throw new MvccwError('KEY_NOT_FOUND', `the key is not there at revision ${toRev}`, {
        hint: 'without --fields, its revisions are printed, and those that deleted it too',
      });
    }
    const provenance = provenanceOf(database, io.now());
    await out.write(print(value, { ...outStyle, provenance }));
    const isOwned = value.fields.some(({ owners }) => owners.length > 0);
    if (!provenance.hasLog && !isOwned) await hinting(context)(noLog(options));
  });
}

async function run(context: Context, options: Options, key: string, end: string | undefined): Promise<void> {
  const { out, outStyle, io } = context;
  const { writeOut, reverse = false, limit, hex = false } = options;
  const makePrinter = choosePrinter(BLAME_PRINTERS, writeOut);
  checkHex(writeOut, hex);
  const range = rangeOf(keyBytes(key), { ...options, end: keyBytes(end) }, ETCDCTL_WORDS);
  if (options.fields) return runFields(context, options, range);
  if (options.showSecrets) throw usage('--show-secrets shows values, and only with --fields are there any');
  await readDatabase(context, options, async (database) => {
    const { store, lmdb } = database;
    const clock = await askedClock(context, options, database);
    const { fromRev, toRev } = revisionsOf(store, options, clock);
    const provenance = provenanceOf(database, io.now());
    const printer = makePrinter({ ...outStyle, hex, provenance, clock: shownClock(clock, options) });
    const source = { store, indexed: lmdb !== undefined };
    let count = 0;
    for (const revision of blame(source, provenance, { range, fromRev, toRev, limit, reverse })) {
      await out.write(printer.revision(revision));
      count++;
    }
    if (count === 0) throw noHistory(store, options, { fromRev, toRev });
    await out.write(printer.end());
    if (!provenance.hasLog) await hinting(context)(noLog(options));
  });
}
