// mvccw watcher: the watch ranges that are registered in a database.

import { Command, Option } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { WATCHER_PRINTERS } from '../output/watcher-printer.js';
import { parseWholeNumber } from '../requests/option-values.js';
import { addWatchSpec, removeWatchSpec, type WatchSpec, watchSpecOf } from '../requests/watch-spec.js';
import { withDatabase, withWritableDatabase } from '../storage/database.js';
import { type EventFilter, FILTER_WORDS, parseFilter } from '../watch/event-filter.js';
import { argBytes, argText } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';

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
  mvccw watcher add all '' --prefix                       the whole key space`;

const LIST_HELP = `
Each line can be given to --watch of "mvccw replay" and "mvccw tree" as it is, between single quotes.

Examples:
  mvccw watcher list
  mvccw watcher list -w json | jq -r '.[].name'`;

const REMOVE_HELP = `
Examples:
  mvccw watcher remove pods`;

const NAME_HINT = 'the names of watchers and of streams are text';
const KEY_HINT = 'a key of other bytes cannot be registered; --watch "key=\\xNN" of a replay or tree takes one';

interface AddOptions extends SharedOptions {
  readonly prefix?: boolean;
  readonly fromKey?: boolean;
  readonly rev?: number;
  readonly filter: EventFilter[];
  readonly prevKv?: boolean;
  readonly stream?: string;
}

export function defineWatcher(command: Command, context: Context): void {
  command
    .addCommand(addCommand(context))
    .addCommand(listCommand(context))
    .addCommand(removeCommand(context))
    .addHelpText('after', helpText(HELP));
}

function addCommand(context: Context): Command {
  return new Command('add')
    .description('register a watcher of one key, of [KEY, RANGE_END), of a prefix, or from a key on')
    .argument('<name>', 'how it is called in the output of a replay')
    .argument('<key>', 'the key, or where the range begins')
    .argument('[range_end]', 'where the range ends; this key is no longer in it')
    .option('--prefix', 'watch all keys that begin with KEY')
    .option('--from-key', 'watch KEY and all keys above it')
    .option(
      '--rev <n>',
      'the first revision it wants, 0 for what is yet to come; default: where the replay starts',
      (text) => parseWholeNumber(text, '--rev'),
    )
    .addOption(
      new Option('--filter <events>', 'leave these events out; may be given twice')
        .choices(FILTER_WORDS)
        .argParser((text: string, before: EventFilter[]) => [...before, parseFilter(text)])
        .default([], 'none'),
    )
    .option('--prev-kv', 'with the record before each event')
    .option('--stream <name>', 'share a stream with other watchers of that name; default: one of its own')
    .addHelpText('after', helpText(ADD_HELP))
    .action(async (name: string, key: string, end: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<AddOptions>();
      const spec = watchSpecOf({
        ...options,
        name: argText(name, NAME_HINT),
        key: argBytes(key, KEY_HINT),
        end: end === undefined ? undefined : argBytes(end, KEY_HINT),
        startRev: options.rev,
        filters: options.filter,
        stream: options.stream === undefined ? undefined : argText(options.stream, NAME_HINT),
      });
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

async function add({ out, io }: Context, { db, writeOut }: SharedOptions, spec: WatchSpec): Promise<void> {
  const printer = choosePrinter(WATCHER_PRINTERS, writeOut);
  await withWritableDatabase(
    db,
    async ({ backend }) => {
      backend.transaction(() => addWatchSpec(backend.tables.watch, spec));
      await out.write(printer.added(spec));
    },
    { now: io.now },
  );
}

async function list({ out, err }: Context, { db, writeOut }: SharedOptions): Promise<void> {
  const printer = choosePrinter(WATCHER_PRINTERS, writeOut);
  await withDatabase(db, async ({ watchSpecs }) => {
    if (watchSpecs.length === 0) await err.line('Hint: no watchers are registered: add one with mvccw watcher add');
    await out.write(printer.list(watchSpecs));
  });
}

async function remove({ out, io }: Context, { db, writeOut }: SharedOptions, name: string): Promise<void> {
  const printer = choosePrinter(WATCHER_PRINTERS, writeOut);
  await withWritableDatabase(
    db,
    async ({ backend }) => {
      backend.transaction(() => removeWatchSpec(backend.tables.watch, name));
      await out.write(printer.removed(name));
    },
    { create: false, now: io.now },
  );
}
