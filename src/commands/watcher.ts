// mvccw watcher: the watch ranges that are registered in a database.

import { Command } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { WATCHER_PRINTERS } from '../output/watcher-printer.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { type WatcherOptions, watcherOptions } from '../requests/request-options.js';
import { addWatchSpec, removeWatchSpec, type WatchSpec, watchSpecOf } from '../requests/watch-spec.js';
import { withWritableDatabase } from '../storage/database.js';
import { argText, keyBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { readDatabase } from './read-database.js';
import { addRequestOptions } from './request-options.js';

const HELP = `
Registered watchers are kept in the database: "mvccw replay" runs them, and "mvccw tree" shows their ranges.

Examples:
  mvccw watcher add pods /registry/pods/ --prefix && mvccw replay --from-rev 100
  mvccw watcher list`;

const ADD_HELP = `
Examples:
  mvccw watcher add pods /registry/pods/ --prefix
  mvccw watcher add web-0 /registry/pods/default/web-0 --rev 1200 --prev-kv
  mvccw watcher add a-to-f /a /f --filter delete          without the deletions
  mvccw watcher add all '' --prefix                       the whole key space
  mvccw watcher add bytes --key-hex 62ff                  the key of these two bytes`;

const LIST_HELP = `
Each line can be given to --watch of "mvccw replay" and "mvccw tree" as it is, between single quotes.

Examples:
  mvccw watcher list
  mvccw watcher list -w json | jq -r '.[].name'`;

const REMOVE_HELP = `
Examples:
  mvccw watcher remove pods`;

const nameText = (text: string) => argText(text, 'the names of watchers and of streams are text');

const WATCHER_OPTIONS = watcherOptions(nameText);

export function defineWatcher(command: Command, context: Context): void {
  command
    .addCommand(addCommand(context))
    .addCommand(listCommand(context))
    .addCommand(removeCommand(context))
    .addHelpText('after', helpText(HELP));
}

function addCommand(context: Context): Command {
  const command = new Command('add')
    .description('register a watcher of one key, of [KEY, RANGE_END), of a prefix, or from a key on')
    .argument('<name>', 'how it is called in the output of a replay')
    .argument('<key>', 'the key, or where the range begins')
    .argument('[range_end]', 'where the range ends; this key is no longer in it');
  return addRequestOptions(command, WATCHER_OPTIONS)
    .addHelpText('after', helpText(ADD_HELP))
    .action(async (name: string, key: string, end: string | undefined) => {
      const options = command.optsWithGlobals<SharedOptions & WatcherOptions>();
      const { rev: startRev, filter: filters, ...same } = options;
      const fields = { ...same, name: nameText(name), key: keyBytes(key), end: keyBytes(end), startRev, filters };
      const spec = watchSpecOf(fields, ETCDCTL_WORDS);
      await add(context, options, spec);
    });
}

function listCommand(context: Context): Command {
  return new Command('list')
    .description('print the registered watchers, by name')
    .addHelpText('after', helpText(LIST_HELP))
    .action(async (_options: unknown, command: Command) => {
      await list(context, command.optsWithGlobals<SharedOptions>());
    });
}

function removeCommand(context: Context): Command {
  return new Command('remove')
    .description('forget a registered watcher')
    .argument('<name>')
    .addHelpText('after', helpText(REMOVE_HELP))
    .action(async (name: string, _options: unknown, command: Command) => {
      await remove(context, command.optsWithGlobals<SharedOptions>(), name);
    });
}

async function add({ out, outStyle, io }: Context, { db, writeOut }: SharedOptions, spec: WatchSpec): Promise<void> {
  const printer = choosePrinter(WATCHER_PRINTERS, writeOut)(outStyle);
  await withWritableDatabase(
    db,
    async ({ backend }) => {
      backend.transaction(() => addWatchSpec(backend.tables.watch, spec));
      await out.write(printer.added(spec));
    },
    { now: io.now },
  );
}

async function list(context: Context, { db, writeOut }: SharedOptions): Promise<void> {
  const { out, outStyle, err } = context;
  const printer = choosePrinter(WATCHER_PRINTERS, writeOut)(outStyle);
  await readDatabase(context, { db, compacted: true }, async ({ watchSpecs }) => {
    if (watchSpecs.length === 0) await err.line('Hint: no watchers are registered: add one with mvccw watcher add');
    await out.write(printer.list(watchSpecs));
  });
}

async function remove({ out, outStyle, io }: Context, { db, writeOut }: SharedOptions, name: string): Promise<void> {
  const printer = choosePrinter(WATCHER_PRINTERS, writeOut)(outStyle);
  await withWritableDatabase(
    db,
    async ({ backend }) => {
      backend.transaction(() => removeWatchSpec(backend.tables.watch, name));
      await out.write(printer.removed(name));
    },
    { create: false, now: io.now },
  );
}
