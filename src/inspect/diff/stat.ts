// Adds up a difference by key prefix.

import { type Levels, prefixOf } from '../key-prefix.js';
import type { ChangeKind, KeyChange } from './diff.js';

export interface PrefixChanges extends Record<ChangeKind, number> {
  readonly prefix: string;
  /** The bytes of the keys that differ and of their values, on each side. */
  readonly bytes: [number, number];
}

const LEVELS: Levels = { prefix: '', separator: '/' };

/** Returns the prefixes under which keys differ, in key order. */
export function changesByPrefix(changes: Iterable<KeyChange>, depth: number): readonly PrefixChanges[] {
  const byPrefix = new Map<string, PrefixChanges>();
  for (const { change, key, a, b } of changes) {
    const prefix = prefixOf(key, depth, LEVELS);
    let row = byPrefix.get(prefix);
    if (row === undefined) {
      row = { prefix, added: 0, removed: 0, changed: 0, bytes: [0, 0] };
      byPrefix.set(prefix, row);
    }
    row[change]++;
    if (a !== undefined) row.bytes[0] += key.length + a.value.length;
    if (b !== undefined) row.bytes[1] += key.length + b.value.length;
  }
  return [...byPrefix.values()].sort((x, y) => (x.prefix < y.prefix ? -1 : 1));
}
