// A transaction runs its success requests when all its comparisons hold, and its failure requests otherwise. All changes
// share one revision. Follows etcd's txn.go and the checks of v3rpc/key.go; there are no nested transactions, as in etcdctl.

import { naming } from '../errors.js';
import type { StoreReader } from '../mvcc/store.js';
import type { WriteTxn } from '../mvcc/write-txn.js';
import { applyDelete, type DeleteRequest, type DeleteResponse } from './delete-request.js';
import { checkDuplicateKeys } from './duplicate-keys.js';
import { applyGet, type GetRequest, type GetResponse, type RangeReader } from './get-request.js';
import { applyPut, type PutRequest, type PutResponse } from './put-request.js';
import { type Compare, holds } from './txn-compare.js';

export type TxnOp = (GetRequest | PutRequest | DeleteRequest) & {
  /** The number of its line, from 1, for messages. */
  readonly line?: number;
};
export type TxnOpResponse = GetResponse | PutResponse | DeleteResponse;

export interface TxnRequest {
  readonly compares: readonly Compare[];
  readonly success: readonly TxnOp[];
  readonly failure: readonly TxnOp[];
}

export interface TxnResponse {
  readonly revision: number;
  readonly succeeded: boolean;
  /** One response for each request of the branch that ran. */
  readonly responses: readonly TxnOpResponse[];
}

/** Throws USAGE for what is wrong in either branch, whatever the store holds. */
export function checkTxn({ success, failure }: TxnRequest): void {
  checkDuplicateKeys(success);
  checkDuplicateKeys(failure);
}

/** Returns true when neither branch can change anything. */
export function isReadOnly({ success, failure }: TxnRequest): boolean {
  return [...success, ...failure].every((op) => op.type === 'get');
}

function chooseBranch(reader: RangeReader, { compares, success, failure }: TxnRequest) {
  const succeeded = compares.every((compare) => holds(reader, compare));
  return { succeeded, ops: succeeded ? success : failure };
}

/** Runs a checked transaction. Throws what its requests throw, and then the caller's write must not be committed. */
export function applyTxn(txn: WriteTxn, request: TxnRequest): TxnResponse {
  const { succeeded, ops } = chooseBranch(txn, request);
  // The window is that of the store before: a read may not ask for the revision that is being made.
  for (const op of ops) {
    const { rev = 0 } = op.type === 'get' ? op : {};
    if (rev > 0) inLine(op, () => txn.checkRevision(rev));
  }
  const responses = ops.map((op) =>
    inLine(op, () => {
      if (op.type === 'put') return applyPut(txn, op);
      return op.type === 'delete' ? applyDelete(txn, op) : applyGet(txn, op);
    }),
  );
  return { revision: txn.revision, succeeded, responses };
}

/** Runs a checked transaction that is read-only. */
export function readTxn(store: StoreReader, request: TxnRequest): TxnResponse {
  const { succeeded, ops } = chooseBranch(store, request);
  const gets = ops.filter((op) => op.type === 'get');
  return { revision: store.currentRev, succeeded, responses: gets.map((op) => inLine(op, () => applyGet(store, op))) };
}

function inLine<T>({ line }: TxnOp, body: () => T): T {
  return line === undefined ? body() : naming(`line ${line}`, body);
}
