// mvccw salvage: a damaged etcd file becomes a database of what is left of it.

import type { Command } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { SALVAGE_PRINTERS } from '../output/salvage-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { salvageFile } from '../storage/salvage-file.js';
import { argPath } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { listening } from './read-database.js';

const HELP = `
FILE is an etcd file that "mvccw import" refuses. It is only read. All its pages are looked at, also those
to which nothing leads: bbolt never writes over a page in use, so that older pages hold older copies
of records. A record is taken only if all of it is intact, and follows from its neighbours.
Of several versions of a revision, the one of the newest tree is taken, then the one of the older
meta's tree, then the one with the most copies, then the first one; each such revision is told.

The new database has the longest history without a gap, up to the last transaction that is known to be
whole. Below it, it keeps the newest record of each key that is known, as a compaction would. Where something
newer may be lost, the database says so to everyone who reads it. --records writes every intact
record to a file, as lines in the form of "mvccw dump": those below the window too, those that compaction had
deleted, those that were never committed, and the other versions of a revision.

Without a digest nobody can tell whether the bytes of a value are those that were written.
The exit status is 0 if nothing is lost, 1 if something is or may be, and 3 if nothing can be salvaged.

Examples:
  mvccw salvage damaged.db --db ./salvaged.db
  mvccw salvage damaged.db --db ./salvaged.db --records all.jsonl
  mvccw salvage damaged.db --db ./salvaged.db -w json |
    jq -r 'select(.loss == "gap") | .problem'
  jq -r 'select(.inDatabase == false) |
    "\\(.revision.main) \\(.key | @base64d)"' all.jsonl`;

interface Options extends SharedOptions {
  readonly records?: string;
}

export function defineSalvage(command: Command, context: Context): void {
  command
    .argument('<file>', 'the etcd file', argPath)
    .option('--records <file>', 'write every intact record to a new file', argPath)
    .addHelpText('after', helpText(HELP))
    .action((file: string) => run(context, file, command.optsWithGlobals<Options>()));
}

async function run(context: Context, file: string, { db, writeOut, records }: Options): Promise<void> {
  const { out, outStyle, io } = context;
  const printer = choosePrinter(SALVAGE_PRINTERS, writeOut)(outStyle);
  const result = await salvageFile({
    file,
    directory: db,
    recordsFile: records,
    onLoss: (loss) => out.write(printer.loss(loss)),
    onInterrupt: io.onInterrupt,
    ...listening(context),
  });
  await out.write(printer.end(db, result));
  if (!result.complete) context.exitCode = EXIT.found;
}
