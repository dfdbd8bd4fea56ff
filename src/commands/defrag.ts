// mvccw defrag: give the free pages of a database back to the disk.

import type { Command } from 'commander';
import { DEFRAG_PRINTERS } from '../output/defrag-printer.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { withWritableDatabase } from '../storage/database.js';
import { defragment } from '../storage/defragment.js';
import type { Context, SharedOptions } from './context.js';

const HELP = `
Compaction and deletes leave pages free, which later writes use again; the file never shrinks by
itself. This writes it anew beside the old one, and puts it in its place when all of it is on disk: a
crash leaves the one or the other. Other processes may have the database open: writers wait until it
is done, readers go on. There must be room on the disk for both. Where the copy would be no smaller,
the file stays as it is.

A database of format 1, which has no sums, becomes one of format 2, in which damage shows. An older
mvccw cannot read that. "mvccw status" says which format a database has.

Examples:
  mvccw defrag
  mvccw compact 1000 && mvccw defrag -w json | jq .sizeBytesAfter`;

export function defineDefrag(command: Command, context: Context): void {
  command.addHelpText('after', helpText(HELP)).action(async () => {
    await run(context, command.optsWithGlobals<SharedOptions>());
  });
}

async function run({ io, out, outStyle }: Context, { db, writeOut }: SharedOptions): Promise<void> {
  const print = choosePrinter(DEFRAG_PRINTERS, writeOut);
  const { now, onInterrupt } = io;
  const result = await withWritableDatabase(db, ({ backend }) => defragment(backend, db, { onInterrupt }), {
    create: false,
    now,
  });
  await out.write(print(result, outStyle));
}
