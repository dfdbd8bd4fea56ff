// etcd bounds a transaction: its requests, and its bytes. More than it takes is cut into parts, each a transaction.

import type { StoredRecord } from '../../mvcc/record.js';

/** What a server takes by default (--max-txn-ops, --max-request-bytes). */
export const MAX_TXN_OPS = 128;
const MAX_REQUEST_BYTES = 1.5 * 1024 * 1024;

/** The bytes around the key and value of a put and its comparison, and around them all: more than they can be. */
const BYTES_A_PUT = 64;
const BYTES_A_TXN = 512;

/** Returns the most bytes that the put of a record and the comparison of its key can take in a request. */
function requestBytes(record: StoredRecord): number {
  const { key, value } = record.keyValue();
  return 2 * key.length + value.length + BYTES_A_PUT;
}

/** Cuts puts into parts as they come, each as large as a server takes. A put that is too large is a part of its own. */
export class PartCounter {
  /** The number of the part that the last put is in, from 1; 0 before the first put. */
  part = 0;
  /** Whether a put is too large for any transaction. */
  hasTooLarge = false;
  private ops = 0;
  private bytes = 0;

  /** Adds the next put, and returns the number of its part. */
  add(record: StoredRecord): number {
    const bytes = requestBytes(record);
    const room = MAX_REQUEST_BYTES - BYTES_A_TXN;
    if (bytes > room) this.hasTooLarge = true;
    if (this.part === 0 || this.ops === MAX_TXN_OPS || this.bytes + bytes > room) {
      this.part++;
      this.ops = 0;
      this.bytes = 0;
    }
    this.ops++;
    this.bytes += bytes;
    return this.part;
  }
}
