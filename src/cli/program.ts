// The command line: the shared options and the commands, each from its own file in src/commands.

import { Command, Option } from 'commander';
import { caseCommand } from '../commands/case.js';
import { compactCommand } from '../commands/compact.js';
import { completionCommand } from '../commands/completion.js';
import { defragCommand } from '../commands/defrag.js';
import { delCommand } from '../commands/del.js';
import { exploreCommand } from '../commands/explore.js';
import { getCommand } from '../commands/get.js';
import { hashCommand } from '../commands/hash.js';
import { importCommand } from '../commands/import.js';
import { leaseCommand } from '../commands/lease.js';
import { putCommand } from '../commands/put.js';
import { replayCommand } from '../commands/replay.js';
import { statusCommand } from '../commands/status.js';
import { treeCommand } from '../commands/tree.js';
import { txnCommand } from '../commands/txn.js';
import { versionCommand } from '../commands/version.js';
import { watchCommand } from '../commands/watch.js';
import { watcherCommand } from '../commands/watcher.js';
import { utf8 } from '../output/writer.js';
import { VERSION } from '../version.js';
import { type Context, OUTPUT_FORMATS } from './context.js';

const DEFAULT_DB = './mvccw.db';

const INTRODUCTION = `Inspect and replay MVCC backends: which events would each etcd watcher receive, when,
in which batches, and why.`;

const EXAMPLES = `
Examples:
  mvccw import snapshot.db                          an etcd snapshot becomes ./mvccw.db
  mvccw replay --from-rev 100                       what a watcher of everything gets from revision 100 on
  mvccw replay --db snapshot.db --from-rev 100 \\
    --watch 'name=pods,key=/registry/pods/,prefix'  the same for one prefix, straight from the snapshot
  mvccw put greeting hello && mvccw get greeting    keep and read keys, as with etcdctl

Exit status:
  0 fine   1 found a problem or a difference   2 usage   3 the file is not what it claims
  4 not there (compacted, future revision, no such lease or watcher)   5 I/O   70 a bug   130 interrupted`;

const OTHER_COMMANDS = 'Other commands:';

const COMMANDS: readonly (readonly [group: string, commands: readonly ((context: Context) => Command)[]])[] = [
  [
    'Replay and inspection:',
    [
      replayCommand,
      caseCommand,
      exploreCommand,
      importCommand,
      statusCommand,
      hashCommand,
      treeCommand,
      watcherCommand,
    ],
  ],
  ['Keys, as in etcdctl:', [putCommand, getCommand, delCommand, txnCommand, watchCommand, leaseCommand]],
  ['Maintenance:', [compactCommand, defragCommand]],
  [OTHER_COMMANDS, [completionCommand, versionCommand]],
];

export function buildProgram(context: Context): Command {
  const program = new Command('mvccw');
  program
    .description(INTRODUCTION)
    .version(VERSION, '-V, --version', 'print the version')
    .addOption(
      new Option('--db <path>', 'the database: a directory of mvccw, or an etcd file, which is only read').default(
        context.io.env.MVCCW_DB || DEFAULT_DB,
        `$MVCCW_DB, else ${DEFAULT_DB}`,
      ),
    )
    .addOption(new Option('-w, --write-out <format>', 'how to print results').choices(OUTPUT_FORMATS).default('simple'))
    .option('--hex', 'print the bytes of keys and values as hex (simple and table)')
    .addHelpText('after', EXAMPLES);

  program.commandsGroup(OTHER_COMMANDS).helpCommand(true);
  for (const [group, commands] of COMMANDS) {
    for (const command of commands) program.addCommand(command(context).helpGroup(group));
  }
  configure(program, context);
  return program;
}

/** Makes a command and those below it throw instead of exiting, and print through the context. */
function configure(command: Command, context: Context): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions })
    .configureOutput({
      writeOut: (text) => void context.out.write(utf8(text)),
      writeErr: (text) => void context.err.write(utf8(text)),
      outputError: (text, write) => write(text.replace(/^error: /, 'Error: ')),
      getOutHelpWidth: () => context.io.stdout.columns ?? 100,
      getErrHelpWidth: () => context.io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  const usage = command.createHelp().commandUsage(command);
  command.showHelpAfterError(`Usage: ${usage}\nSee '${pathOf(command)} --help'`);
  for (const subcommand of command.commands) configure(subcommand, context);
}

/** The shared options that a command's help repeats: all but the version. */
function visibleGlobalOptions(command: Command): Option[] {
  const options: Option[] = [];
  for (let above = command.parent; above !== null; above = above.parent) {
    options.push(...above.options.filter((option) => option.long !== '--version'));
  }
  return options;
}

/** As it is typed: `mvccw watcher add`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
