// Counts the rows of a database and adds up their sums, from what lies in the file alone: the slow way to the totals
// that each transaction keeps up.

import assert from 'node:assert/strict';
import { TABLE_NAMES, type TableName } from '../../src/mvcc/backend.js';
import { decodeTotals, type Totals } from '../../src/storage/table-totals.js';
import { tamperRows } from './run-cli.js';

const TOTALS_KEY = 'mvccw.totals';
const OWN_KEYS = [TOTALS_KEY, 'mvccw.format'];
const SUM_BYTES = 4;

/** CRC-32 bit by bit, going on from another. */
function slowCrc32(bytes: Uint8Array, start = 0): number {
  let crc = ~start;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Returns the sum of a row, which must be the one at its end. */
function rowSum(table: TableName, key: Buffer, bytes: Buffer): number {
  const value = bytes.subarray(0, -SUM_BYTES);
  const valueSum = slowCrc32(value, slowCrc32(Buffer.from(`mvccw ${table}`)));
  const sum = slowCrc32(key, (valueSum ^ key.length) >>> 0);
  assert.equal(bytes.readUInt32BE(value.length), sum, `${table} ${key.toString('hex')}`);
  return sum;
}

/** Fails unless the totals in the file, and each sum, are those of its rows. Returns the totals. */
export function checkTotals(path: string): Totals {
  const found: Record<string, { rows: number; sum: number }> = {};
  let totals: Totals | undefined;
  let newest: Buffer = Buffer.alloc(0);
  for (const table of [...TABLE_NAMES, 'history']) found[table] = { rows: 0, sum: 0 };
  for (const table of TABLE_NAMES) {
    for (const { key, value } of tamperRows(path, table, (rows) => [...rows.getRange({ start: Buffer.from([0]) })])) {
      if (table === 'meta' && key.toString() === TOTALS_KEY) totals = decodeTotals(value.subarray(0, -SUM_BYTES));
      if (table === 'meta' && OWN_KEYS.includes(key.toString())) continue;
      const part = found[table === 'index' && key[0] !== 0x4c ? 'history' : table]!;
      part.rows++;
      part.sum = (part.sum + rowSum(table, key, value)) % 2 ** 48;
      if (table === 'key') newest = key;
    }
  }
  assert(totals !== undefined, 'there are totals');
  assert.deepEqual(totals.parts, found);
  assert.deepEqual(totals.newest, newest);
  return totals;
}
