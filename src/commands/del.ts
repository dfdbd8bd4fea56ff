// mvccw del: delete one key or a range of keys.

import type { Command } from 'commander';
import { chooseKvPrinter } from '../output/kv/kv-printers.js';
import { helpText } from '../output/terminal/help-text.js';
import { applyDelete, type DeleteOptions, deleteRequest } from '../requests/delete-request.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { DELETE_OPTIONS } from '../requests/request-options.js';
import { withWritableDatabase } from '../storage/database.js';
import { keyBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { addRequestOptions } from './request-options.js';

const HELP = `
The command prints how many keys were deleted. All of them go in one revision. Older revisions can be read until
they are compacted. The command does not ask: try the range with "mvccw get --keys-only" first.

Examples:
  mvccw del /config/colour
  mvccw del /config/ --prefix --prev-kv         and print what was there
  mvccw del job/1 job/9                         from job/1 up to below job/9
  mvccw del job/5 --from-key                    job/5 and all keys above it
  mvccw del --key-hex 62ff                      the key of these two bytes`;

export function defineDel(command: Command, context: Context): void {
  addRequestOptions(command, DELETE_OPTIONS)
    .argument('<key>', 'the key, or where the range begins')
    .argument('[range_end]', 'where the range ends; this key is no longer in it')
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
  const printer = await chooseKvPrinter(outStyle, options);
  const request = deleteRequest(keyBytes(key), { ...options, end: keyBytes(end) }, ETCDCTL_WORDS);
  const { result } = await withWritableDatabase(
    options.db,
    async ({ store }) => store.write((txn) => applyDelete(txn, request)),
    { create: false, now: io.now },
  );
  for (const piece of printer.delete(result)) await out.write(piece);
}
