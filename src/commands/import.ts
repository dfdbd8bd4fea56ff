// mvccw import: an etcd file becomes a database.

import type { Command } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { IMPORT_PRINTERS } from '../output/import-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { ProgressLine } from '../output/terminal/progress-line.js';
import { importEtcdFile } from '../storage/import-etcd.js';
import type { Context, SharedOptions } from './context.js';
import { hinting } from './read-database.js';

const HELP = `
FILE is a snapshot (etcdctl snapshot save), or the db file or the data directory of a stopped server,
of etcd 3.4 to 3.7. It is only read. The SHA-256 at the end of a snapshot is checked.
The database must be new or empty; if the import fails, none is left behind.
Leases keep their keys, and have no deadline: they run out only after "mvccw lease keep-alive".

Examples:
  mvccw import snapshot.db
  mvccw import /var/lib/etcd --db ./incident.db`;

export function defineImport(command: Command, context: Context): void {
  command
    .argument('<file>', 'the etcd file')
    .addHelpText('after', helpText(HELP))
    .action(async (file: string) => {
      const { db, writeOut } = command.optsWithGlobals<SharedOptions>();
      const print = choosePrinter(IMPORT_PRINTERS, writeOut);
      const progress = new ProgressLine(context.io.stderr);
      const remarks: string[] = [];
      const result = await progress.during(() =>
        importEtcdFile({
          file,
          directory: db,
          onProgress: (stage, done, total) => progress.show(`${stage} ${file}`, done, total),
          onRemark: (remark) => remarks.push(remark),
          onInterrupt: context.io.onInterrupt,
        }),
      );
      for (const remark of remarks) await hinting(context)(remark);
      await context.out.write(print(file, db, result, context.outStyle));
    });
}
