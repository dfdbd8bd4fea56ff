// Builds the command line from the shared options and the commands, each of which has a file in src/commands.

import { Command, Option } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { argPath, checkVariable } from '../commands/arg-bytes.js';
import { type Context, OUTPUT_FORMATS, type SharedOptions } from '../commands/context.js';
import { MvccwError } from '../errors.js';
import { topicLines } from '../output/help-topics/topic-list.js';
import { DECODE_MODES } from '../output/kube/choose-teller.js';
import { helpText } from '../output/terminal/help-text.js';
import { flagName } from '../requests/option-table.js';
import { VERSION } from '../version.js';
import { COMMANDS } from './command-list.js';
import { usageNote, visibleGlobalOptions } from './usage-note.js';

/** The width of help texts where there is no terminal. */
const DEFAULT_WIDTH = 100;

/** The commands that print records. */
const RECORD_COMMANDS = ['put', 'get', 'del', 'txn', 'watch', 'history', 'diff'];

/** The commands that can print all bytes of keys as hex. */
const HEX_COMMANDS = [...RECORD_COMMANDS, 'blame', 'usage', 'wal'];

/** The commands that can decode values. */
const DECODE_COMMANDS = [...RECORD_COMMANDS, 'replay', 'dump'];

/** The commands that read records, and with them a write-ahead log. */
const LOG_COMMANDS = [
  ...['get', 'history', 'blame', 'diff', 'watch', 'replay', 'undelete', 'hash', 'txn', 'lease', 'check', 'verify'],
  ...['import', 'export', 'dump', 'when'],
];

/** The commands that have a use for --wal. */
const WAL_COMMANDS = [...LOG_COMMANDS, 'wal'];

/** The options that only some commands have a use for, with the commands, and what to do instead. */
const OPTIONS_OF_SOME: readonly (readonly [
  option: 'hex' | 'decode' | 'showSecrets' | 'wal' | 'compacted',
  commands: readonly string[],
  instead: string,
])[] = [
  ['wal', WAL_COMMANDS, ''],
  ['compacted', LOG_COMMANDS, ''],
  ['hex', HEX_COMMANDS, '; -w json has all bytes in base64'],
  ['decode', DECODE_COMMANDS, ''],
  ['showSecrets', [...DECODE_COMMANDS, 'blame'], ''],
];

const DEFAULT_DB = './mvccw.db';

const INTRODUCTION =
  'Inspect and replay MVCC backends. What is in an etcd file, and what happened to it? Which events would each watcher ' +
  'receive, when, in which batches, and why?';

const EXAMPLES = `
Help topics (mvccw help TOPIC):
${topicLines()}

Examples:
  mvccw history /registry/pods/default/web-0 --db snapshot.db
  mvccw usage --db /var/lib/etcd
  mvccw import snapshot.db       an etcd snapshot becomes ./mvccw.db
  mvccw replay --from-rev 100    what a watcher of everything gets from there on
  mvccw put greeting hello && mvccw get greeting
  mvccw replay --db snapshot.db --from-rev 100 \\
    --watch 'name=pods,key=/registry/pods/,prefix'

Exit status:
  0 fine   1 found a problem or a difference   2 usage
  3 the file is not what it claims
  4 not there (compacted, future revision, no such lease or watcher)
  5 I/O, or full   70 a bug   129, 130, 143 ended by a signal: 128 and its number`;

/** The commands that speak of all commands. */
const SPEAK_OF_ALL = ['completion', 'help'];

/** Returns the program. Each command that `argv` may mean is complete; the others are only names in the help. */
export async function buildProgram(context: Context): Promise<Command> {
  const program = new Command('mvccw');
  program
    .description(INTRODUCTION)
    .version(VERSION, '-V, --version', 'print the version')
    .addOption(
      new Option(
        '--db <path>',
        'the database of mvccw, or an etcd file (also .gz) or data directory, which is only read',
      )
        .default(context.io.env.MVCCW_DB || DEFAULT_DB, `$MVCCW_DB, else ${DEFAULT_DB}`)
        .argParser(parsePath),
    )
    .addOption(
      new Option(
        '--wal <directory>',
        'the write-ahead log that goes on from the etcd file of --db: member/wal of a data directory (also $MVCCW_WAL); alone: only the log',
      )
        .default(context.io.env.MVCCW_WAL || undefined)
        .argParser(parseLogPath),
    )
    .option('--compacted', 'of a data directory, read only the database, as it was compacted, and not the log')
    .addOption(new Option('-w, --write-out <format>', 'how to print results').choices(OUTPUT_FORMATS).default('simple'))
    .option('--hex', `${HEX_COMMANDS.join(', ')}: print the bytes of keys and values as hex (simple and table)`)
    .addOption(
      new Option(
        '--decode <mode>',
        'how to show values: auto recognises objects of Kubernetes (see "mvccw help kubernetes"), raw shows the bytes, hex is --hex',
      ).choices(DECODE_MODES),
    )
    .option('--show-secrets', 'show the data of Secrets, which --decode auto hides')
    .addHelpText('after', helpText(EXAMPLES))
    .hook('preAction', refuseIdleOptions)
    .hook('preAction', (_, command) => {
      const isDefault = program.getOptionValueSource('db') === 'default';
      if (isDefault) checkVariable(context.io.env.MVCCW_DB, 'the path of the database', 'give the path with --db');
      checkVariable(context.io.env.MVCCW_WAL, 'the path of the log', 'give the path with --wal');
      // Without a database, the log is what is read.
      const { wal } = program.opts<SharedOptions>();
      if (wal === undefined || !isDefault || context.io.env.MVCCW_DB) return;
      const [name] = pathOf(command).split(' ').slice(1);
      if (name === 'import' || !WAL_COMMANDS.includes(name!)) return;
      program.setOptionValueWithSource('db', wal, program.getOptionValueSource('wal'));
      program.setOptionValue('wal', undefined);
    });

  program.helpCommand(false);
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

/** Throws USAGE for an option with a command for which it would change nothing. */
function refuseIdleOptions(program: Command, command: Command): void {
  const given = program.opts<SharedOptions>();
  const words = pathOf(command).split(' ').slice(1);
  for (const [option, commands, instead] of OPTIONS_OF_SOME) {
    const isGiven = given[option] !== undefined && program.getOptionValueSource(option) !== 'default';
    if (!isGiven || commands.includes(words[0]!)) continue;
    throw new MvccwError('USAGE', `${flagName(option)} is not for ${words.join(' ')}`, {
      hint: `it is for ${commands.join(', ')}${instead}`,
    });
  }
}

function parsePath(text: string): string {
  if (text !== '') return argPath(text);
  throw new MvccwError('USAGE', 'the path of --db is empty', {
    hint: `without --db it is that of $MVCCW_DB, else ${DEFAULT_DB}`,
  });
}

function parseLogPath(text: string): string {
  if (text !== '') return argPath(text);
  throw new MvccwError('USAGE', 'the path of --wal is empty', { hint: 'is a variable of the shell not set?' });
}

/** Makes a command and those below it throw instead of exiting, and print through the context. */
function configure(command: Command, context: Context): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions, subcommandTerm })
    .configureOutput({
      writeOut: (text) => void context.out.write(utf8(text)),
      writeErr: (text) => void context.err.write(utf8(text)),
      outputError: (text, write) => write(`${text.replace(/^error: /, 'Error: ')}${usageNote(command, text)}`),
      getOutHelpWidth: () => context.io.stdout.columns ?? DEFAULT_WIDTH,
      getErrHelpWidth: () => context.io.stderr.columns ?? DEFAULT_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  const usage = command.createHelp().commandUsage(command);
  command.showHelpAfterError(`Usage: ${usage}\nSee '${pathOf(command)} --help'`);
  for (const subcommand of command.commands) configure(subcommand, context);
}

/** Returns the names of a command. Its arguments are in its own help. */
function subcommandTerm(command: Command): string {
  return [command.name(), ...command.aliases()].join(', ');
}

/** Returns a command as people type it: `mvccw watcher add`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
