// Tells what changed from one value of a key to the next: decoded values by their fields, text by its lines, other bytes
// by size and hash. A value of which something is secret is told only as far as its teller tells it.

import { createHash } from 'node:crypto';
import { diffLists, type Run } from '../../adt/list-diff.js';
import type { FieldChange } from '../../kube/changes.js';
import { printableText } from '../../kube/tree.js';
import type { ValueTeller } from '../kube/value-teller.js';

/** A part of a value that stays, goes or comes: a line, or a whole value that has no lines. */
export interface ChangedPart {
  readonly is: Run['is'];
  readonly text: string;
}

export interface BytesDigest {
  /** As `encrypted by aescbc v1 with the key named key1`; absent if nothing is known but the bytes. */
  readonly what?: string | undefined;
  readonly size: number;
  readonly sha256: string;
}

export type ValueChange =
  /** Both values have the same bytes. */
  | { readonly by: 'nothing' }
  /** There are no changes when only the encoding differs. */
  | { readonly by: 'fields'; readonly fields: readonly FieldChange[] }
  | { readonly by: 'lines'; readonly parts: readonly ChangedPart[] }
  | { readonly by: 'bytes'; readonly before: BytesDigest | undefined; readonly after: BytesDigest | undefined }
  /** Each value as its teller shows it: as hexadecimal, or without what is secret in it. */
  | { readonly by: 'values'; readonly before: string | undefined; readonly after: string | undefined };

/** How values are told. */
export interface ValueStyle {
  readonly teller: ValueTeller;
  /** Whether values are shown as hexadecimal. */
  readonly hex: boolean;
}

/** A value; undefined if it is not there. */
type Value = Buffer | undefined;

/** Returns what changed in the value of a key. */
export function valueChange({ teller, hex }: ValueStyle, key: string, before: Value, after: Value): ValueChange {
  if (before !== undefined && after !== undefined && before.equals(after)) return { by: 'nothing' };
  const fields = teller.changes(key, before, after);
  if (fields !== undefined) return { by: 'fields', fields };
  if (hex || isSecret(teller, key, before) || isSecret(teller, key, after)) {
    const line = (value: Value) => (value === undefined ? undefined : teller.line(key, value));
    return { by: 'values', before: line(before), after: line(after) };
  }
  const sorts = [before, after].map((value) => (value === undefined ? '' : teller.sort(key, value)));
  const [linesBefore, linesAfter] = sorts.some((sort) => sort !== '') ? [] : [before, after].map(linesOf);
  if (linesBefore === undefined || linesAfter === undefined) {
    return { by: 'bytes', before: digestOf(before, sorts[0]), after: digestOf(after, sorts[1]) };
  }
  dropEnds([linesBefore, linesAfter]);
  return { by: 'lines', parts: partsOf(linesBefore, linesAfter) };
}

function isSecret(teller: ValueTeller, key: string, value: Value): boolean {
  return value !== undefined && teller.json(key, value).value === undefined;
}

/** Returns bytes as lines; undefined if they are no text. */
function linesOf(value: Value): string[] | undefined {
  return value === undefined || value.length === 0 ? [] : printableText(value)?.split('\n');
}

/** Drops what stands behind the last newline, if that is nothing in all values: else a newline came or went. */
function dropEnds(values: readonly string[][]): void {
  const present = values.filter((lines) => lines.length > 0);
  if (present.every((lines) => lines[lines.length - 1] === '')) for (const lines of present) lines.pop();
}

function digestOf(value: Value, what = ''): BytesDigest | undefined {
  if (value === undefined) return undefined;
  return { what: what || undefined, size: value.length, sha256: createHash('sha256').update(value).digest('hex') };
}

function partsOf(before: readonly string[], after: readonly string[]): ChangedPart[] {
  const parts: ChangedPart[] = [];
  for (const run of diffLists(before, after)) {
    const [lines, from] = run.is === 'added' ? [after, run.after] : [before, run.before];
    for (const text of lines.slice(from, from + run.count)) parts.push({ is: run.is, text });
  }
  return parts;
}
