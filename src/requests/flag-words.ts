// Reads the words of a command line as pflag does, the flag library of etcdctl. A flag is given as --name VALUE,
// --name=VALUE, -x VALUE, -x=VALUE or -xVALUE. A switch stands alone, or with =true or =false; several switches may share
// one dash. Every word behind -- is an argument.

import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';

/** A piece of a command line. */
export type FlagWord<Flag, Word extends string = string> =
  /** `text` is "true" for a switch that stands alone, and undefined when the value is missing. */
  | { readonly flag: Flag; readonly text: string | undefined }
  | { readonly argument: Word }
  /** A flag that is not there, with its dashes. */
  | { readonly unknown: string }
  /** The words behind `--`. */
  | { readonly behindSeparator: readonly Word[] };

/** The flags that there are. */
interface Flags<Flag> {
  /** Returns the flag of that name, which has its dashes: `--rev` or `-w`. */
  find(name: string): Flag | undefined;
  /** Returns true for a flag that needs a value, and false for a switch. */
  takesValue(flag: Flag): boolean;
}

const LONG = /^(--[^-=][^=]*)(?:=([\s\S]*))?$/;

/** Yields one piece after the other. `find` is called for each word, and may know more flags each time. */
export function* flagWords<Flag, Word extends string>(
  words: readonly Word[],
  flags: Flags<Flag>,
): Generator<FlagWord<Flag, Word>> {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') {
      yield { behindSeparator: words.slice(at + 1) };
      return;
    }
    const next = (): string | undefined => words[++at];
    if (word.startsWith('--')) yield readLong(word, flags, next);
    else if (word.startsWith('-') && word.length > 1) yield* readShort(word, flags, next);
    else yield { argument: word };
  }
}

function readLong<Flag>(word: string, flags: Flags<Flag>, next: () => string | undefined): FlagWord<Flag, never> {
  const [, name = '', attached] = LONG.exec(word) ?? [];
  const flag = flags.find(name);
  if (flag === undefined) return { unknown: word };
  return { flag, text: attached ?? (flags.takesValue(flag) ? next() : 'true') };
}

/** Reads `-abc`: switches, and at the end perhaps a flag with its value. */
function* readShort<Flag>(
  word: string,
  flags: Flags<Flag>,
  next: () => string | undefined,
): Generator<FlagWord<Flag, never>> {
  for (let at = 1; at < word.length; at++) {
    const name = `-${word[at]}`;
    const flag = flags.find(name);
    const rest = word.slice(at + 1);
    if (flag === undefined) {
      yield { unknown: at === 1 ? word : name };
      return;
    }
    if (rest.length > 1 && rest[0] === '=') {
      yield { flag, text: rest.slice(1) };
      return;
    }
    if (flags.takesValue(flag)) {
      yield { flag, text: rest === '' ? next() : rest };
      return;
    }
    yield { flag, text: 'true' };
  }
}

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** Returns what Go's ParseBool makes of the value of a switch. Throws USAGE, naming the flag. */
export function parseSwitch(text: string, name: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw new MvccwError('USAGE', `${name}: ${quoteText(text)} is neither true nor false`);
}
