// Measures, pads and cuts text for a terminal. Chinese, Japanese and Korean characters and emoji take two columns,
// combining marks none. All code that aligns, fills or cuts text measures it here.

import { createRequire } from 'node:module';
import type stringWidth from 'string-width';

const require = createRequire(import.meta.url);

/** Matches text in which each character takes one column. */
const ASCII = /^[\x20-\x7e]*$/;

const ELLIPSIS = '…';

let measure: typeof stringWidth | undefined;

/** Loads the library. Only text beyond ASCII needs it, and loading it takes as long as the rest of a short run. */
function measureText(): typeof stringWidth {
  try {
    return (require('string-width') as { readonly default: typeof stringWidth }).default;
  } catch (error) {
    // Node.js before 20.19 cannot load the library this way. Each character counts as one column there.
    if ((error as NodeJS.ErrnoException).code === 'ERR_REQUIRE_ESM') return (text) => [...text].length;
    throw error;
  }
}

/** Returns the number of columns that a line of text without colours takes. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  measure ??= measureText();
  return measure(text);
}

export function widestOf(texts: readonly string[]): number {
  return texts.reduce((widest, text) => Math.max(widest, textWidth(text)), 0);
}

/** Adds spaces after the text; a wider text stays as it is. */
export function padText(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}

/**
 * Shortens text to `columns`, which is at least 1. The ellipsis is in the middle, because keys often differ at the end.
 */
export function cutText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  const characters = charactersOf(text);
  const tail = partOf(characters.toReversed(), Math.floor((columns - 1) / 2)).reverse();
  const head = partOf(characters, columns - 1 - textWidth(tail.join('')));
  return `${head.join('')}${ELLIPSIS}${tail.join('')}`;
}

/** Matches an escape of mvccw, which makes no sense in parts, or the text between two escapes. */
const ESCAPE_OR_TEXT = /\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|.)|[^\\]+|\\/gs;

/** Splits text into escapes and what people see as one character. */
function charactersOf(text: string): string[] {
  return (text.match(ESCAPE_OR_TEXT) ?? []).flatMap((part) => {
    if (part.startsWith('\\')) return [part];
    if (ASCII.test(part)) return [...part];
    return Array.from(new Intl.Segmenter().segment(part), ({ segment }) => segment);
  });
}

/** Returns the first characters, as many as fit into `columns`. */
function partOf(characters: readonly string[], columns: number): string[] {
  let width = 0;
  let count = 0;
  while (count < characters.length && width + textWidth(characters[count]!) <= columns) {
    width += textWidth(characters[count]!);
    count++;
  }
  return characters.slice(0, count);
}
