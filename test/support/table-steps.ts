// This module makes random steps on a table and compares all answers of the table with those of another one.

import assert from 'node:assert/strict';
import type { ByteRange } from '../../src/bytes/byte-range.js';
import type { Entry, ReadTable, Table } from '../../src/mvcc/backend.js';
import { anyBytes } from './arbitraries.js';
import fc from './fast-check.js';

export type TableStep = { readonly key: Buffer; readonly value: Buffer | undefined };

/** The key is mostly one of a dozen, so that a step often meets what an earlier one has left. */
export const tableKey: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 8, arbitrary: fc.array(fc.constantFrom(0, 0x61, 0xff), { minLength: 1, maxLength: 2 }) },
    { weight: 3, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 0xff).map((byte) => Array.from({ length: 1978 }, () => byte)) },
  )
  .map((bytes) => Buffer.from(bytes));

/** The step is a put, or a delete if it has no value. */
export const tableStep: fc.Arbitrary<TableStep> = fc.record({
  key: tableKey,
  value: fc.oneof({ weight: 3, arbitrary: anyBytes(8) }, { weight: 1, arbitrary: fc.constant(undefined) }),
});

export const keyRange: fc.Arbitrary<ByteRange> = fc.record({ gte: tableKey, lt: tableKey }, { requiredKeys: [] });

export function applyStep(table: Table, { key, value }: TableStep): void {
  if (value === undefined) table.delete(key);
  else table.put(key, value);
}

const hex = (entry: Entry | undefined) => entry && `${entry.key.toString('hex')} ${entry.value.toString('hex')}`;

/** Fails unless both tables give the same answers, overall and within each range. */
export function checkAlike(table: ReadTable, wanted: ReadTable, ranges: readonly ByteRange[]): void {
  assert.equal(table.size(), wanted.size(), 'size');
  for (const range of [undefined, ...ranges]) {
    const got = [...table.entries(range)];
    const entries = [...wanted.entries(range)];
    assert.deepEqual(got.map(hex), entries.map(hex), 'entries');
    assert.equal(hex(table.last(range)), hex(wanted.last(range)), 'last');
    for (const entry of table.entries(range)) {
      assert.equal(hex(entry), hex(entries[0]), 'a loop that is left early');
      break;
    }
    for (const key of [range?.gte, range?.lt]) {
      if (key !== undefined) assert.deepEqual(table.get(key), wanted.get(key), 'get');
    }
  }
}
