// What a command's help says below its options, and a help topic, fitted to the width of the terminal. Prose and the items
// of lists are filled. An indented line stays as it is where it fits; else what stands behind a gap in it is filled in its
// column, or, where that begins too far to the right, on lines of its own. A command behind "$", with what it prints, is
// never changed.

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

/** A part of a text that is fitted by itself. */
interface Piece {
  readonly kind: 'prose' | 'item' | 'entry' | 'command';
  text: string;
}

/** The text in lines of at most `columns`, as far as it can be broken. */
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

/** Whether a line belongs to the piece above it. */
function goesOn({ kind, text }: Piece, line: string): boolean {
  const indent = line.search(/\S/);
  if (kind === 'command') return indent > 0;
  if (kind === 'item') return indent === 2;
  if (kind === 'prose') return indent === 0 && kindOf(line) === 'prose';
  return indent > 0 && indent === columnOf(text);
}

/** The column in which an entry goes on; 0 for a line without a gap, or with one too far to the right. */
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

/** An indent, the words before a gap, the gap, and what is filled. */
const ENTRY = /^( +)(.*?\S)( {2,})(\S.*)$/;

function fitEntry(line: string, width: number): string {
  const [, indent = '', first = '', , rest = ''] = ENTRY.exec(line) ?? [];
  if (line.length <= width || rest === '') return line;
  const column = columnOf(line);
  if (column > 0) return fill(line, width, column);
  const below = `${indent}    `;
  return `${indent}${first}\n${fill(below + rest, width, below.length)}`;
}
