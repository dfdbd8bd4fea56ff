// mvccw status: what a database is and what it holds.

import type { Command } from 'commander';
import { storeStatus } from '../inspect/status.js';
import { choosePrinter } from '../output/formats/registry.js';
import { STATUS_PRINTERS } from '../output/status-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { withDatabase } from '../storage/database.js';
import { describeDatabase } from '../storage/describe-database.js';
import type { Context, SharedOptions } from './context.js';

const HELP = `
The window is the revisions that can be read and that a watcher can start from. Of a snapshot the digest is checked,
which reads all of it.

Examples:
  mvccw status
  mvccw status --db snapshot.db
  mvccw status -w json | jq .currentRev`;

export function defineStatus(command: Command, context: Context): void {
  command.addHelpText('after', helpText(HELP)).action(async () => {
    await run(context, command.optsWithGlobals<SharedOptions>());
  });
}

async function run({ out, outStyle }: Context, { db, writeOut }: SharedOptions): Promise<void> {
  const print = choosePrinter(STATUS_PRINTERS, writeOut);
  await withDatabase(db, async (database) => {
    const status = storeStatus(database.store, { indexed: database.etcdFile === undefined });
    await out.write(print(describeDatabase(database), status, outStyle));
  });
}
