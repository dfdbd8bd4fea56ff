// mvccw tree: the interval tree of watch ranges.

import { type Command, Option } from 'commander';
import type { Context, SharedOptions } from '../cli/context.js';
import { watchersReachedBy, watchTree } from '../inspect/watch-tree.js';
import { helpText } from '../output/help-text.js';
import { choosePrinter } from '../output/registry.js';
import { TREE_PRINTERS } from '../output/tree-printer.js';
import { utf8 } from '../output/writer.js';
import { parseWatchSpec } from '../replay/parse-watch-spec.js';
import { withDatabase } from '../storage/database.js';
import type { WatchSpec } from '../watch/watch-spec.js';

const HELP = `
The tree is built from the watchers registered in the database (mvccw watcher add) and those given with --watch (see
"mvccw replay --help"). Each interval is there once, with all watchers of that range. A watcher of a single key is a
point, [key, key and a zero byte), drawn as the key alone; etcd keeps those in a map beside its tree.

-w json prints {watchers, len, height, maxHeight, root}; a node is {begin, end, maxEnd, colour, height, watchers, left,
right}, with keys in base64, an end of null for infinity, and null for a child that is not there. With --stab it prints
{key, watchers: [{name, begin, end}]}.

Examples:
  mvccw tree
  mvccw tree --stab /registry/pods/default/web-0
  mvccw tree --db snapshot.db --watch 'key=/registry/pods/,prefix' \\
    --watch 'key=/registry/,prefix'`;

interface Options extends SharedOptions {
  readonly stab?: string;
  readonly watch: WatchSpec[];
}

export function defineTree(command: Command, context: Context): void {
  command
    .option('--stab <key>', 'print only the watchers whose range holds this key')
    .addOption(
      new Option('--watch <spec>', 'a watcher beside the registered ones; may be given many times')
        .argParser((text: string, before: WatchSpec[]) => [...before, parseWatchSpec(text, before.length + 1)])
        .default([], 'none'),
    )
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

async function run({ out, err, outStyle }: Context, { db, writeOut, stab, watch }: Options): Promise<void> {
  const printer = choosePrinter(TREE_PRINTERS, writeOut)(outStyle);
  await withDatabase(db, async ({ watchSpecs }) => {
    const specs = [...watchSpecs, ...watch];
    if (specs.length === 0) {
      await err.line('Hint: there are no watchers: register some with mvccw watcher add, or give --watch');
    }
    if (stab === undefined) await out.write(printer.tree(watchTree(specs)));
    else await out.write(printer.reached(utf8(stab), watchersReachedBy(specs, utf8(stab))));
  });
}
