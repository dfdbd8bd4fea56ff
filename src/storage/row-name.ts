// Names a row of a table in messages.

import { quoteKey } from '../bytes/key-text.js';
import type { TableName } from '../mvcc/backend.js';
import { nameIndexEntry } from '../mvcc/key-index.js';
import { decodeRevisionKey, formatRevision } from '../mvcc/revision.js';

const LEASE_ID_BYTES = 8;

const NAMES: Readonly<Record<TableName, (key: Buffer) => string>> = {
  key: (key) => `revision ${formatRevision(decodeRevisionKey(key))}`,
  meta: (key) => `meta record ${quoteKey(key.toString('latin1'))}`,
  lease: (key) => `a row of lease ${key.toString('hex', 0, LEASE_ID_BYTES)}`,
  index: nameIndexEntry,
  watch: (key) => `watcher ${quoteKey(key.toString('latin1'))}`,
};

/** Returns the name of a row; of one whose key makes no sense, its bytes. */
export function nameRow(table: TableName, key: Buffer): string {
  try {
    return NAMES[table](key);
  } catch {
    return `table ${table}, the row of key ${key.toString('hex')}`;
  }
}
