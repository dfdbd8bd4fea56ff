// Whether a request can have made the records of a revision, and whether it can have made none. Both may be so: of what is
// not known, the answer is that it may be.

import { holdsAs } from '../../mvcc/apply/chosen-branch.js';
import { holdsKey } from '../../mvcc/key-range.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type {
  Compare,
  DeleteRangeRequest,
  Operation,
  PutRequest,
  RaftRequest,
  RequestHeader,
  TxnRequest,
} from '../../wal/request.js';
import type { KeyStates } from './key-states.js';
import type { LogConditions } from './log-conditions.js';
import type { Run } from './places.js';

/** The most places at which it is asked whether a range of keys is empty. */
const MAX_ASKED = 64;

export class RequestEffects {
  constructor(
    private readonly states: KeyStates,
    private readonly conditions: LogConditions,
  ) {}

  /** Yields the revisions of a run that a request can have made. */
  *makes(index: number, request: RaftRequest, { lo, hi }: Run, isFull: boolean): Iterable<number> {
    const { keys, hasRange } = touched(request, false);
    const mains = lo === hi ? [lo] : this.states.revsOf(keys, lo, hi, hasRange || request.kind === 'leaseRevoke');
    for (const main of mains) if (this.mayMake(index, request, main, isFull)) yield main;
  }

  /** Yields the places of a run at which a request can have made no revision. */
  *placesOfNone(index: number, request: RaftRequest, run: Run, isFull: boolean): Iterable<Run> {
    const { keys, hasRange } = touched(request, true);
    const { lo, hi } = run;
    // The answer changes only where a key that the request names does. Of ranges it is only asked for a few places.
    if (hasRange && hi - lo >= MAX_ASKED) {
      yield run;
      return;
    }
    const changes = hasRange
      ? Array.from({ length: hi - lo }, (_, i) => lo + 1 + i)
      : this.states.revsOf(keys, lo + 1, hi, false);
    let from = this.mayMakeNone(index, request, lo, isFull) ? lo : undefined;
    for (const start of changes) {
      const isPlace = this.mayMakeNone(index, request, start, isFull);
      if (isPlace) from ??= start;
      else if (from !== undefined) {
        yield { ...run, lo: from, hi: start - 1 };
        from = undefined;
      }
    }
    if (from !== undefined) yield { ...run, lo: from };
  }

  /** Tells whether a request can have made a revision, all of whose records are there. `isFull`: while NOSPACE was on. */
  private mayMake(index: number, request: RaftRequest, main: number, isFull: boolean): boolean {
    // Most transactions compare revisions, which are known without reading a record.
    if (request.kind === 'txn' && this.branches(request, main - 1).every(isIdle)) return false;
    const records = this.states.recordsOf(main);
    if (records.length === 0 || records[0]!.isEmpty) return false;
    switch (request.kind) {
      case 'put':
        if (isFull || this.conditions.mayWrite(request.header, index, spanOf(request)) === false) return false;
        return records.length === 1 && this.fitsPut(request, records[0]!, main - 1);
      case 'deleteRange':
        if (this.conditions.mayWrite(request.header, index, request) === false) return false;
        return areDeletions(request, records, 0, records.length);
      case 'txn':
        if (isFull && hasPut(request, false)) return false;
        return this.endsOfBranches(request, records, main - 1, new Set([0])).has(records.length);
      case 'leaseRevoke':
        return (
          areDeletions({ key: '', end: '' }, records, 0, records.length) &&
          records.every(({ key }) => (this.states.putAt(key, main - 1)?.lease ?? request.id) === request.id)
        );
      default:
        return false;
    }
  }

  /** Tells whether a request can have changed nothing, if the store stood at a revision. */
  private mayMakeNone(index: number, request: RaftRequest, rev: number, isFull: boolean): boolean {
    switch (request.kind) {
      case 'put':
        return isFull || this.mayBeRefused(index, request.header, request, rev);
      case 'deleteRange':
        if (this.conditions.mayWrite(request.header, index, request) !== true) return true;
        if (request.prevKv && this.conditions.mayRead(request.header, index, request) !== true) return true;
        return this.states.someLive(request, rev) !== true;
      case 'txn':
        if (isFull && hasPut(request, true)) return true;
        return this.mayTxnBeRefused(index, request.header, request, rev) || this.mayChangeNothing(request, rev);
      default:
        return true;
    }
  }

  private fitsPut(put: PutRequest, record: StoredRecord, revBefore: number): boolean {
    if (record.tombstone || record.key !== put.key) return false;
    if (!put.ignoreLease && record.lease !== put.lease) return false;
    const { value } = record.keyValue();
    if (!put.ignoreValue) return value.equals(put.value);
    const before = this.states.putAt(put.key, revBefore);
    return before === undefined || value.equals(before.keyValue().value);
  }

  /** Returns where the records of a transaction can end that begin at one of the places. */
  private endsOfBranches(
    txn: TxnRequest,
    records: readonly StoredRecord[],
    revBefore: number,
    starts: ReadonlySet<number>,
  ): Set<number> {
    const ends = new Set<number>();
    for (const operations of this.branches(txn, revBefore)) {
      let places: Set<number> = new Set(starts);
      for (const operation of operations) places = this.endsOf(operation, records, revBefore, places);
      for (const place of places) ends.add(place);
    }
    return ends;
  }

  private endsOf(
    operation: Operation,
    records: readonly StoredRecord[],
    revBefore: number,
    starts: Set<number>,
  ): Set<number> {
    if (operation.kind === 'range') return starts;
    if (operation.kind === 'txn') return this.endsOfBranches(operation, records, revBefore, starts);
    const ends = new Set<number>();
    for (const start of starts) {
      if (operation.kind === 'put') {
        const record = records[start];
        if (record !== undefined && this.fitsPut(operation, record, revBefore)) ends.add(start + 1);
      } else {
        for (let end = start; end <= records.length && areDeletions(operation, records, start, end); end++)
          ends.add(end);
      }
    }
    return ends;
  }

  /** Returns the branches that a transaction can take. */
  private branches({ compares, success, failure }: TxnRequest, rev: number): readonly (readonly Operation[])[] {
    const held = compares.map((compare) => this.holds(compare, rev));
    if (held.includes(false)) return [failure];
    return held.includes(undefined) ? [success, failure] : [success];
  }

  /** Tells whether a compare holds; undefined if that is not known. */
  private holds(compare: Compare, rev: number): boolean | undefined {
    const { key, end, target, result, number } = compare;
    if (end !== undefined || target === 'unknown' || result === 'unknown') return undefined;
    if (target === 'mod') return holdsAs(result, this.states.modAt(key, rev) - number);
    const put = this.states.putAt(key, rev);
    switch (target) {
      case 'version':
        return holdsAs(result, (put?.version ?? 0) - number);
      case 'create':
        return holdsAs(result, (put?.createRevision ?? 0) - number);
      case 'value':
        return put !== undefined && holdsAs(result, put.keyValue().value.compare(compare.value));
      default: {
        const lease = put?.lease ?? 0n;
        return holdsAs(result, lease < compare.lease ? -1 : lease > compare.lease ? 1 : 0);
      }
    }
  }

  private mayChangeNothing(txn: TxnRequest, rev: number): boolean {
    return this.branches(txn, rev).some((operations) =>
      operations.every((operation) => {
        if (operation.kind === 'put') return false;
        if (operation.kind === 'deleteRange') return this.states.someLive(operation, rev) !== true;
        return operation.kind === 'range' || this.mayChangeNothing(operation, rev);
      }),
    );
  }

  private mayBeRefused(index: number, header: RequestHeader, put: PutRequest, rev: number): boolean {
    if (this.conditions.mayWrite(header, index, spanOf(put)) !== true) return true;
    if (put.prevKv && this.conditions.mayRead(header, index, spanOf(put)) !== true) return true;
    if ((put.ignoreValue || put.ignoreLease) && !this.states.isLive(put.key, rev)) return true;
    // A user needs the right to write all other keys of the lease.
    return put.lease !== 0n && (this.conditions.mayHaveUsers || !this.conditions.hasLease(put.lease, index));
  }

  private mayTxnBeRefused(index: number, header: RequestHeader, txn: TxnRequest, rev: number): boolean {
    if (txn.compares.some((compare) => this.conditions.mayRead(header, index, compare) !== true)) return true;
    return [...txn.success, ...txn.failure].some((operation) => {
      switch (operation.kind) {
        case 'put':
          return this.mayBeRefused(index, header, operation, rev);
        case 'deleteRange':
          return this.conditions.mayWrite(header, index, operation) !== true;
        case 'range':
          // A revision that cannot be read is refused by some members, and by some of their restarts.
          return operation.revision !== 0 || this.conditions.mayRead(header, index, operation) !== true;
        default:
          return this.mayTxnBeRefused(index, header, operation, rev);
      }
    });
  }
}

/** Tells whether a branch only reads. */
function isIdle(operations: readonly Operation[]): boolean {
  return operations.every(({ kind }) => kind === 'range');
}

function spanOf({ key }: PutRequest) {
  return { key, end: undefined };
}

/** Tells whether the records between two places are deletions of keys of a range, in order. */
function areDeletions(
  range: Pick<DeleteRangeRequest, 'key' | 'end'>,
  records: readonly StoredRecord[],
  start: number,
  end: number,
): boolean {
  for (let place = start; place < end; place++) {
    const { tombstone, key } = records[place]!;
    if (!tombstone || !holdsKey(range, key)) return false;
    if (place > start && records[place - 1]!.key >= key) return false;
  }
  return true;
}

/**
 * Tells whether a transaction has a put, in either branch: then NOSPACE refuses it. Those of nested transactions do not
 * count in the releases that were looked at.
 */
function hasPut({ success, failure }: TxnRequest, nestedToo: boolean): boolean {
  return [...success, ...failure].some(
    (operation) => operation.kind === 'put' || (nestedToo && operation.kind === 'txn' && hasPut(operation, true)),
  );
}

interface Touched {
  readonly keys: Set<string>;
  readonly hasRange: boolean;
}

/** Returns the keys that a request names, to change them or also to compare them, and whether it names ranges of them. */
function touched(request: RaftRequest | Operation, withCompares: boolean): Touched {
  switch (request.kind) {
    case 'put':
      return { keys: new Set([request.key]), hasRange: false };
    case 'deleteRange':
      return request.end === undefined
        ? { keys: new Set([request.key]), hasRange: false }
        : { keys: new Set(), hasRange: true };
    case 'txn': {
      const parts = [...request.success, ...request.failure].map((operation) => touched(operation, withCompares));
      const compared = withCompares ? request.compares.filter(({ end }) => end === undefined) : [];
      return {
        keys: new Set([...parts.flatMap(({ keys }) => [...keys]), ...compared.map(({ key }) => key)]),
        hasRange: parts.some(({ hasRange }) => hasRange),
      };
    }
    default:
      return { keys: new Set(), hasRange: false };
  }
}
