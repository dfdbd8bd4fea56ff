// mvccw completion: a script that lets a shell complete the command line of mvccw.

import { Argument, type Command, type Option } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { bashCompletion } from '../output/completion/bash.js';
import type { CompletionCommand, CompletionOption, CompletionValue } from '../output/completion/command-tree.js';
import { fishCompletion } from '../output/completion/fish.js';
import { zshCompletion } from '../output/completion/zsh.js';
import { HELP_TOPICS } from '../output/help-topics/topic-list.js';
import { helpText } from '../output/terminal/help-text.js';
import type { Context } from './context.js';

const SCRIPTS: Readonly<Record<string, (program: CompletionCommand) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const HELP = `
Examples:
  source <(mvccw completion bash)                      in this shell; in ~/.bashrc for all
  source <(mvccw completion zsh)                       the same, behind compinit in ~/.zshrc
  mvccw completion zsh > "\${fpath[1]}/_mvccw"
  mvccw completion fish > ~/.config/fish/completions/mvccw.fish`;

export function defineCompletion(command: Command, { out }: Context): void {
  command
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', helpText(HELP))
    .action(async (shell: string) => {
      let program = command;
      while (program.parent !== null) program = program.parent;
      await out.write(utf8(SCRIPTS[shell]!(describeCommand(program))));
    });
}

const NAMES_OF_PATHS = /\b(path|file|directory|folder)\b/i;

function describeValue(name: string, choices: readonly string[] | undefined): CompletionValue {
  return choices ?? (NAMES_OF_PATHS.test(name) ? 'path' : 'any');
}

function describeOption(option: Option): CompletionOption {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  const takesValue = option.required || option.optional;
  const value = takesValue ? describeValue(option.flags, option.argChoices) : undefined;
  return { names, description: option.description, value };
}

/** The command whose arguments are the names of the other commands. */
const HELP_COMMAND = 'help';

function describeCommand(command: Command): CompletionCommand {
  const [argument] = command.registeredArguments;
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const explained = commands.map((one) => one.name()).filter((name) => name !== HELP_COMMAND);
  const topics = command.parent === null ? HELP_TOPICS.map(({ name }) => name) : [];
  const describeBelow = (one: Command): CompletionCommand =>
    one.name() === HELP_COMMAND
      ? { ...describeCommand(one), argument: [...explained, ...topics] }
      : describeCommand(one);
  return {
    name: command.name(),
    aliases: command.aliases(),
    description: command.description(),
    options: help.visibleOptions(command).map(describeOption),
    argument: argument && describeValue(argument.name(), argument.argChoices),
    subcommands: commands.map(describeBelow),
  };
}
