// mvccw wal: the entries of the write-ahead log of an etcd server.

import type { Command } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { WAL_PRINTERS } from '../output/wal/wal-printer.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { usage } from '../requests/range-options.js';
import { openLog } from '../storage/log-directory.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { listening } from './read-database.js';

const HELP = `
Prints the raft entries of a server's write-ahead log, in the order of their indexes. The server may be running.

An entry that was written and later overwritten, when another leader had something else for its index, is left out:
--overwritten prints these instead. Entries behind the last known commit are marked: whether the cluster has agreed on
them, this log does not tell.

Examples:
  mvccw wal --db /var/lib/etcd
  mvccw wal --db /var/lib/etcd --from 1000 --to 2000 -w json`;

interface Options extends SharedOptions {
  readonly from?: number;
  readonly to?: number;
  readonly overwritten?: boolean;
}

const number = (name: string) => (text: string) => parseNumberFlag(text, name);

export function defineWal(command: Command, context: Context): void {
  command
    .option('--from <index>', 'the first index; default: the first of the log', number('--from'))
    .option('--to <index>', 'the last index; default: the last of the log', number('--to'))
    .option('--overwritten', 'only the entries that were overwritten')
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

async function run(context: Context, options: Options): Promise<void> {
  const { db, writeOut, from, to, overwritten = false } = options;
  if (overwritten && (from ?? to) !== undefined) {
    throw usage('`--from` and `--to` have no place beside `--overwritten`, whose indexes do not ascend');
  }
  const { out, outStyle } = context;
  const makePrinter = choosePrinter(WAL_PRINTERS, writeOut);
  const log = openLog(db, listening(context));
  try {
    const { raft } = log;
    const printer = makePrinter({ ...outStyle, commit: raft.hardState?.commit ?? 0 });
    for (const entry of overwritten ? raft.overwrittenEntries() : raft.entries(from, to)) {
      await out.write(printer.entry(entry));
    }
    await out.write(printer.end(raft));
    if (raft.damage !== undefined) context.exitCode = EXIT.corrupt;
  } finally {
    log.close();
  }
}
