// Writes the completion script for bash, 3.2 and later.

import { allCommands, type CompletionCommand, type CompletionValue, type PlacedCommand } from './command-tree.js';

/** Returns the text in single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function propose(value: CompletionValue): string {
  if (value === 'any') return 'return';
  if (value === 'path') return '_mvccw_files; return';
  return `_mvccw_words ${quote(value.join(' '))}; return`;
}

/** Returns a case pattern for words typed after a command path. The program's own options may follow any word. */
function pattern({ path }: PlacedCommand, words: readonly string[]): string {
  const place = path.length === 0 ? '*' : quote(path.join(' '));
  return words.map((word) => `${place}:${word}`).join('|');
}

export function bashCompletion(program: CompletionCommand): string {
  const commands = allCommands(program);
  const skipped = commands.flatMap((command) =>
    command.options.flatMap(({ names, value }) => (value === undefined ? [] : [pattern(command, names)])),
  );
  const descents = commands.flatMap(({ path, subcommands }) =>
    subcommands.map(({ name, aliases }) => {
      const words = [name, ...aliases].map((word) => `${quote(path.join(' '))}:${word}`).join('|');
      return `      ${words}) path=${quote([...path, name].join(' '))} ;;`;
    }),
  );
  const values = commands.flatMap((command) =>
    command.options.flatMap(({ names, value }) =>
      value === undefined ? [] : [`    ${pattern(command, names)}) ${propose(value)} ;;`],
    ),
  );
  const shared = program.options.flatMap(({ names }) => names);
  const places = commands.map(({ path, options, argument, subcommands }) => {
    const own = path.length === 0 ? [] : options.flatMap(({ names }) => names);
    const names = subcommands.flatMap(({ name, aliases }) => [name, ...aliases]);
    return [
      `    ${quote(path.join(' '))})`,
      `      options=${quote([...own, ...shared].join(' '))}`,
      ...(names.length === 0 ? [] : [`      words=${quote(names.join(' '))}`]),
      ...(argument === undefined || argument === 'any' || names.length > 0
        ? []
        : [argument === 'path' ? '      files=1' : `      words=${quote(argument.join(' '))}`]),
      '      ;;',
    ].join('\n');
  });
  return `# Completion of ${program.name} for bash. Load it with: source <(${program.name} completion bash)

_mvccw_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_mvccw_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}

_mvccw() {
  local cur=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local path='' ended='' options='' words='' files='' word i
  COMPREPLY=()
  # --option=value comes as three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi

  # Which command this is: the words so far, but for the values of options.
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == -- ]]; then
      ended=1
      break
    fi
    case "$path:$word" in
      ${skipped.join('|\\\n      ')})
        i=$((i + 1))
        if [[ \${COMP_WORDS[i]} == = ]]; then i=$((i + 1)); fi
        ;;
${descents.join('\n')}
    esac
  done

  if [[ -z $ended ]]; then case "$path:$previous" in
${values.join('\n')}
  esac; fi

  case $path in
${places.join('\n')}
  esac
  if [[ $cur == -* && -z $ended ]]; then
    _mvccw_words "$options"
  elif [[ -n $words ]]; then
    _mvccw_words "$words"
  elif [[ -n $files ]]; then
    _mvccw_files
  fi
}

complete -F _mvccw ${program.name}
`;
}
