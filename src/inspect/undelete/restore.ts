// Makes the transaction that brings keys back: a comparison for each key, so that nothing newer is overwritten, and a put.

import { MvccwError } from '../../errors.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { Store } from '../../mvcc/store.js';
import type { Compare } from '../../requests/txn-compare.js';
import { type RecordSource, readRecord } from '../history/key-history.js';
import { PartCounter } from './parts.js';
import { planUndelete, type Restorable, type UndeletePlan, type UndeleteRequest } from './plan.js';

/** One put that brings a key back. */
export interface Restoration extends Restorable {
  readonly record: StoredRecord;
  /** The lease that the key is attached to; 0 if to none. */
  readonly lease: bigint;
}

export interface LeaseChoice {
  /** Whether a key is attached to the lease that it had. */
  readonly keepLease: boolean;
}

/** Returns the condition under which a key may be put: it is still as it was when this was planned. */
export function conditionOf({ key, modRevision }: Restorable): Compare & { readonly target: 'mod' } {
  return { key, target: 'mod', operator: '=', operand: BigInt(modRevision) };
}

/** Yields the puts, and reads each record only then. */
export function* restorations(
  source: RecordSource,
  restorable: readonly Restorable[],
  { keepLease }: LeaseChoice,
): Iterable<Restoration> {
  for (const item of restorable) {
    const record = readRecord(source, item.put);
    yield { ...item, record, lease: keepLease ? record.lease : 0n };
  }
}

/** Returns the puts of one part, from 1. Reads all records. Throws KEY_NOT_FOUND if there are not so many parts. */
export function partOf(source: RecordSource, restorable: readonly Restorable[], part: number): readonly Restorable[] {
  const counter = new PartCounter();
  const wanted = restorable.filter((item) => counter.add(readRecord(source, item.put)) === part);
  if (wanted.length > 0 || counter.part === 0) return wanted;
  throw new MvccwError('KEY_NOT_FOUND', `there is no part ${part}: what can be brought back has ${counter.part}`);
}

export interface Undeletion {
  readonly plan: UndeletePlan;
  /** The revision of the transaction; undefined if there was nothing to bring back. */
  readonly revision: number | undefined;
}

/**
 * Brings keys back. The plan is made within the transaction, so that what others have put and deleted until then is in
 * it. Throws LEASE_NOT_FOUND.
 */
export function undelete(store: Store, request: UndeleteRequest, choice: LeaseChoice): Undeletion {
  const source = { store, indexed: true };
  const { result, revision, events } = store.write((txn) => {
    const plan = planUndelete(source, request);
    for (const { key, record, lease } of restorations(source, plan.restorable, choice)) {
      txn.put(key, record.keyValue().value, lease);
    }
    return plan;
  });
  return { plan: result, revision: events.length > 0 ? revision : undefined };
}
