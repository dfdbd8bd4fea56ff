// The options among the words of a line, as the commands take them: --name VALUE, --name=VALUE, or --name for a flag.

import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';

/** What an option's text means; a flag alone means "true", and a list grows each time that it is given. */
export type ParseOption = (text: string, name: string) => unknown;
export type Parsers<Options> = { readonly [Name in keyof Options]-?: ParseOption };

/** Of an option without a value. */
export function flag(text: string, name: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new MvccwError('USAGE', `${name}: ${quoteKey(text)} is neither true nor false`);
}

const OPTION = /^--([a-z][a-z-]*)(?:=([\s\S]*))?$/;

interface Words {
  readonly positional: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** Throws USAGE. */
export function readOptions(words: readonly string[], parsers: Readonly<Record<string, ParseOption>>): Words {
  const positional: string[] = [];
  const options: Record<string, unknown> = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') {
      positional.push(...words.slice(at + 1));
      break;
    }
    const [, name, attached] = OPTION.exec(word) ?? [];
    if (name === undefined) {
      if (/^-./.test(word))
        throw new MvccwError('USAGE', `unknown option ${quoteKey(word)}`, {
          hint: 'put -- before words that begin with a dash',
        });
      positional.push(word);
      continue;
    }
    const field = name.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    const parse = Object.hasOwn(parsers, field) ? parsers[field] : undefined;
    if (parse === undefined) {
      const known = Object.keys(parsers).map((field) => `--${field.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`);
      throw new MvccwError('USAGE', `unknown option --${name}`, { hint: `options are ${known.join(', ')}` });
    }
    const text = attached ?? (parse === flag ? 'true' : words[++at]);
    if (text === undefined) throw new MvccwError('USAGE', `--${name} needs a value`);
    const value = parse(text, `--${name}`);
    const before = options[field];
    options[field] = Array.isArray(value) && Array.isArray(before) ? [...before, ...value] : value;
  }
  return { positional, options };
}
