// A note follows a usage error: the options that there are, or what mvccw has in place of a command that needs a server.

import type { Command, Option } from 'commander';

const ABOUT_THE_DATABASE = '"mvccw status" and "mvccw hash" tell of the database';
const NO_SERVER = 'there is no server: who may use the database is a matter of its file permissions';

/** The commands and options of etcdctl that only a server has, with the hint for each. */
const OF_A_SERVER: ReadonlyMap<string, string> = new Map([
  ['endpoint', ABOUT_THE_DATABASE],
  ['member', ABOUT_THE_DATABASE],
  ['alarm', ABOUT_THE_DATABASE],
  ['check', ABOUT_THE_DATABASE],
  ['snapshot', '"mvccw import FILE" makes a database of a snapshot, and --db FILE reads it as it is'],
  ['auth', NO_SERVER],
  ['user', NO_SERVER],
  ['role', NO_SERVER],
  ['--endpoints', 'the database is named with --db or $MVCCW_DB'],
  ['--user', NO_SERVER],
]);

/** Returns the lines that follow the text of an error, each with its newline. */
export function usageNote(command: Command, error: string): string {
  const [, kind, word = ''] = /^error: unknown (option|command) '([^'=]*)/.exec(error) ?? [];
  const hint = OF_A_SERVER.get(word) ?? (kind === 'option' ? dashHint(command, word) : undefined);
  return (kind === 'option' ? optionNames(command) : '') + (hint === undefined ? '' : `Hint: ${hint}\n`);
}

function optionNames(command: Command): string {
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...visibleGlobalOptions(command)];
  const names = `Options are ${options.map(({ long, short }) => long ?? short).join(', ')}\n`;
  return help.boxWrap(names, command.configureOutput().getErrHelpWidth!());
}

/** Returns a hint for an option that may be meant as a key or a value. */
function dashHint(command: Command, option: string): string | undefined {
  if (option.startsWith('--') || command.registeredArguments.length === 0) return undefined;
  return 'an argument that begins with a dash goes behind "--"';
}

/** Returns the shared options, which the help of each command repeats, without --version. */
export function visibleGlobalOptions(command: Command): Option[] {
  const options: Option[] = [];
  for (let above = command.parent; above !== null; above = above.parent) {
    options.push(...above.options.filter((option) => option.long !== '--version'));
  }
  return options;
}
