// What a usage error of commander's tells beside what is wrong: the options there are, and where to find what etcdctl has
// a server for.

import type { Command, Option } from 'commander';

const ABOUT_THE_DATABASE = '"mvccw status" and "mvccw hash" tell of the database';
const NO_SERVER = 'there is no server: who may use the database is a matter of its file permissions';

/** Commands and options of etcdctl that only a server has. */
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

/** The lines, each with its newline, for the text of an error. */
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

/** What was meant may be a key or a value. */
function dashHint(command: Command, option: string): string | undefined {
  if (option.startsWith('--') || command.registeredArguments.length === 0) return undefined;
  return 'an argument that begins with a dash goes behind "--"';
}

/** The shared options that a command's help repeats: all but the version. */
export function visibleGlobalOptions(command: Command): Option[] {
  const options: Option[] = [];
  for (let above = command.parent; above !== null; above = above.parent) {
    options.push(...above.options.filter((option) => option.long !== '--version'));
  }
  return options;
}
