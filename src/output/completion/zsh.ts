// Writes the completion script for zsh.

import {
  allCommands,
  brief,
  type CompletionCommand,
  type CompletionOption,
  type CompletionValue,
  type PlacedCommand,
} from './command-tree.js';

/** Returns the text in single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns text for an argument of _arguments or _describe. */
function escapeSpec(text: string): string {
  return text.replace(/[\\:[\]]/g, '\\$&');
}

function action(value: CompletionValue): string {
  if (value === 'path') return ':path:_files';
  return value === 'any' ? ':value: ' : `:value:(${value.join(' ')})`;
}

function optionSpec({ names, description, value }: CompletionOption): string {
  const text = `[${escapeSpec(brief(description))}]${value === undefined ? '' : action(value)}`;
  // The long name takes its value after "=" as well.
  const spelled = names.map((name) => (value !== undefined && name.startsWith('--') ? `${name}=` : name));
  if (names.length === 1) return quote(`${spelled[0]}${text}`);
  return `${quote(`(${names.join(' ')})`)}{${spelled.join(',')}}${quote(text)}`;
}

function functionName(path: readonly string[]): string {
  return ['_mvccw', ...path].join('_').replaceAll('-', '_');
}

function functionOf(command: PlacedCommand, shared: readonly CompletionOption[]): string {
  const { path, options, argument, subcommands } = command;
  const specs = [...(path.length === 0 ? [] : options), ...shared].map(optionSpec);
  const first = `${functionName(path)}() {`;
  if (subcommands.length === 0) {
    if (argument !== undefined && argument !== 'any') specs.push(quote(`1${action(argument)}`));
    // Any other word is taken, so that options after it are still proposed.
    specs.push("'*: : '");
    return [first, `  _arguments -s \\\n    ${specs.join(' \\\n    ')}`, '}'].join('\n');
  }
  const described = subcommands.flatMap(({ name, aliases, description }) =>
    [name, ...aliases].map((word) => `        ${quote(`${word}:${escapeSpec(brief(description))}`)}`),
  );
  const descents = subcommands.map(
    ({ name, aliases }) => `        ${[name, ...aliases].join('|')}) ${functionName([...path, name])} ;;`,
  );
  return `${first}
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -s -C \\
    ${[...specs, "'1: :->command'", "'*:: :->arguments'"].join(' \\\n    ')}
  case $state in
    command)
      local -a commands
      commands=(
${described.join('\n')}
      )
      _describe -t commands command commands
      ;;
    arguments)
      case $words[1] in
${descents.join('\n')}
      esac
      ;;
  esac
}`;
}

export function zshCompletion(program: CompletionCommand): string {
  const functions = allCommands(program).map((command) => functionOf(command, program.options));
  return `#compdef ${program.name}
# Completion of ${program.name} for zsh. Load it with: source <(${program.name} completion zsh)
# Or keep it as _${program.name} in a directory of $fpath.

${functions.join('\n\n')}

if [[ $funcstack[1] == _${program.name} ]]; then
  _mvccw "$@"
else
  compdef _mvccw ${program.name}
fi
`;
}
