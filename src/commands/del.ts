// mvccw del: delete one key or a range of keys.

import type { Command } from 'commander';
import { chooseKvPrinter } from '../output/kv/kv-printers.js';
import { helpText } from '../output/terminal/help-text.js';
import { applyDelete, type DeleteOptions, deleteRequest } from '../requests/delete-request.js';
import { withWritableDatabase } from '../storage/database.js';
import { argBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';

const HELP = `
Prints how many keys were deleted; all of them go in one revision. Older revisions can be read until
they are compacted. Nothing is asked: try the range with "mvccw get --keys-only" first.

Examples:
  mvccw del /config/colour
  mvccw del /config/ --prefix --prev-kv         and print what was there
  mvccw del job/1 job/9                         from job/1 up to below job/9
  mvccw del job/5 --from-key                    job/5 and all keys above it`;

export function defineDel(command: Command, context: Context): void {
  command
    .argument('<key>', 'the key, or where the range begins')
    .argument('[range_end]', 'where the range ends; this key is no longer in it')
    .option('--prefix', 'all keys that begin with KEY')
    .option('--from-key', 'KEY and all keys above it, in byte order')
    .option('--prev-kv', 'print the deleted records as well')
    .option('--range', 'taken for the sake of scripts for etcdctl 3.6: a range is never asked about')
    .addHelpText('after', helpText(HELP))
    .action(async (key: string, end: string | undefined) => {
      await run(context, command.optsWithGlobals<SharedOptions & DeleteOptions>(), key, end);
    });
}

async function run(
  { io, out, outStyle }: Context,
  options: SharedOptions & DeleteOptions,
  key: string,
  end: string | undefined,
): Promise<void> {
  const printer = chooseKvPrinter(outStyle, options);
  const request = deleteRequest(argBytes(key), { ...options, end: end === undefined ? undefined : argBytes(end) });
  const { result } = await withWritableDatabase(
    options.db,
    async ({ store }) => store.write((txn) => applyDelete(txn, request)),
    { create: false, now: io.now },
  );
  for (const piece of printer.delete(result)) await out.write(piece);
}
