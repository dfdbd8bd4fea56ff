// What a command's help says below its options, fitted to the width of the terminal: prose is filled, each entry
// of a list that dashes begin by itself; lines that are
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
    fitted.push(fill(paragraph.join(' '), width, paragraph[0]!.startsWith('- ') ? 2 : 0));
    paragraph = [];
  };
  for (const line of joinEntries(text.split('\n'))) {
    if (/^- /.test(line) && paragraph.length > 0) endParagraph();
    if (/^\S/.test(line)) {
      paragraph.push(line);
    } else if (paragraph[0]?.startsWith('- ') && /^ {2}\S/.test(line)) {
      paragraph.push(line.trimStart());
    } else {
      if (paragraph.length > 0) endParagraph();
      fitted.push(...fitIndented(line, width));
    }
  }
  if (paragraph.length > 0) endParagraph();
  return fitted.join('\n');
}

/** What stands behind a gap in an indented line, and goes on in lines below it that begin in its column. */
const ENTRY = /^( +)(.*?\S)( {2,})(\S.*)$/;

/** The lines, each entry on one of them. */
function joinEntries(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let column = 0;
  for (const line of lines) {
    const indent = line.search(/\S/);
    if (indent > 0 && indent === column) {
      joined.push(`${joined.pop()} ${line.trimStart()}`);
      continue;
    }
    const rest = ENTRY.exec(line)?.[4] ?? '';
    column = rest === '' || line.length - rest.length > MAX_COLUMN ? 0 : line.length - rest.length;
    joined.push(line);
  }
  return joined;
}

function fitIndented(line: string, width: number): string[] {
  const [, indent = '', first = '', gap = '', rest = ''] = ENTRY.exec(line) ?? [];
  if (line.length <= width || rest === '') return [line];
  const column = indent.length + first.length + gap.length;
  if (column <= MAX_COLUMN) return [fill(line, width, column)];
  const below = `${indent}    `;
  return [indent + first, fill(below + rest, width, below.length)];
}
