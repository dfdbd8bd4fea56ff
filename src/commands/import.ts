// mvccw import: an etcd file becomes a database.

import type { Command } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { IMPORT_PRINTERS } from '../output/import-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { importEtcdFile } from '../storage/import-etcd.js';
import { argPath } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { type MayMissOptions, mayMissOf } from './may-miss.js';
import { listening } from './read-database.js';

const HELP = `
FILE is a snapshot (etcdctl snapshot save), or the db file or the data directory of a stopped server,
of etcd 3.4 to 3.7. It may be packed with gzip. It is only read. The SHA-256 at the end of a snapshot is checked.
Of a data directory, the write-ahead log is imported too: the database has all revisions that the log still holds,
compacted or not. --compacted leaves the log out. All pages are checked too. A file from which something may be missing is refused, unless an option asks for what is
left: --older-meta if the newer of its two meta pages may be the damaged one, --cleared-elements if elements have been
taken off its pages.
The database must be new or empty; if the import fails, none is left behind.
Leases keep their keys, and have no deadline: they run out only after "mvccw lease keep-alive".

Examples:
  mvccw import snapshot.db
  mvccw import /var/lib/etcd --db ./incident.db
  mvccw import old.db --wal /var/lib/etcd --db ./incident.db    from an old snapshot on`;

type Options = SharedOptions & MayMissOptions;

export function defineImport(command: Command, context: Context): void {
  command
    .argument('<file>', 'the etcd file', argPath)
    .option('--older-meta', 'import also where the newest revisions may be missing')
    .option('--cleared-elements', 'import also where elements have been taken off pages')
    .addHelpText('after', helpText(HELP))
    .action((file: string) => run(context, file, command.optsWithGlobals<Options>()));
}

async function run(context: Context, file: string, options: Options): Promise<void> {
  const { db, writeOut, wal, compacted } = options;
  const print = choosePrinter(IMPORT_PRINTERS, writeOut);
  const result = await importEtcdFile({
    file,
    directory: db,
    wal,
    compacted,
    mayMiss: mayMissOf(options),
    ...listening(context),
    onInterrupt: context.io.onInterrupt,
  });
  await context.out.write(print(file, db, result, context.outStyle));
}
