// mvccw tree: the interval tree of watch ranges.

import type { Command } from 'commander';
import { MvccwError } from '../errors.js';
import { watchersReachedBy, watchTree } from '../inspect/watch-tree.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { TREE_PRINTERS } from '../output/tree-printer.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { bytesOfHex } from '../requests/range-options.js';
import type { WatchSpec } from '../requests/watch-spec.js';
import { keyBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { readDatabase } from './read-database.js';
import { watchOption } from './watch-option.js';

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
  mvccw tree --stab '\\x62\\xff' --key-hex
  mvccw tree --db snapshot.db --watch 'key=/registry/pods/,prefix' \\
    --watch 'key=/registry/,prefix'`;

const keyOfArgument = (text: string) => keyBytes(text);

interface Options extends SharedOptions {
  /** The key as it was written, in bytes. */
  readonly stab?: string;
  readonly keyHex?: boolean;
  readonly watch: WatchSpec[];
}

export function defineTree(command: Command, context: Context): void {
  command
    .option('--stab <key>', 'print only the watchers whose range holds this key', keyOfArgument)
    .option('--key-hex', 'the key of --stab is hexadecimal, 62ff or \\x62\\xff, and stands for any bytes')
    .addOption(watchOption('a watcher beside the registered ones; may be given many times'))
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

async function run(context: Context, { db, writeOut, stab: given, keyHex, watch }: Options): Promise<void> {
  const { out, err, outStyle } = context;
  const printer = choosePrinter(TREE_PRINTERS, writeOut)(outStyle);
  if (keyHex && given === undefined) throw new MvccwError('USAGE', '--key-hex needs a key: give one with --stab');
  const stab = given !== undefined && keyHex ? bytesOfHex(given, ETCDCTL_WORDS.keyHex) : given;
  await readDatabase(context, { db, compacted: true }, async ({ watchSpecs }) => {
    const specs = [...watchSpecs, ...watch];
    if (specs.length === 0) {
      await err.line('Hint: there are no watchers: register some with mvccw watcher add, or give --watch');
    }
    if (stab === undefined) await out.write(printer.tree(watchTree(specs)));
    else await out.write(printer.reached(stab, watchersReachedBy(specs, stab)));
  });
}
