// Whether the user of a request has the rights to it, as in etcd's apply_auth.go. Whether some rights are checked at all
// depends on the release and on the member: those come back as doubtful.

import type {
  DeleteRangeRequest,
  KeySpan,
  Operation,
  PutRequest,
  RequestHeader,
  TxnRequest,
} from '../../wal/request.js';
import type { AccessControl } from './access-control.js';
import type { AppliedLeases } from './applied-leases.js';
import type { DoubtKind } from './doubt.js';
import type { Access } from './grants.js';
import type { LiveKeys } from './live-keys.js';
import type { Decision } from './open-questions.js';
import type { ReasonName } from './outcome.js';

/** Why a request is refused; with a kind of doubt, if it may not have been checked. */
export interface Denial {
  readonly reason: ReasonName;
  readonly doubt?: DoubtKind | undefined;
  /** How the rule has it if the range is reversed: then the right to it is doubtful too. */
  readonly ofReversed?: Decision | undefined;
}

/** Where an operation stands. */
type Place = 'alone' | 'in transaction' | 'nested';

export class Rights {
  constructor(
    private readonly access: AccessControl,
    private readonly leases: AppliedLeases,
    private readonly live: LiveKeys,
  ) {}

  put(header: RequestHeader, put: PutRequest): Denial | undefined {
    return this.access.isEnabled ? firstSure(this.ofPut(header, put, 'alone')) : undefined;
  }

  deleteRange(header: RequestHeader, del: DeleteRangeRequest): Denial | undefined {
    if (!this.access.isEnabled) return undefined;
    const denials = [...this.ofDelete(header, del, 'alone')];
    // A reversed range has no keys: whether it is refused or not, nothing comes of it.
    return firstSure(denials) ?? denials.find(({ ofReversed }) => ofReversed === 'refused');
  }

  /** Returns the denials of a transaction: a sure one, or else the doubtful ones. */
  *txn(header: RequestHeader, txn: TxnRequest): Iterable<Denial> {
    const denials = [...this.ofTxn(header, txn, 'in transaction')];
    const sure = firstSure(denials);
    if (sure !== undefined) yield sure;
    else yield* denials;
  }

  leaseRevoke(header: RequestHeader, lease: number): Denial | undefined {
    return this.access.isEnabled ? firstSure(this.ofLease(header, lease)) : undefined;
  }

  private *ofTxn(header: RequestHeader, txn: TxnRequest, place: Place): Iterable<Denial> {
    for (const compare of txn.compares) yield* this.check(header, 'read', compare, inPlace(place));
    for (const operation of txn.success) yield* this.ofOperation(header, operation, place);
    for (const operation of txn.failure) yield* this.ofOperation(header, operation, place);
  }

  private *ofOperation(header: RequestHeader, operation: Operation, place: Place): Iterable<Denial> {
    if (operation.kind === 'put') yield* this.ofPut(header, operation, place);
    else if (operation.kind === 'deleteRange') yield* this.ofDelete(header, operation, place);
    else if (operation.kind === 'txn') yield* this.ofTxn(header, operation, 'nested');
    // Members that were not asked take gets out of a transaction, but not out of nested ones.
    else yield* this.check(header, 'read', operation, inPlace(place) ?? 'right to a get');
  }

  private *ofPut(header: RequestHeader, put: PutRequest, place: Place): Iterable<Denial> {
    const doubt = inPlace(place);
    const more = place === 'alone' ? undefined : (doubt ?? 'rights to more than the key of a put');
    yield* this.check(header, 'write', { key: put.key, end: undefined }, doubt);
    if (put.lease !== 0n) yield* this.ofLease(header, this.leases.numberOf(put.lease), more);
    if (put.prevKv) yield* this.check(header, 'read', { key: put.key, end: undefined }, more);
  }

  private *ofDelete(header: RequestHeader, del: DeleteRangeRequest, place: Place): Iterable<Denial> {
    yield* this.check(header, 'write', del, inPlace(place));
    if (del.prevKv) yield* this.check(header, 'read', del, inPlace(place));
  }

  /** Whoever attaches a key to a lease, or revokes it, needs the right to write all of its keys. */
  private *ofLease(header: RequestHeader, lease: number, doubt?: DoubtKind): Iterable<Denial> {
    const keys = this.leases.keys(lease);
    if (keys === undefined || this.access.checkAdmin(header) === undefined) return;
    for (const number of keys) {
      yield* this.check(header, 'write', { key: this.live.keyOf(number), end: undefined }, doubt);
    }
  }

  private *check(
    header: RequestHeader,
    access: Access,
    range: KeySpan,
    doubt: DoubtKind | undefined,
  ): Iterable<Denial> {
    const reason = this.access.check(header, access, range);
    if (isReversed(range) && this.access.hasGrants(header)) {
      yield { reason: 'permission denied', doubt, ofReversed: reason === undefined ? 'applied' : 'refused' };
    } else if (reason !== undefined) yield { reason, doubt };
  }
}

/** Whether a range ends before it begins. */
function isReversed({ key, end }: KeySpan): boolean {
  return end !== undefined && end !== '' && end < key;
}

function inPlace(place: Place): DoubtKind | undefined {
  return place === 'nested' ? 'rights in a nested transaction' : undefined;
}

function firstSure(denials: Iterable<Denial>): Denial | undefined {
  for (const denial of denials) if (denial.doubt === undefined && denial.ofReversed === undefined) return denial;
  return undefined;
}
