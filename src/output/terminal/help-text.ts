// What a command's help says below its options, fitted to the width of the terminal: prose is filled; lines that are
// indented stay as they are, but where one is too long, what stands behind a gap is filled in its column, or, where that
// begins too far to the right, on lines of its own.

import { fill } from './fill.js';

const MAX_WIDTH = 100;

/** Further to the right nothing is filled. */
const MAX_COLUMN = 24;

/** What commander hands to a text of help. */
interface HelpContext {
  readonly error: boolean;
  readonly command: { configureOutput(): { getOutHelpWidth?(): number; getErrHelpWidth?(): number } };
}

/** For addHelpText. */
export function helpText(text: string): (context: HelpContext) => string {
  return ({ error, command }) => {
    const { getOutHelpWidth, getErrHelpWidth } = command.configureOutput();
    return fitText(text, (error ? getErrHelpWidth : getOutHelpWidth)?.() ?? MAX_WIDTH);
  };
}

/** The text in lines of at most `columns`, as far as it can be broken. */
export function fitText(text: string, columns: number): string {
  const width = Math.min(columns, MAX_WIDTH);
  const fitted: string[] = [];
  let paragraph: string[] = [];
  const endParagraph = () => {
    fitted.push(fill(paragraph.join(' '), width));
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) {
      paragraph.push(line);
    } else {
      if (paragraph.length > 0) endParagraph();
      fitted.push(...fitIndented(line, width));
    }
  }
  if (paragraph.length > 0) endParagraph();
  return fitted.join('\n');
}

function fitIndented(line: string, width: number): string[] {
  const [, indent = '', first = '', gap = '', rest = ''] = /^( +)(.*?\S)( {2,})(\S.*)$/.exec(line) ?? [];
  if (line.length <= width || rest === '') return [line];
  const column = indent.length + first.length + gap.length;
  if (column <= MAX_COLUMN) return [fill(line, width, column)];
  const below = `${indent}    `;
  return [indent + first, fill(below + rest, width, below.length)];
}
