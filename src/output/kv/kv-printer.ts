// Defines what a printer of put, get, del, txn and compact offers.

import type { DeleteResponse } from '../../requests/delete-request.js';
import type { GetResponse } from '../../requests/get-request.js';
import type { PutResponse } from '../../requests/put-request.js';
import type { TxnResponse } from '../../requests/txn-request.js';
import type { ValueTeller } from '../kube/value-teller.js';
import type { Style } from '../terminal/style.js';

interface Compacted {
  /** The revision that was compacted at. */
  readonly revision: number;
  /** The store's newest revision. */
  readonly currentRev: number;
}

export interface KvPrinter {
  put(response: PutResponse): Iterable<string>;
  get(response: GetResponse): Iterable<string>;
  delete(response: DeleteResponse): Iterable<string>;
  txn(response: TxnResponse): Iterable<string>;
  compacted(compaction: Compacted): Iterable<string>;
}

export interface KvStyle extends Style {
  /** Whether every byte of keys and values is shown as \xNN. */
  readonly hex: boolean;
  /** Tells what values are; undefined where they are shown as they are. */
  readonly decoding: ValueTeller | undefined;
}
