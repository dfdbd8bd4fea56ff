// Finds the keys of a range without an index, by reading all records once. An index of a file takes some 300 bytes for
// each revision, in memory; this takes a few dozen bytes for each key of the range.

import type { KeyNumbers } from '../adt/key-numbers.js';
import { NumberColumn } from '../adt/number-column.js';
import { holdsKey, type KeyRange } from './key-range.js';
import type { FoundKey } from './range.js';
import type { StoredRecord } from './record.js';

/**
 * Yields the keys of a range that a read at `atRev` sees, in order. `numbers` are those that the reading of the records
 * gives to their keys.
 */
export function* scannedRange(
  records: Iterable<StoredRecord>,
  numbers: KeyNumbers,
  range: KeyRange,
  atRev: number,
): Iterable<FoundKey> {
  /** 0 for a key that is not there. */
  const mains = new NumberColumn(Float64Array);
  const subs = new NumberColumn(Float64Array);
  for (const { key, main, sub, tombstone, isEmpty } of records) {
    if (main > atRev || isEmpty || !holdsKey(range, key)) continue;
    const number = numbers.add(key);
    mains.set(number, tombstone ? 0 : main);
    subs.set(number, sub);
  }
  const found: string[] = [];
  for (let number = 0; number < numbers.size; number++) if (mains.at(number) > 0) found.push(numbers.keyOf(number));
  for (const key of found.sort()) {
    const number = numbers.add(key);
    yield { key, revision: { main: mains.at(number), sub: subs.at(number) } };
  }
}
