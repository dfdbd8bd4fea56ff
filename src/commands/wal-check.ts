// mvccw wal check: an audit of a member: its log, and whether its database is what the log gives.

import { Command } from 'commander';
import { Proposers } from '../inspect/blame/proposers.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { WAL_CHECK_PRINTERS } from '../output/wal/wal-check-printer.js';
import { usage } from '../requests/range-options.js';
import { checkLog } from '../storage/audited-log.js';
import { argPath } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { listening } from './read-database.js';

const HELP = `
Checks the log of a server by itself: checksums, order, entries that are missing, overwritten, or never finished. Then it
is applied, from its first entry on, up to the last entry that the database beside it has applied. What comes out has to be
exactly what the database holds: each record above its compaction, each one that compaction keeps, the leases, alarms, users and roles. The first
revision at which they differ is told, with its key, and with the entry, the request, the user and the member that made it.

A log whose first entries a server has purged goes on from an older database: --base. Without it, only the log is checked.

Where the log alone does not decide what a server has made of an entry, that is told, and what was taken here.

With --against, the logs of two members are walked side by side, up to the last entry that both have applied: the first
entry is told of which they have made something else. Which of them is right, two members cannot tell.

The exit status is 0 if nothing is wrong, 1 if something is, and 3 if a part of the log is missing or cannot be read.

Examples:
  mvccw wal check --db /var/lib/etcd
  mvccw wal check --db copy/m1 --base snapshot.db        the log goes on from the snapshot
  mvccw wal check --wal /wal --db /var/lib/etcd/member/snap/db
  mvccw wal check --db copy/m1 --against copy/m2         where do the two members part?
  mvccw wal check -w json | jq -r 'select(.kind == "wal-finding") | .problem'`;

interface Options extends SharedOptions, Partial<Record<(typeof OF_LISTING)[number], unknown>> {
  readonly base?: string;
  readonly against?: string;
}

export function walCheckCommand(context: Context): Command {
  return new Command('check')
    .description('check the log, and the database beside it against the log')
    .option('--base <path>', 'an older database, from which the log goes on')
    .option('--against <data-dir>', 'the data directory of another member, to be compared with')
    .addHelpText('after', helpText(HELP))
    .action(async (_options: unknown, command: Command) => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

/** The options of the listing, which commander gives to this command too. */
const OF_LISTING = ['from', 'to', 'overwritten', 'totals', 'depth'] as const;

async function run(context: Context, options: Options): Promise<void> {
  const stranger = OF_LISTING.find((name) => options[name] !== undefined);
  if (stranger !== undefined) throw usage(`\`--${stranger}\` is for the listing of a log: a check is of all of it`);
  const { db, wal, base, against, writeOut } = options;
  const { out, outStyle, io } = context;
  const printer = choosePrinter(WAL_CHECK_PRINTERS, writeOut)(outStyle);
  const paths = {
    db,
    wal,
    base: base === undefined ? undefined : argPath(base),
    against: against === undefined ? undefined : argPath(against),
  };
  const result = await checkLog(
    paths,
    (step, members) => out.write(printer.step(step, new Proposers(members, io.now()))),
    listening(context),
  );
  await out.write(printer.end(result));
  if (result.damages > 0) context.exitCode = EXIT.corrupt;
  else if (result.findings > 0) context.exitCode = EXIT.found;
}
