// Brings a command line into the one form that commander and the flag library of etcdctl read alike: --name=VALUE for a
// flag with a value, --name for a switch that is on, and nothing for a switch that is off.

import { type Command, Option } from 'commander';
import { flagWords, parseSwitch } from '../requests/flag-words.js';

/** The help option. commander adds it to each command, but not to the command's list of options. */
const HELP = new Option('-h, --help');

/** Returns `argv` in that form; arguments and unknown flags stay as they are. Throws USAGE. */
export function plainFlags(argv: readonly string[], program: Command): string[] {
  let command: Command | undefined = program;
  const options = [...program.options, HELP];
  const plain: string[] = [];
  const find = (name: string) => options.find(({ long, short }) => long === name || short === name);
  for (const piece of flagWords(argv, { find, takesValue: ({ required }) => required })) {
    if ('behindSeparator' in piece) {
      plain.push('--', ...piece.behindSeparator);
    } else if ('unknown' in piece) {
      plain.push(piece.unknown);
    } else if ('argument' in piece) {
      plain.push(piece.argument);
      command = command?.commands.find((one) => isNamed(one, piece.argument));
      options.unshift(...(command?.options ?? []));
    } else {
      addFlag(plain, piece.flag, piece.text);
    }
  }
  return plain;
}

function addFlag(plain: string[], { long, required }: Option, text: string | undefined): void {
  const name = long!;
  if (required) {
    plain.push(text === undefined ? name : `${name}=${text}`);
    return;
  }
  const isOn = parseSwitch(text!, name);
  // When a switch is given twice, the last one counts.
  for (let at = plain.indexOf(name); at >= 0; at = plain.indexOf(name)) plain.splice(at, 1);
  if (isOn) plain.push(name);
}

function isNamed(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}
