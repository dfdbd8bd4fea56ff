// mvccw wal: the entries of the write-ahead log of an etcd server.

import type { Command } from 'commander';
import { Proposers } from '../inspect/blame/proposers.js';
import { listEntries, listOverwritten } from '../inspect/wal/log-listing.js';
import { LogTotals } from '../inspect/wal/log-totals.js';
import { checkHex, choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { processNames } from '../output/wal/process-names.js';
import { TOTALS_PRINTERS } from '../output/wal/totals-printer.js';
import { WAL_PRINTERS } from '../output/wal/wal-printer.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { usage } from '../requests/range-options.js';
import { type ListedLog, withListedLog } from '../storage/listed-log.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { hinting, listening } from './read-database.js';
import { walCheckCommand } from './wal-check.js';

const HELP = `
Prints the raft entries of a server's write-ahead log, in the order of their indexes: what was asked, by which user,
through which member, since when that was up, and the revision that it made or why it made none. The server may run.

The log is applied to tell the revisions: from its first entry on, or from an older database from which it goes on. The
database beside it is the witness: from an entry on at which they part, nothing is told. What neither of them decides is
marked, and the exit status is 1. Entries of which it cannot be told what came of them, as what was before them is not
known, have a question mark for a revision.

An entry that was written and later overwritten, when another leader had something else for its index, is left out:
--overwritten prints these instead. Entries that are not known to be committed are marked.

Keys are shown, values are not, but their sizes. Passwords of users are not even read.

--totals prints sums instead: by what was asked, by user, by member, and by prefix of keys. There, each branch of a
transaction counts, as if it had been taken.

If the log is damaged, what lies before is printed, and the exit status is 3.

Examples:
  mvccw wal --db /var/lib/etcd
  mvccw wal --db /var/lib/etcd --from 1000 --to 2000
  mvccw wal --wal copy/member/wal --db snapshot.db       the log goes on from this snapshot
  mvccw wal --db /var/lib/etcd --totals --depth 3
  mvccw wal --db /var/lib/etcd --overwritten             what a deposed leader had appended
  mvccw wal --db /var/lib/etcd -w json |
    jq -c 'select(.refused) | [.index, .user, .reason]'`;

interface Options extends SharedOptions {
  readonly from?: number;
  readonly to?: number;
  readonly overwritten?: boolean;
  readonly totals?: boolean;
  readonly depth?: number;
}

const DEFAULT_DEPTH = 2;

const number = (name: string) => (text: string) => parseNumberFlag(text, name);

export function defineWal(command: Command, context: Context): void {
  command
    .option('--from <index>', 'the first index; default: the first of the log', number('--from'))
    .option('--to <index>', 'the last index; default: the last of the log', number('--to'))
    .option('--overwritten', 'only the entries that were overwritten')
    .option('--totals', 'print sums of the entries instead of them')
    .option(
      '--depth <n>',
      `the number of levels of a prefix in --totals; 0 gives one sum; default: ${DEFAULT_DEPTH}`,
      number('--depth'),
    )
    .addCommand(walCheckCommand(context))
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

async function run(context: Context, options: Options): Promise<void> {
  checkOptions(options);
  const print = options.totals ? totalsPrinting(context, options) : entriesPrinting(context, options);
  await withListedLog(
    options,
    async (log) => {
      await print(log);
      await tellRest(context, log);
    },
    listening(context),
  );
}

function checkOptions({ from, to, overwritten, totals, depth, writeOut, hex }: Options): void {
  if (overwritten && (from ?? to) !== undefined) {
    throw usage('`--from` and `--to` have no place beside `--overwritten`, whose indexes do not ascend');
  }
  if (from !== undefined && to !== undefined && from > to) throw usage(`--from ${from} is above --to ${to}`);
  if (depth !== undefined && !totals) throw usage('`--depth` is the depth of `--totals`, which is missing');
  checkHex(writeOut, hex ?? false);
}

type Print = (log: ListedLog) => Promise<void>;

const listing = ({ raft, outcomes }: ListedLog, { from, to, overwritten }: Options) =>
  overwritten ? listOverwritten(raft) : listEntries(raft, outcomes, { from, to });

function entriesPrinting({ out, outStyle, io }: Context, options: Options): Print {
  const makePrinter = choosePrinter(WAL_PRINTERS, options.writeOut);
  return async (log) => {
    const proposers = new Proposers(log.members, io.now());
    const printer = makePrinter({ ...outStyle, hex: options.hex ?? false, proposers });
    await out.write(printer.begin(log));
    for (const entry of listing(log, options)) await out.write(printer.entry(entry));
    await out.write(printer.end(log));
  };
}

function totalsPrinting({ out, outStyle, io }: Context, options: Options): Print {
  const print = choosePrinter(TOTALS_PRINTERS, options.writeOut);
  return async (log) => {
    const processOf = processNames(new Proposers(log.members, io.now()));
    const totals = new LogTotals(options.depth ?? DEFAULT_DEPTH, (requestId) => processOf(requestId).member);
    for (const entry of listing(log, options)) totals.add(entry);
    for (const piece of print(totals, log, { ...outStyle, hex: options.hex ?? false })) await out.write(piece);
  };
}

/** Tells what is missing from the listing. Damage decides the exit status. */
async function tellRest(context: Context, { raft, outcomes }: ListedLog): Promise<void> {
  const hint = hinting(context);
  const { damage, tornTail } = raft;
  for (const text of [outcomes.unknown, outcomes.doubt]) if (text !== undefined) await hint(text);
  if (outcomes.doubt !== undefined) context.exitCode = EXIT.found;
  if (outcomes.missing !== undefined) {
    await hint(outcomes.missing);
    context.exitCode = EXIT.corrupt;
  } else if (tornTail !== undefined) {
    const { segment, offset, problem } = tornTail;
    await hint(`the last write to the log was never finished: ${segment}, byte ${offset}: ${problem}`);
  }
  if (damage === undefined) return;
  const { segment, offset, problem } = damage;
  await hint(`the log is damaged, and only what lies before can be read: ${segment}, byte ${offset}: ${problem}`);
  context.exitCode = EXIT.corrupt;
}
