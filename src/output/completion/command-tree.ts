// Collects what a completion script has to know of a command line, as plain data.

/** What the value of an option, or an argument, may be. */
export type CompletionValue =
  /** One of these words. */
  | readonly string[]
  /** The name of a file or directory. */
  | 'path'
  /** Anything: nothing is proposed. */
  | 'any';

export interface CompletionOption {
  /** The names with their dashes, the short one first. */
  readonly names: readonly string[];
  readonly description: string;
  /** The value; undefined for an option that takes none. */
  readonly value: CompletionValue | undefined;
}

export interface CompletionCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly options: readonly CompletionOption[];
  /** What the first argument of the command may be. */
  readonly argument: CompletionValue | undefined;
  readonly subcommands: readonly CompletionCommand[];
}

export interface PlacedCommand extends CompletionCommand {
  /** The names of the commands down to this one, without the program's: ['watcher', 'add']. */
  readonly path: readonly string[];
}

/** Returns the program and all commands below it, each without the program's own options, which any command takes. */
export function allCommands(program: CompletionCommand): PlacedCommand[] {
  const shared = new Set(program.options.flatMap(({ names }) => names));
  const isOwn = ({ names }: CompletionOption) => !names.some((name) => shared.has(name));
  const below = (command: CompletionCommand, path: readonly string[]): PlacedCommand[] => [
    { ...command, path },
    ...command.subcommands.flatMap((subcommand) => below(subcommand, [...path, subcommand.name])),
  ];
  const [first, ...others] = below(program, []);
  return [first!, ...others.map((command) => ({ ...command, options: command.options.filter(isOwn) }))];
}

/** Returns the first sentence or clause of a description, on one line. */
export function brief(description: string): string {
  return description.split(/[;\n]/, 1)[0]!.trim();
}
