// mvccw status: what a database is and what it holds.

import type { Command } from 'commander';
import { storeStatus } from '../inspect/status.js';
import { choosePrinter } from '../output/formats/registry.js';
import { STATUS_PRINTERS } from '../output/status-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { describeDatabase } from '../storage/describe-database.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { readDatabase } from './read-database.js';

const HELP = `
The window is the revisions that can be read and that a watcher can start from. All pages of an etcd file are read
and checked, and so is the digest of a snapshot. What is wrong is printed as damage, and the exit status is 1; where
the records themselves cannot be read, it is 3.

An etcd file also names its cluster: version, members, learners and removed members, alarms, whether
authentication is on, the consistent index (the newest log entry that is in the file) and its term.
Of a data directory, the database is described; "mvccw wal" tells of its log.
A file that was restored with --bump-revision is recognised by the record that such a restore writes.

Examples:
  mvccw status
  mvccw status --db snapshot.db.gz
  mvccw status --db /var/lib/etcd
  mvccw status -w json | jq .currentRev`;

export function defineStatus(command: Command, context: Context): void {
  command.addHelpText('after', helpText(HELP)).action(async () => {
    await run(context, command.optsWithGlobals<SharedOptions>());
  });
}

async function run(context: Context, { db, writeOut }: SharedOptions): Promise<void> {
  const print = choosePrinter(STATUS_PRINTERS, writeOut);
  await readDatabase(context, { db, compacted: true }, async (database) => {
    const info = describeDatabase(database);
    const status = storeStatus(database.store, { indexed: database.lmdb !== undefined });
    await context.out.write(print(info, status, context.outStyle));
    if (info.etcd !== undefined && info.etcd.problems.length > 0) context.exitCode = EXIT.found;
  });
}
