// Breaks text for people into lines at spaces. Text for a pipe, which has no columns, stays one line.

import { textWidth } from './width.js';

/**
 * Returns lines of at most `columns`; a longer word has a line of its own. All but the first begin with `hang` spaces.
 */
export function fill(text: string, columns: number | undefined, hang = 0): string {
  if (columns === undefined || textWidth(text) <= columns) return text;
  // The words need room beside a wide name too.
  const indent = ' '.repeat(Math.min(hang, Math.floor(columns / 2)));
  const [first = '', ...words] = text.split(' ');
  const lines: string[] = [];
  let line = first;
  let width = textWidth(line);
  for (const word of words) {
    const wordWidth = textWidth(word);
    if (line.trimEnd() !== '' && width + 1 + wordWidth > columns) {
      lines.push(line.trimEnd());
      line = indent + word;
      width = indent.length + wordWidth;
    } else {
      line = `${line} ${word}`;
      width += 1 + wordWidth;
    }
  }
  return [...lines, line].join('\n');
}
