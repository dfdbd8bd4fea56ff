// mvccw compact: forget the history below a revision.

import type { Command } from 'commander';
import { chooseKvPrinter } from '../output/kv/kv-printers.js';
import { helpText } from '../output/terminal/help-text.js';
import { parseWholeNumber } from '../requests/option-values.js';
import { withWritableDatabase } from '../storage/database.js';
import type { Context, SharedOptions } from './context.js';

const HELP = `
What a read at REVISION sees stays, and so does all that is newer; what lies below is gone for good.
The pages that become free are used again by later writes; "mvccw defrag" gives them back to the disk.

Examples:
  mvccw compact 1000
  mvccw compact $(mvccw get '' --prefix --limit 1 -w json | jq .header.revision)     keep only the newest`;

export function defineCompact(command: Command, context: Context): void {
  command
    .argument('<revision>', 'the oldest that can still be read afterwards', (text: string) =>
      parseWholeNumber(text, 'revision', 1),
    )
    .option('--physical', 'accepted for scripts, without effect: it is always done when the command ends')
    .addHelpText('after', helpText(HELP))
    .action(async (revision: number) => {
      await run(context, command.optsWithGlobals<SharedOptions>(), revision);
    });
}

async function run({ io, out, outStyle }: Context, options: SharedOptions, revision: number): Promise<void> {
  const printer = await chooseKvPrinter(outStyle, options);
  const currentRev = await withWritableDatabase(
    options.db,
    async ({ store }) => {
      store.compact(revision);
      return store.currentRev;
    },
    { create: false, now: io.now },
  );
  for (const piece of printer.compacted({ revision, currentRev })) await out.write(piece);
}
