// Fits help texts and help topics to the width of the terminal. Prose and the items of lists are filled. An indented
// line that fits stays as it is. In a longer one, the words after a gap are filled in their column, or on lines of
// their own when that column is too far to the right. A command after "$" and its output are never changed.

import { fill } from './fill.js';

const MAX_WIDTH = 100;

/** The last column in which words are filled. */
const MAX_COLUMN = 24;

/** The context that commander gives to a help text. */
interface HelpContext {
  readonly error: boolean;
  readonly command: { configureOutput(): { getOutHelpWidth?(): number; getErrHelpWidth?(): number } };
}

/** Returns a help text in the form that addHelpText takes. */
export function helpText(text: string): (context: HelpContext) => string {
  return ({ error, command }) => {
    const { getOutHelpWidth, getErrHelpWidth } = command.configureOutput();
    return fitText(text, (error ? getErrHelpWidth : getOutHelpWidth)?.() ?? MAX_WIDTH);
  };
}

/** A part of a text that is fitted by itself. */
interface Piece {
  readonly kind: 'prose' | 'item' | 'entry' | 'command';
  text: string;
}

/** Returns the text in lines of at most `columns`, as far as it can be broken. */
export function fitText(text: string, columns: number): string {
  const width = Math.min(columns, MAX_WIDTH);
  return piecesOf(text)
    .map((piece) => fitPiece(piece, width))
    .join('\n');
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const line of text.split('\n')) {
    const last = pieces.at(-1);
    if (last === undefined || !goesOn(last, line)) pieces.push({ kind: kindOf(line), text: line });
    else last.text += last.kind === 'command' ? `\n${line}` : ` ${line.trimStart()}`;
  }
  return pieces;
}

function kindOf(line: string): Piece['kind'] {
  if (line.startsWith('  $ ')) return 'command';
  if (line.startsWith('- ')) return 'item';
  return /^\S/.test(line) ? 'prose' : 'entry';
}

/** Tells whether a line belongs to the piece above it. */
function goesOn({ kind, text }: Piece, line: string): boolean {
  const indent = line.search(/\S/);
  if (kind === 'command') return indent > 0;
  if (kind === 'item') return indent === 2;
  if (kind === 'prose') return indent === 0 && kindOf(line) === 'prose';
  return indent > 0 && indent === columnOf(text);
}

/** Returns the column in which an entry goes on; 0 for a line without a gap, or with one too far to the right. */
function columnOf(text: string): number {
  const [, indent = '', first = '', gap = ''] = ENTRY.exec(text) ?? [];
  const column = indent.length + first.length + gap.length;
  return column <= MAX_COLUMN ? column : 0;
}

function fitPiece({ kind, text }: Piece, width: number): string {
  if (kind === 'command') return text;
  if (kind === 'entry') return fitEntry(text, width);
  return fill(text, width, kind === 'item' ? 2 : 0);
}

/** Matches an indent, the words before a gap, the gap, and the words to fill. */
const ENTRY = /^( +)(.*?\S)( {2,})(\S.*)$/;

function fitEntry(line: string, width: number): string {
  const [, indent = '', first = '', , rest = ''] = ENTRY.exec(line) ?? [];
  if (line.length <= width || rest === '') return line;
  const column = columnOf(line);
  if (column > 0) return fill(line, width, column);
  const below = `${indent}    `;
  return `${indent}${first}\n${fill(below + rest, width, below.length)}`;
}
