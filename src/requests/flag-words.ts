// The words of a command line as Go's flag library (pflag) reads them, which etcdctl uses: --name VALUE, --name=VALUE,
// -x VALUE, -x=VALUE, -xVALUE; a switch alone, or with =true or =false; several switches behind one dash; and --,
// behind which every word is an argument.

import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';

/** One piece of a command line. */
export type FlagWord<Flag, Word extends string = string> =
  /** `text` is "true" for a switch that stands alone, and undefined when the value is missing. */
  | { readonly flag: Flag; readonly text: string | undefined }
  | { readonly argument: Word }
  /** A flag that is not there, with its dashes. */
  | { readonly unknown: string }
  /** The words behind `--`. */
  | { readonly behindSeparator: readonly Word[] };

/** Tells whether a flag needs a value; without one it is a switch. */
interface Flags<Flag> {
  /** `name` has its dashes: `--rev` or `-w`. It is asked anew for each word. */
  find(name: string): Flag | undefined;
  takesValue(flag: Flag): boolean;
}

const LONG = /^(--[^-=][^=]*)(?:=([\s\S]*))?$/;

/** Reads one piece after the other; what `find` knows may grow meanwhile. */
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

/** Reads `-abc`: switches, of which the last may be a flag with its value. */
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
