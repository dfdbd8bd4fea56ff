// Reads the options among the words of a line by the table of the request.

import type { Bytes } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { flagWords, parseSwitch } from './flag-words.js';
import { type AnyOptionTable, flagName, isValueOption, withEarlier } from './option-table.js';

interface Words {
  /** The arguments, and the words behind `--`. */
  readonly positional: readonly Bytes[];
  /** The words behind `--`; undefined without `--`. */
  readonly behindSeparator: readonly Bytes[] | undefined;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Separates arguments and options. Throws USAGE. */
export function readOptions(words: readonly Bytes[], table: AnyOptionTable): Words {
  const fields = new Map(Object.keys(table).map((field) => [flagName(field), field]));
  const positional: Bytes[] = [];
  const options: Record<string, unknown> = {};
  let behindSeparator: readonly Bytes[] | undefined;
  const flags = {
    find: (name: string) => fields.get(name),
    takesValue: (field: string) => isValueOption(table[field]!),
  };
  for (const piece of flagWords(words, flags)) {
    if ('unknown' in piece) throw unknownOption(piece.unknown, fields.keys());
    if ('argument' in piece) positional.push(piece.argument);
    else if ('behindSeparator' in piece) ({ behindSeparator } = piece);
    else options[piece.flag] = readValue(table, piece.flag, piece.text, options[piece.flag]);
  }
  return { positional: [...positional, ...(behindSeparator ?? [])], behindSeparator, options };
}

function readValue(table: AnyOptionTable, field: string, text: string | undefined, before: unknown): unknown {
  const option = table[field]!;
  const name = flagName(field);
  if (text === undefined) throw new MvccwError('USAGE', `${name} needs a value`);
  if (!isValueOption(option)) return parseSwitch(text, name);
  return withEarlier(option, option.parse(text, name), before);
}

function unknownOption(word: string, known: Iterable<string>): MvccwError {
  const name = word.split('=')[0]!;
  return new MvccwError('USAGE', `unknown option ${/^[\w-]+$/.test(name) ? name : quoteKey(name)}`, {
    hint: `options are ${[...known].join(', ')}; a word that begins with a dash goes behind "--"`,
  });
}
