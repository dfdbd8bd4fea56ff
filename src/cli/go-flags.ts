// Flags as Go's programs take them: --flag=true and --flag=false, which commander does not know.

import type { Command, Option } from 'commander';
import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** `argv` as commander takes it: a flag that is true stands alone, one that is false is left out. Throws USAGE. */
export function plainFlags(argv: readonly string[], program: Command): string[] {
  let command = program;
  const options = [...program.options];
  const plain: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') return [...plain, ...argv.slice(at)];
    const [, name, value] = /^(--[a-z-]+)=([\s\S]*)$/.exec(word) ?? [];
    const option = options.find(({ long, short }) => [long, short].includes(name ?? word));
    if (name === undefined || value === undefined || option === undefined || takesValue(option)) {
      plain.push(word);
    } else if (TRUE.includes(value)) {
      plain.push(name);
    } else if (!FALSE.includes(value)) {
      throw new MvccwError('USAGE', `${name}: ${quoteText(value)} is neither true nor false`);
    }
    // The value of an option may look like a flag, or like the name of a command.
    if (name === undefined && option?.required && at + 1 < argv.length) plain.push(argv[++at]!);
    const below = option === undefined ? command.commands.find((one) => isNamed(one, word)) : undefined;
    if (below !== undefined) {
      command = below;
      options.push(...below.options);
    }
  }
  return plain;
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function isNamed(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}
