// mvccw get: read one key or a range of keys, now or at a revision.

import { type Command, Option } from 'commander';
import { chooseKvPrinter } from '../output/kv/kv-printers.js';
import { helpText } from '../output/terminal/help-text.js';
import { applyGet, type GetOptions, getRequest } from '../requests/get-request.js';
import {
  parseSortOrder,
  parseSortTarget,
  parseWholeNumber,
  SORT_ORDERS,
  SORT_TARGETS,
} from '../requests/option-values.js';
import { withDatabase } from '../storage/database.js';
import { argBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';

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
  mvccw get '' --prefix --sort-by MODIFY --order DESCEND --limit 10
  mvccw --db snapshot.db get /registry/pods/ --prefix -w json |
    jq -r '.kvs[].key | @base64d'`;

interface Options extends SharedOptions, GetOptions {
  readonly printValueOnly?: boolean;
}

/** In lower case too. */
const order = (text: string) => parseSortOrder(text);
const target = (text: string) => parseSortTarget(text);
const number = (name: string) => (text: string) => parseWholeNumber(text, name);

export function defineGet(command: Command, context: Context): void {
  command
    .argument('<key>', 'the key, or where the range begins')
    .argument('[range_end]', 'where the range ends; this key is no longer in it')
    .option('--prefix', 'all keys that begin with KEY')
    .option('--from-key', 'KEY and all keys above it, in byte order')
    .option('--rev <n>', 'read as of this revision; 0 is the newest', number('--rev'))
    .option('--limit <n>', 'print that many records at most; 0 is all', number('--limit'))
    .addOption(new Option('--order <order>', 'of the records').choices(SORT_ORDERS).argParser(order))
    .addOption(new Option('--sort-by <target>', 'what to sort by').choices(SORT_TARGETS).argParser(target))
    .option('--keys-only', 'leave the values out')
    .option('--count-only', 'print only how many keys there are')
    .option('--print-value-only', 'print only the values (simple)')
    .option('--min-mod-rev <n>', 'only what was last changed at this revision or later', number('--min-mod-rev'))
    .option('--max-mod-rev <n>', 'only what was last changed at this revision or before', number('--max-mod-rev'))
    .option('--min-create-rev <n>', 'only what was created at this revision or later', number('--min-create-rev'))
    .option('--max-create-rev <n>', 'only what was created at this revision or before', number('--max-create-rev'))
    .addOption(
      new Option('--consistency <l|s>', 'taken for the sake of scripts: a read is always both').choices(['l', 's']),
    )
    .addHelpText('after', helpText(HELP))
    .action(async (key: string, end: string | undefined) => {
      await run(context, command.optsWithGlobals<Options>(), key, end);
    });
}

async function run({ out, outStyle }: Context, options: Options, key: string, end: string | undefined): Promise<void> {
  const printer = chooseKvPrinter(outStyle, options);
  const request = getRequest(argBytes(key), { ...options, end: end === undefined ? undefined : argBytes(end) });
  await withDatabase(options.db, async ({ store }) => {
    for (const piece of printer.get(applyGet(store, request))) await out.write(piece);
  });
}
