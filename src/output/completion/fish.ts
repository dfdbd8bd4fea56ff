// Writes the completion script for fish.

import {
  allCommands,
  brief,
  type CompletionCommand,
  type CompletionOption,
  type CompletionValue,
} from './command-tree.js';

/** Returns the text in single quotes. */
function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}

function optionNames(names: readonly string[]): string {
  return names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
}

function action(value: CompletionValue): string {
  if (value === 'path') return '-r -F';
  return value === 'any' ? '-x' : `-x -a ${quote(value.join(' '))}`;
}

function optionLine(start: string, { names, description, value }: CompletionOption): string {
  const parts = [start, optionNames(names), ...(value === undefined ? [] : [action(value)])];
  return `${parts.join(' ')} -d ${quote(brief(description))}`;
}

export function fishCompletion(program: CompletionCommand): string {
  const { name } = program;
  const commands = allCommands(program);
  const skipped = commands.flatMap(({ path, options }) =>
    options.flatMap(({ names, value }) =>
      value === undefined ? [] : names.map((word) => quote(`${path.length === 0 ? '*' : path.join(' ')}:${word}`)),
    ),
  );
  const descents = commands.flatMap(({ path, subcommands }) =>
    subcommands.map((subcommand) => {
      const words = [subcommand.name, ...subcommand.aliases].map((word) => quote(`${path.join(' ')}:${word}`));
      return `      case ${words.join(' ')}\n        set path ${quote([...path, subcommand.name].join(' '))}`;
    }),
  );
  const lines = commands.flatMap(({ path, options, argument, subcommands }) => {
    const start = `complete -c ${name} -n ${quote(`__mvccw_at ${quote(path.join(' '))}`)}`;
    return [
      ...subcommands.flatMap(({ name: word, aliases, description }) =>
        [word, ...aliases].map((alias) => `${start} -a ${alias} -d ${quote(brief(description))}`),
      ),
      ...(path.length === 0 ? [] : options.map((option) => optionLine(start, option))),
      ...(argument === 'path' ? [`${start} -F`] : []),
      ...(argument === undefined || argument === 'path' || argument === 'any'
        ? []
        : [`${start} -a ${quote(argument.join(' '))}`]),
    ];
  });
  return `# Completion of ${name} for fish. Load it with: ${name} completion fish | source

# Whether the words so far, but for the values of options, name this command.
function __mvccw_at
  set -l path ''
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch "$path:$word"
      case ${skipped.join(' ')}
        set skip 1
${descents.join('\n')}
    end
  end
  test "$path" = "$argv[1]"
end

complete -c ${name} -f
${program.options.map((option) => optionLine(`complete -c ${name}`, option)).join('\n')}
${lines.join('\n')}
`;
}
