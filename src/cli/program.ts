// The command line: the shared options and the commands, each from its own file in src/commands.

import { Command, Option } from 'commander';
import { utf8 } from '../output/writer.js';
import { VERSION } from '../version.js';
import { COMMANDS, OTHER_COMMANDS } from './command-list.js';
import { type Context, OUTPUT_FORMATS } from './context.js';

/** Of help, where there is no terminal. */
const DEFAULT_WIDTH = 100;

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

/** These speak of all commands. */
const SPEAK_OF_ALL = ['completion', 'help'];

/** The program, with each command that `argv` may mean in full; the others are names in the help. */
export async function buildProgram(context: Context): Promise<Command> {
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
  const { argv } = context;
  const all = SPEAK_OF_ALL.some((name) => argv.includes(name));
  for (const [group, entries] of COMMANDS) {
    for (const { name, alias, description, load } of entries) {
      const command = program.command(name).description(description).helpGroup(group);
      if (alias !== undefined) command.alias(alias);
      if (all || argv.includes(name) || (alias !== undefined && argv.includes(alias))) (await load())(command, context);
    }
  }
  configure(program, context);
  return program;
}

/** Makes a command and those below it throw instead of exiting, and print through the context. */
function configure(command: Command, context: Context): void {
  command
    .exitOverride()
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions,
      ...(command.parent === null && { subcommandTerm }),
    })
    .configureOutput({
      writeOut: (text) => void context.out.write(utf8(text)),
      writeErr: (text) => void context.err.write(utf8(text)),
      outputError: (text, write) => write(`${text.replace(/^error: /, 'Error: ')}${optionsNote(command, text)}`),
      getOutHelpWidth: () => context.io.stdout.columns ?? DEFAULT_WIDTH,
      getErrHelpWidth: () => context.io.stderr.columns ?? DEFAULT_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  const usage = command.createHelp().commandUsage(command);
  command.showHelpAfterError(`Usage: ${usage}\nSee '${pathOf(command)} --help'`);
  for (const subcommand of command.commands) configure(subcommand, context);
}

/** A wrong option gets to know the right ones. */
function optionsNote(command: Command, error: string): string {
  const [, option] = /^error: unknown option '(.*)'/.exec(error) ?? [];
  if (option === undefined) return '';
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...visibleGlobalOptions(command)];
  const names = `Options are ${options.map(({ long, short }) => long ?? short).join(', ')}\n`;
  const width = command.configureOutput().getErrHelpWidth?.() ?? DEFAULT_WIDTH;
  const isValue = !option.startsWith('--') && command.registeredArguments.length > 0;
  return help.boxWrap(names, width) + (isValue ? `Hint: an argument that begins with a dash goes behind "--"\n` : '');
}

/** The shared options that a command's help repeats: all but the version. */
function visibleGlobalOptions(command: Command): Option[] {
  const options: Option[] = [];
  for (let above = command.parent; above !== null; above = above.parent) {
    options.push(...above.options.filter((option) => option.long !== '--version'));
  }
  return options;
}

/** Names only: what follows them is in the help of the command. */
function subcommandTerm(command: Command): string {
  return [command.name(), ...command.aliases()].join(', ');
}

/** As it is typed: `mvccw watcher add`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
