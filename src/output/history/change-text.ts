// Writes what has changed in a value as a readable diff: a minus before what went, a plus before what came, a blank before
// what stayed near them.

import type { FieldChange } from '../../kube/changes.js';
import { fieldLine } from '../../kube/fields.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { escapeText } from '../terminal/text.js';
import type { BytesDigest, ChangedPart, ValueChange } from './value-change.js';

/** The parts that stay are shown as far as they are so near to a change. */
const CONTEXT_PARTS = 3;

const SIGNS: Readonly<Record<ChangedPart['is'], string>> = { kept: ' ', removed: '-', added: '+' };

/** Returns the diff as lines. */
export function changeText(change: ValueChange, style: Style): string {
  const { colour } = style;
  if (change.by === 'nothing') return `${colour.dim('(the same value)')}\n`;
  if (change.by === 'fields' && change.fields.length === 0)
    return `${colour.dim('(the same fields, encoded otherwise)')}\n`;
  if (change.by !== 'lines')
    return pairsOf(change)
      .map((pair) => pairText(pair, style))
      .join('');
  return nearChanges(change.parts)
    .map((part) => (part === undefined ? `${colour.cyan('...')}\n` : lineText(part.is, escapeText(part.text), style)))
    .join('');
}

/** Returns a whole value, of which nobody can say what is new in it, as lines. */
export function wholeText(value: ValueChange, style: Style): string {
  if (value.by === 'lines') return value.parts.map(({ text }) => lineText('kept', escapeText(text), style)).join('');
  return pairsOf(value)
    .map(({ after = '' }) => lineText('kept', after, style))
    .join('');
}

/** Returns what changed in a few words. */
export function statText(change: ValueChange): string {
  if (change.by === 'nothing') return 'the same value';
  if (change.by !== 'fields' && change.by !== 'lines') {
    return change.before === undefined ? 'new bytes' : change.after === undefined ? 'bytes gone' : 'other bytes';
  }
  const { added, removed } = countsOf(change);
  return `+${added} -${removed} ${change.by}`;
}

/** Returns how many lines or fields came and went; a field with another value is both. */
export function countsOf(change: Extract<ValueChange, { by: 'fields' | 'lines' }>): { added: number; removed: number } {
  if (change.by === 'fields') {
    const count = (side: 'before' | 'after') => change.fields.filter((field) => field[side] !== undefined).length;
    return { added: count('after'), removed: count('before') };
  }
  const count = (is: ChangedPart['is']) => change.parts.filter((part) => part.is === is).length;
  return { added: count('added'), removed: count('removed') };
}

/** What stands in a place before and after; undefined where there is nothing. */
type Pair = Pick<FieldChange, 'before' | 'after'>;

function pairsOf(change: Exclude<ValueChange, { by: 'lines' }>): Pair[] {
  if (change.by === 'nothing') return [];
  if (change.by === 'values') return [change];
  if (change.by === 'bytes') return [{ before: digestText(change.before), after: digestText(change.after) }];
  return change.fields.map(({ path, before, after }) => {
    const told = (text: string | undefined) => (text === undefined ? undefined : fieldLine({ path, text }));
    return { before: told(before), after: told(after) };
  });
}

function pairText({ before, after }: Pair, style: Style): string {
  const removed = before === undefined ? '' : lineText('removed', before, style);
  return removed + (after === undefined ? '' : lineText('added', after, style));
}

function lineText(is: ChangedPart['is'], text: string, { colour }: Style): string {
  const line = `${SIGNS[is]}${text}`;
  return `${is === 'kept' ? line : is === 'added' ? colour.green(line) : colour.red(line)}\n`;
}

function digestText(digest: BytesDigest | undefined): string | undefined {
  if (digest === undefined) return undefined;
  const { what, size, sha256 } = digest;
  return `(${what === undefined ? '' : `${what}, `}${plural(size, 'byte')}, sha256 ${sha256})`;
}

/** Leaves out the parts that stay and are not near to a change; undefined stands for those that are left out. */
function nearChanges(parts: readonly ChangedPart[]): (ChangedPart | undefined)[] {
  const near = new Uint8Array(parts.length);
  for (const [place, { is }] of parts.entries()) {
    if (is !== 'kept') near.fill(1, Math.max(place - CONTEXT_PARTS, 0), place + CONTEXT_PARTS + 1);
  }
  const shown: (ChangedPart | undefined)[] = [];
  for (const [place, part] of parts.entries()) {
    if (near[place] === 1) shown.push(part);
    else if (place === 0 || near[place - 1] === 1) shown.push(undefined);
  }
  return shown;
}
