// mvccw hash: hashKV, the hash by which members of a cluster are compared.

import type { Command } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { HASH_PRINTERS } from '../output/hash-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { parseNumberFlag } from '../requests/option-values.js';
import type { Context, SharedOptions } from './context.js';
import { hinting, readDatabase } from './read-database.js';

const HELP = `
The hash is the one that "etcdctl endpoint hashkv" prints for a member with the same history, in the same formats, with
the path in place of the endpoint.

There is a hash at each revision from the last compaction to the newest ("mvccw status" names them). For the revision of
a compaction, a running server may answer with a hash that it took during that compaction, over records that are gone
since. Neither a file nor a restarted server can.

Of a data directory, the hash is that of a member which was compacted where its log begins, mostly never. The one that
members compare is printed with --compacted.

Examples:
  mvccw hash
  mvccw hash --db snapshot.db --rev 1500
  mvccw hash -w json | jq '.[].HashKV.hash'`;

const OF_LOG = 'the hash is of all revisions that the log gives';
const COMPARED = 'the one that members compare, since the last compaction, is';

interface Options extends SharedOptions {
  readonly rev: number;
}

export function defineHash(command: Command, context: Context): void {
  command
    .option(
      '--rev <n>',
      'hash the history up to this revision; 0 is the newest',
      (text) => parseNumberFlag(text, '--rev'),
      0,
    )
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

async function run(context: Context, options: Options): Promise<void> {
  const print = choosePrinter(HASH_PRINTERS, options.writeOut);
  await readDatabase(context, options, async ({ path, store, log }) => {
    await context.out.write(
      print({ path, currentRev: store.currentRev, ...store.hash(options.rev) }, context.outStyle),
    );
    const compared = log?.without && `; ${COMPARED} ${log.without}`;
    if (log !== undefined) await hinting(context)(OF_LOG + (compared ?? ''));
  });
}
