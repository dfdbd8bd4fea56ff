// mvccw get: read one key or a range of keys, now or at a revision.

import type { Command } from 'commander';
import { chooseKvPrinter } from '../output/kv/kv-printers.js';
import { helpText } from '../output/terminal/help-text.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { applyGet, type GetOptions, getRequest } from '../requests/get-request.js';
import { GET_OPTIONS } from '../requests/request-options.js';
import type { Database } from '../storage/database.js';
import { keyBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { readDatabase } from './read-database.js';
import { addRequestOptions } from './request-options.js';

const HELP = `
A key that is not there is no error: nothing is printed. The count, in JSON and fields, is that of
the whole range, whatever --limit and the filters on revisions leave of it.

Examples:
  mvccw get /config/colour
  mvccw get /config/ --prefix --keys-only
  mvccw get '' --prefix --count-only            how many keys there are
  mvccw get /config/colour --rev 42             as it was at revision 42
  mvccw get job/1 job/9                         from job/1 up to below job/9
  mvccw get /config/colour --print-value-only > colour
  mvccw get --key-hex '\\x62\\xff'                the key of these two bytes, as --hex prints them
  mvccw get '' --prefix --sort-by MODIFY --order DESCEND --limit 10
  mvccw --db snapshot.db get /registry/pods/ --prefix -w json |
    jq -r '.kvs[].key | @base64d'`;

type Options = SharedOptions & GetOptions;

export function defineGet(command: Command, context: Context): void {
  addRequestOptions(command, GET_OPTIONS)
    .argument('<key>', 'the key, or where the range begins')
    .argument('[range_end]', 'where the range ends; this key is no longer in it')
    .addHelpText('after', helpText(HELP))
    .action(async (key: string, end: string | undefined) => {
      await run(context, command.optsWithGlobals<Options>(), key, end);
    });
}

async function run(context: Context, options: Options, key: string, end: string | undefined): Promise<void> {
  const { out, outStyle } = context;
  const printer = await chooseKvPrinter(outStyle, options);
  const request = getRequest(keyBytes(key), { ...options, end: keyBytes(end) }, ETCDCTL_WORDS);
  const print = async ({ store }: Database) => {
    for (const piece of printer.get(applyGet(store, request))) await out.write(piece);
  };
  await readDatabase(context, options, print, { atRev: request.rev ?? 0 });
}
