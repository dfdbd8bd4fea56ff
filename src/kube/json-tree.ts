// Makes a tree of JSON. Numbers stay as they are written, and a name that is there twice stays twice: JSON.parse loses both.

import type { Tree, TreeEntry } from './tree.js';

const MAX_DEPTH = 400;

const BLANKS = ' \t\r\n';
/** Matches a string that stands for what it shows. */
const PLAIN = /^"[\x20\x21\x23-\x5b\x5d-\x7e]*"$/;
const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

/** Returns the tree of JSON text; undefined if it is no JSON, or is nested too deeply. */
export function jsonTree(json: string): Tree | undefined {
  let at = 0;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(json)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function skipBlanks(): void {
    while (at < json.length && BLANKS.includes(json[at]!)) at++;
  }

  function skip(char: string): boolean {
    skipBlanks();
    if (json[at] !== char) return false;
    at++;
    return true;
  }

  function string(): string | undefined {
    skipBlanks();
    if (json[at] !== '"') return undefined;
    const end = endOfString(json, at);
    try {
      const quoted = json.slice(at, end);
      const text = PLAIN.test(quoted) ? quoted.slice(1, -1) : (JSON.parse(quoted) as string);
      at = end;
      return text;
    } catch {
      return undefined;
    }
  }

  /** Reads what stands between brackets, once the first one is read. */
  function series(end: string, item: () => boolean): boolean {
    if (skip(end)) return true;
    do if (!item()) return false;
    while (skip(','));
    return skip(end);
  }

  function value(depth: number): Tree | undefined {
    if (depth > MAX_DEPTH) return undefined;
    if (skip('{')) {
      const entries: TreeEntry[] = [];
      const read = series('}', () => {
        const name = string();
        if (name === undefined || !skip(':')) return false;
        const tree = value(depth + 1);
        if (tree !== undefined) entries.push([name, tree]);
        return tree !== undefined;
      });
      return read ? { is: 'map', entries } : undefined;
    }
    if (skip('[')) {
      const items: Tree[] = [];
      const read = series(']', () => {
        const tree = value(depth + 1);
        if (tree !== undefined) items.push(tree);
        return tree !== undefined;
      });
      return read ? { is: 'list', items } : undefined;
    }
    const text = string();
    if (text !== undefined) return { is: 'text', text };
    const found = take(LITERAL);
    return found === undefined ? undefined : { is: 'literal', text: found };
  }

  const tree = value(0);
  skipBlanks();
  return at === json.length ? tree : undefined;
}

/** Returns where the string ends that begins at `start`; where the text ends if the string does not. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = json.indexOf('"', at);
    if (at < 0) return json.length;
    let backslashes = 0;
    while (json[at - backslashes - 1] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}
